import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { tale } from './tale.ts';
import type { Tale } from './tale.ts';

const silent = (title: string, of: Tale): void =>
  test(`silent: ${title}`, () => expect(check(of.told())).toEqual([]));

describe('append after deletion', () => {
  const anomaly = { rule: 'append after deletion', detail: 'a at T/0@0' };

  test('after the deletion was answered', () => {
    const of = tale().unknown('a', 1).deletion([2, 4]).marked('T', 3).put('a', 5).told();
    expect(check(of)).toEqual([anomaly]);
  });

  test('after a deletion that found it marked was answered', () => {
    const of = tale()
      .unknown('z', 1)
      .put('z', 1.5, 'S/0')
      .deletion([2, Infinity], { outcome: 'unknown' })
      .marked('S', 3)
      .deletion([3.1, Infinity], { outcome: 'unknown' })
      .marked('T', 4)
      .deletion([5, 7])
      .unknown('a', 1)
      .put('a', 8);
    expect(check(of.told())).toEqual([anomaly]);
  });

  test('the next topic of the name has a record already, whatever became of the deletion', () => {
    const of = tale()
      .unknown('a', 1)
      .deletion([2, Infinity], { outcome: 'unknown' })
      .marked('T', 3)
      .unknown('b', 4)
      .put('b', 5, 'U/0')
      .put('a', 6);
    expect(check(of.told())).toEqual([anomaly]);
  });

  test('the next topic of the name is deleted already', () => {
    const of = tale()
      .unknown('a', 1)
      .deletion([2, Infinity], { outcome: 'unknown' })
      .marked('T', 3)
      .deletion([4, Infinity], { outcome: 'unknown' })
      .marked('U', 5)
      .put('a', 6);
    expect(check(of.told())).toEqual([anomaly]);
  });

  test('it was there when the deletion began, and so it is what was deleted', () => {
    const of = tale()
      .deletion([0, 0.2], { outcome: 'unknown' })
      .marked('S', 0.1)
      .unknown('a', 1)
      .unknown('b', 1)
      .put('b', 1.5)
      .deletion([2, 4])
      .marked('T', 3)
      .put('a', 5);
    const detail = 'a at T/0@1';
    expect(check(of.told())).toEqual([{ rule: 'append after deletion', detail }]);
  });

  silent(
    'marked, and not closed yet',
    tale().unknown('a', 1).deletion([2, 6]).marked('T', 3).put('a', 5),
  );
  silent(
    'the deletion is unknown',
    tale().unknown('a', 1).deletion([2, 4], { outcome: 'unknown' }).marked('T', 3).put('a', 5),
  );
  silent(
    'another topic',
    tale().ok('a', [1, 6], 0, { topic: 'u' }).deletion([2, 4]).marked('T', 3).put('a', 5, 'U/0'),
  );
  silent(
    'the next topic of the name, also when it is marked while the first deletion is still answered',
    tale()
      .unknown('a', 1)
      .put('a', 1.5)
      .deletion([2, 8])
      .marked('T', 3)
      .unknown('b', 4)
      .deletion([5, Infinity], { outcome: 'unknown' })
      .marked('U', 6)
      .put('b', 9, 'U/0'),
  );
});

describe('read after deletion', () => {
  const deleted = (invoked: number): Tale =>
    tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .deletion([4, 6])
      .marked('T', 5)
      .read([invoked, 9], 0, ['a']);

  test('after the deletion was answered', () => {
    const anomaly = { rule: 'read after deletion', detail: 'a at T/0@0 by r' };
    expect(check(deleted(7).told())).toEqual([anomaly]);
  });

  silent('the read began before', deleted(5.5));
});

describe('deletion of another', () => {
  const twice = (): Tale => tale().deletion([1, 5]).marked('T', 2).marked('U', 4);
  const anomaly = { rule: 'deletion of another', detail: 'U of t, after deletions=1' };

  test('one deletion, two topics', () => expect(check(twice().told())).toEqual([anomaly]));

  test('the other one found none', () => {
    const of = twice().deletion([1, 3], { outcome: 'failed' });
    expect(check(of.told())).toEqual([anomaly]);
  });

  silent('one each', twice().deletion([1, 3], { outcome: 'unknown' }));
  silent('one topic, marked twice', tale().deletion([1, 5]).marked('T', 2).marked('T', 4));
});
