import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { record, tale } from './tale.ts';
import type { Tale } from './tale.ts';

const silent = (title: string, of: Tale): void =>
  test(`silent: ${title}`, () => expect(check(of.told())).toEqual([]));

/** `a` at 0, `b` at 1, committed at 2 and 5. */
const two = (): Tale => tale().ok('a', [1, 3], 0).put('a', 2).ok('b', [4, 6], 1).put('b', 5);

describe('divergent read', () => {
  test('an offset has another value for a poll', () => {
    const of = two().read([7, 8], 0, ['b', 'b']).told();
    const detail = 'T/0@0 is a (100), for r b (100)';
    expect(check(of)).toEqual([{ rule: 'divergent read', detail }]);
  });

  test('an offset has another timestamp for a poll', () => {
    const of = two().read([7, 8], 0, ['a+99', 'b']).told();
    const detail = 'T/0@0 is a (100), for r a (99)';
    expect(check(of)).toEqual([{ rule: 'divergent read', detail }]);
  });

  test('one of two readers sees something else at the end', () => {
    const of = two().unknown('c', 0).final(['a', 'b']).final(['a', 'c'], 'T/0', 2, 'g').told();
    expect(check(of)).toEqual([
      { rule: 'unseen', detail: 'b at T/0@1 by g, who saw c' },
      { rule: 'divergent read', detail: 'T/0@1 is b (101), for g c (101)' },
    ]);
  });

  silent(
    'two clients read the same, from different offsets',
    two().read([7, 8], 0, ['a', 'b']).read([7, 8], 1, ['b'], { client: 's' }),
  );
  silent(
    'the same offset of the next topic of this name',
    two()
      .read([7, 8], 0, ['a', 'b'])
      .deletion([9, 11])
      .marked('T', 10)
      .ok('c', [12, 14], 0)
      .put('c', 13, 'U/0')
      .read([15, 16], 0, ['c'], { log: 'U/0' }),
  );
});

describe('gap', () => {
  test('in the log', () => {
    const of = tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .ok('b', [4, 6], 2)
      .put('b', 5, 'T/0', 2)
      .told();
    expect(check(of)).toEqual([{ rule: 'gap', detail: 'commits to T/0: 2 for 1' }]);
  });

  test('the end is beyond what was read of it', () => {
    const of = two().final(['a', 'b'], 'T/0', 3).told();
    expect(check(of)).toEqual([{ rule: 'gap', detail: 'f of T/0: 2 of 3' }]);
  });

  silent('two partitions, each from 0', two().unknown('c', 1).put('c', 7, 'T/1').final(['a', 'b']));
  silent('nothing was ever written', tale().final([]));
});

describe('within a poll', () => {
  test('it skips', () => {
    const records = [record('a', 0), record('c', 2)];
    const of = two().unknown('c', 1).put('c', 7).poll([8, 9], 0, records, { highWatermark: 3n });
    const detail = 'r of t/0 from 0: 2 for 1';
    expect(check(of.told())).toEqual([{ rule: 'skipping poll', detail }]);
  });

  test('it begins behind what was asked for', () => {
    const of = two().poll([7, 8], 0, [record('b', 1)], { highWatermark: 2n });
    const detail = 'r of t/0 from 0: 1 for 0';
    expect(check(of.told())).toEqual([{ rule: 'skipping poll', detail }]);
  });

  test('it goes back', () => {
    const records = [record('a', 0), record('b', 1), record('a', 0)];
    const of = two().poll([7, 8], 0, records, { highWatermark: 2n });
    const detail = 'r of t/0 from 0: 0 for 2';
    expect(check(of.told())).toEqual([{ rule: 'non-monotonic poll', detail }]);
  });

  test('it begins before what was asked for', () => {
    const of = two().poll([7, 8], 1, [record('a', 0), record('b', 1)], { highWatermark: 2n });
    const detail = 'r of t/0 from 1: 0 for 1';
    expect(check(of.told())).toEqual([{ rule: 'non-monotonic poll', detail }]);
  });

  test('its records lie beyond its own end, or its start does', () => {
    const of = two()
      .read([4.5, 7], 0, ['a', 'b'], { highWatermark: 1n })
      .read([4.5, 7], 3, [], { highWatermark: 2n })
      .told();
    expect(check(of)).toEqual([
      { rule: 'read beyond the end', detail: 'r of t/0 from 0: 2 of 1' },
      { rule: 'read beyond the end', detail: 'r of t/0 from 3: 3 of 2' },
    ]);
  });

  test('it gives nothing, although there is something by its own account', () => {
    const of = two().read([7, 8], 1, [], { highWatermark: 2n }).told();
    expect(check(of)).toEqual([{ rule: 'empty poll', detail: 'r of t/0 from 1: end 2' }]);
  });

  silent('it ends before the end', two().read([7, 8], 0, ['a'], { highWatermark: 2n }));
  silent('it is empty at the end', two().read([7, 8], 2, []).read([7, 8], 2, []));
  silent('it is empty where nothing was ever written', tale().read([1, 2], 0, []));
});

