import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { tale } from './tale.ts';
import type { Tale } from './tale.ts';

const silent = (title: string, of: Tale): void =>
  test(`silent: ${title}`, () => {
    expect(check(of.told())).toEqual([]);
    expect(check(of.seen())).toEqual([]);
  });

describe('non-monotonic send', () => {
  const detail = 't/0: b at 0, sent after a was told at 1';

  test('sent by another after an acknowledgement, and lies before it', () => {
    const of = tale().ok('a', [1, 3], 1).ok('b', [4, 6], 0, { client: 'e' }).final(['b', 'a']);
    expect(check(of.seen())).toEqual([{ rule: 'non-monotonic send', detail }]);
  });

  test('the acknowledgements alone say so', () => {
    const of = tale().ok('a', [1, 3], 1).ok('b', [4, 6], 0);
    expect(check(of.seen()).at(0)).toEqual({ rule: 'non-monotonic send', detail });
  });

  test('the later one is unknown, and was read', () => {
    const of = tale().ok('a', [1, 3], 1).unknown('b', 4).final(['b', 'a']);
    expect(check(of.seen())).toEqual([{ rule: 'non-monotonic send', detail }]);
  });

  test('with a journal: it was also committed before it was sent', () => {
    const of = tale().put('b', 1).ok('a', [2, 4], 1).put('a', 3).ok('b', [5, 6], 0);
    expect(check(of.told()).map(({ rule }) => rule)).toEqual([
      'phantom record',
      'non-monotonic send',
    ]);
  });

  silent(
    'sent at the same time',
    tale().ok('a', [1, 4], 1).ok('b', [3, 6], 0).put('b', 3.1).put('a', 3.2).final(['b', 'a']),
  );
  silent(
    'the second attempt came after, the first before',
    tale()
      .unknown('b', 1)
      .ok('a', [2, 4], 1)
      .put('b', 2.1)
      .put('a', 3)
      .ok('b', [5, 6], 0)
      .final(['b', 'a']),
  );
  silent(
    'what is unknown landed behind what was sent after it',
    tale().unknown('a', 1).ok('b', [2, 4], 0).put('b', 3).put('a', 900).final(['b', 'a']),
  );
  silent(
    'in another partition',
    tale()
      .ok('x', [0, 0.9], 0)
      .ok('a', [1, 3], 1)
      .ok('b', [4, 6], 0, { partition: 1 })
      .put('x', 0.5)
      .put('a', 2)
      .put('b', 5, 'T/1')
      .final(['x', 'a'])
      .final(['b'], 'T/1'),
  );
});

describe('overtaking send', () => {
  const together = { request: 7 };

  test('records of one request lie the other way round', () => {
    const of = tale()
      .ok('a', [1, 4], 1, together)
      .ok('b', [1, 4], 0, together)
      .put('b', 2)
      .put('a', 3)
      .final(['b', 'a']);
    const detail = ': b at 0, sent after a at 1';
    expect(check(of.told())).toEqual([{ rule: 'overtaking send', detail: `T/0${detail}` }]);
    expect(check(of.seen())).toEqual([{ rule: 'overtaking send', detail: `t/0${detail}` }]);
  });

  test('an idempotent producer is overtaken by what was late', () => {
    const producer = { producer: 'p' };
    const of = tale()
      .unknown('a', 1, producer)
      .ok('b', [2, 4], 0, producer)
      .put('b', 3)
      .put('a', 900)
      .final(['b', 'a']);
    const detail = 'T/0: b at 0, sent after a at 1';
    expect(check(of.told())).toEqual([{ rule: 'overtaking send', detail }]);
  });

  silent(
    'records of others lie between',
    tale()
      .ok('a', [1, 5], 0, together)
      .ok('b', [1, 5], 2, together)
      .unknown('x', 1)
      .put('a', 2)
      .put('x', 3)
      .put('b', 4)
      .final(['a', 'x', 'b']),
  );
  silent(
    'one record of a request is in another partition, one is nowhere',
    tale()
      .ok('a', [1, 5], 1, together)
      .ok('b', [1, 5], 0, { ...together, partition: 1 })
      .failed('c', [1, 5], together)
      .ok('d', [0, 5], 0)
      .put('d', 1.5)
      .put('a', 2)
      .put('b', 3, 'T/1')
      .final(['d', 'a'])
      .final(['b'], 'T/1'),
  );
  silent(
    'two requests of one client without a sequence, the first of which was late',
    tale().unknown('a', 1).ok('b', [2, 4], 0).put('b', 3).put('a', 5).final(['b', 'a']),
  );
  silent(
    'an idempotent producer sends the first again, after the second',
    tale()
      .ok('a', [1, 3], 0, { producer: 'p' })
      .ok('b', [4, 6], 1, { producer: 'p' })
      .ok('a', [7, 8], 0, { producer: 'p' })
      .put('a', 2)
      .put('b', 5)
      .final(['a', 'b']),
  );
});