describe('across polls', () => {
  const on = { seek: false };

  test('a client that goes on skips', () => {
    const of = two().read([3.5, 3.6], 0, ['a']).read([7, 8], 2, [], on).told();
    const detail = 'r of t/0: from 2, was at 1';
    expect(check(of)).toEqual([{ rule: 'skipping poll', detail }]);
  });

  test('a client that goes on goes back', () => {
    const of = two().read([7, 8], 0, ['a', 'b']).read([9, 10], 1, ['b'], on).told();
    const detail = 'r of t/0: from 1, was at 2';
    expect(check(of)).toEqual([{ rule: 'non-monotonic poll', detail }]);
  });

  test('an empty poll moves nothing', () => {
    const of = two().read([7, 8], 2, []).read([9, 10], 1, ['b'], on).told();
    expect(check(of).map(({ rule }) => rule)).toEqual(['non-monotonic poll']);
  });

  silent('a client seeks back', two().read([7, 8], 0, ['a', 'b']).read([9, 10], 0, ['a', 'b']));
  silent(
    'it seeks, and goes on from there',
    two()
      .read([7, 8], 0, ['a', 'b'])
      .read([9, 10], 0, ['a'], { highWatermark: 2n })
      .read([11, 12], 1, ['b'], on),
  );
  silent(
    'another client, and another partition, have places of their own',
    two()
      .read([7, 8], 0, ['a', 'b'])
      .read([9, 10], 0, ['a', 'b'], { client: 's', seek: false })
      .read([11, 12], 0, [], { ...on, partition: 1 })
      .read([13, 14], 2, [], on),
  );
  silent('the first poll begins anywhere', two().read([7, 8], 1, ['b'], on));
});

describe('uncommitted read', () => {
  test('read before it was committed', () => {
    const of = tale().read([1, 3], 0, ['a']).unknown('a', 2).put('a', 4).told();
    expect(check(of)).toEqual([
      { rule: 'uncommitted read', detail: 'r of T/0: a at 0' },
      { rule: 'uncommitted read', detail: 'r of T/0: end 1 of 0' },
    ]);
  });

  test('read, and never committed', () => {
    const of = two().unknown('c', 1).read([7, 8], 1, ['b', 'c'], { highWatermark: 3n }).told();
    expect(check(of)).toEqual([
      { rule: 'uncommitted read', detail: 'r of T/0: c at 2' },
      { rule: 'uncommitted read', detail: 'r of T/0: end 3 of 2' },
    ]);
  });

  test('read in a log that cannot be known, since nobody committed it', () => {
    const of = tale().unknown('a', 1).read([2, 3], 0, ['a'], { log: undefined }).told();
    expect(check(of)).toEqual([{ rule: 'uncommitted read', detail: 'r of undefined: a at 0' }]);
  });

  test('an end that was not reached yet', () => {
    const of = two().read([3.5, 4.5], 0, ['a'], { highWatermark: 2n }).told();
    expect(check(of)).toEqual([{ rule: 'uncommitted read', detail: 'r of T/0: end 2 of 1' }]);
  });

  silent('committed during the poll', two().read([4.2, 5.5], 0, ['a', 'b']));
  silent('committed, and not acknowledged', two().read([5.1, 5.2], 0, ['a', 'b']));
  silent(
    'an empty poll of a log that cannot be known',
    tale().read([1, 2], 0, [], { log: undefined }),
  );
});

describe('stale read', () => {
  test('a poll ends below what was committed before it began', () => {
    const of = two().read([5.1, 8], 0, ['a']).told();
    expect(check(of)).toEqual([{ rule: 'stale read', detail: 'r of T/0: end 1, was 2 by b' }]);
  });

  test('a listing of the end does', () => {
    const of = two().listed([7, 8], 'latest', 1).told();
    expect(check(of)).toEqual([{ rule: 'stale read', detail: 'l of T/0: end 1, was 2 by b' }]);
  });

  silent('committed after the poll began', two().read([4.5, 8], 0, ['a']));
  silent(
    'the same for a listing',
    two().listed([4.5, 8], 'latest', 1).listed([4.5, 8], 'latest', 2),
  );
  silent('another partition', two().read([7, 8], 0, [], { partition: 1 }));
  silent('a topic that was created again', two().read([7, 8], 0, [], { log: 'U/0' }));
});

describe('spurious out of range', () => {
  test('the offset was there', () => {
    const of = two().outOfRange([7, 8], 1).told();
    expect(check(of)).toEqual([{ rule: 'spurious out of range', detail: 'r of T/0: 1 of 2' }]);
  });

  test('the end is in range, also of a log where nothing was written', () => {
    const of = two().outOfRange([7, 8], 2).outOfRange([7, 8], 0, { partition: 1 }).told();
    expect(check(of)).toEqual([
      { rule: 'spurious out of range', detail: 'r of T/0: 2 of 2' },
      { rule: 'spurious out of range', detail: 'r of T/1: 0 of 0' },
    ]);
  });

  silent('below the start', two().outOfRange([7, 8], -1));
  silent('beyond the end', two().outOfRange([7, 8], 3));
  silent('beyond the end when it began', two().outOfRange([4.5, 8], 2));
  silent('of a log that cannot be known', two().outOfRange([7, 8], 0, { log: undefined }));
});
