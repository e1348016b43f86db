import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { record, tale } from './tale.ts';
import type { Tale } from './tale.ts';

const silent = (title: string, of: Tale): void =>
  test(`silent: ${title}`, () => expect(check(of.seen())).toEqual([]));

const names = (of: Tale): readonly string[] => check(of.seen()).map(({ rule }) => rule);

/** `a` and `b` acknowledged one after the other. */
const two = (): Tale => tale().ok('a', [1, 3], 0).ok('b', [4, 6], 1);

describe('from outside, without a journal of commits', () => {
  test('lost: acknowledged, and not there at the end', () => {
    const detail = 'b told to c at 0@1 is nowhere';
    expect(check(two().final(['a']).seen())).toEqual([{ rule: 'lost write', detail }]);
  });

  test('unseen: one reader misses what another sees', () => {
    const of = two().final(['a', 'b']).final(['a'], 'T/0', 1, 'g');
    const detail = 'b at t/0@1 by g, who saw undefined';
    expect(check(of.seen())).toEqual([{ rule: 'unseen', detail }]);
  });

  test('unseen: unknown, but read, and not there at the end', () => {
    const of = tale().unknown('a', 1).read([2, 3], 0, ['a']).final([]);
    expect(check(of.seen())).toEqual([
      { rule: 'unseen', detail: 'a at t/0@0 by f, who saw undefined' },
      { rule: 'uncommitted read', detail: 'r of t/0: end 1 of 0' },
    ]);
  });

  test('unseen: a partition that holds acknowledged records is not read', () => {
    const detail = 't/0, known by b, by anybody';
    expect(check(two().final([], 'T/1').seen())).toEqual([{ rule: 'unseen', detail }]);
  });

  test('inconsistent offsets: told elsewhere than it is', () => {
    const of = tale().ok('a', [1, 3], 1).ok('b', [1, 3], 0).final(['a', 'b']);
    expect(names(of)).toEqual(['inconsistent offset', 'inconsistent offset']);
  });

  test('inconsistent offsets: two values told one place', () => {
    const of = tale().ok('a', [1, 3], 0).ok('b', [1, 3], 0);
    const detail = 'b told to c at 0@0, where a is';
    expect(check(of.seen())).toEqual([{ rule: 'inconsistent offset', detail }]);
  });

  test('inconsistent offsets: the same, one after the other', () => {
    expect(names(tale().ok('a', [1, 3], 0).ok('b', [4, 6], 0))).toEqual([
      'inconsistent offset',
      'non-monotonic send',
    ]);
  });

  test('inconsistent offsets: one value told two places', () => {
    const of = tale().ok('a', [1, 3], 0).ok('a', [1, 3], 1);
    const detail = 'a told to c at 0@1, before at t/0@0';
    expect(check(of.seen())).toEqual([{ rule: 'inconsistent offset', detail }]);
  });

  test('inconsistent offsets: something else was read there, and the value nowhere', () => {
    const of = tale().ok('a', [1, 3], 0).unknown('b', 1).final(['b']);
    expect(check(of.seen())).toEqual([
      { rule: 'lost write', detail: 'a told to c at 0@0 is nowhere' },
      { rule: 'inconsistent offset', detail: 'a told to c at 0@0, where b is' },
    ]);
  });

  test('divergent: two polls differ, or a poll and the end', () => {
    const of = two().unknown('c', 1).read([7, 8], 0, ['a', 'c']).final(['a', 'b']);
    const detail = 't/0@1 is b (101), for r c (101)';
    expect(check(of.seen())).toEqual([{ rule: 'divergent read', detail }]);
    const polls = two().unknown('c', 1).read([7, 8], 1, ['b']).read([7, 8], 1, ['c']);
    expect(check(polls.seen())).toEqual([{ rule: 'divergent read', detail }]);
  });

  test('duplicate: a value at two offsets, as polls or finals show', () => {
    const of = tale().ok('a', [1, 3], 0).final(['a', 'a']);
    expect(check(of.seen())).toEqual([{ rule: 'duplicate', detail: 'a is at t/0@0 t/0@1' }]);
    expect(names(tale().ok('a', [1, 3], 0).read([4, 5], 0, ['a', 'a']))).toEqual(['duplicate']);
  });

  test('aborted, phantom and misplaced records', () => {
    expect(names(tale().failed('a', [1, 3]).read([4, 5], 0, ['a']))).toEqual(['aborted read']);
    expect(names(tale().read([4, 5], 0, ['a']))).toEqual(['phantom record']);
    expect(names(tale().unknown('a', 6).read([4, 5], 0, ['a']))).toEqual(['phantom record']);
    expect(names(tale().unknown('a', 1, { topic: 'u' }).final(['a']))).toEqual([
      'misplaced record',
    ]);
  });

  test('gaps and polls that skip, go back, give nothing or go beyond their end', () => {
    expect(names(two().final(['a', 'b'], 'T/0', 3))).toEqual(['gap']);
    const skipping = [record('a', 0), record('b', 2)];
    expect(names(two().poll([7, 8], 0, skipping, { highWatermark: 3n }))).toContain(
      'skipping poll',
    );
    const back = two().read([7, 8], 0, ['a', 'b']).read([9, 10], 1, ['b'], { seek: false });
    expect(names(back)).toEqual(['non-monotonic poll']);
    expect(names(two().read([7, 8], 0, [], { highWatermark: 2n }))).toEqual(['empty poll']);
  });

  test('stale: an end below what was acknowledged, polled or listed before', () => {
    const detail = 'r of t/0: end 1, was 2 by b';
    expect(check(two().read([7, 8], 0, ['a']).seen())).toEqual([{ rule: 'stale read', detail }]);
    const polled = tale()
      .unknown('a', 1)
      .read([2, 3], 0, ['a'])
      .read([4, 5], 0, [], { client: 's' });
    expect(names(polled)).toEqual(['stale read']);
    const listed = tale().unknown('a', 1).listed([2, 3], 'latest', 1).listed([4, 5], 'latest', 0);
    expect(names(listed)).toEqual(['stale read']);
  });

  test('an end beyond the end of all', () => {
    const of = two().read([7, 8], 0, ['a', 'b'], { highWatermark: 3n }).final(['a', 'b']);
    const detail = 'r of t/0: end 3 of 2';
    expect(check(of.seen())).toEqual([{ rule: 'uncommitted read', detail }]);
  });

  test('out of range, although it was told that it is there', () => {
    expect(names(two().outOfRange([7, 8], 1))).toEqual(['spurious out of range']);
  });

  test('listings of what was read at the end', () => {
    const of = two().listed([7, 8], 101n, 0, 100).final(['a', 'b']);
    const detail = 'l: 101 of t/0 is 0 (100), expected 1 (101)';
    expect(check(of.seen())).toEqual([{ rule: 'wrong listing', detail }]);
  });

  silent('all is well', two().read([7, 8], 0, ['a', 'b']).final(['a', 'b']).final(['a', 'b']));
  silent('without finals, what nobody read is not lost', two().read([4.5, 5], 0, ['a']));
  silent('unknown, and not there', tale().unknown('a', 1).final([]));
  silent('unknown, and there', tale().unknown('a', 1).final(['a']));
  silent(
    'failed once, then acknowledged',
    tale().failed('a', [1, 2]).ok('a', [3, 4], 0).final(['a']),
  );
  silent(
    'a poll that began before the acknowledgement',
    two().read([5, 8], 0, ['a']).final(['a', 'b']),
  );
  silent(
    'a record that landed after a poll',
    tale().unknown('a', 1).read([8, 9], 0, []).final(['a']),
  );
  silent(
    'equal moments are concurrent',
    tale().ok('a', [1, 3], 1).ok('b', [3, 5], 0).read([5, 6], 0, ['b', 'a']),
  );
  silent(
    'a poll that begins as the acknowledgement comes',
    tale().ok('a', [1, 3], 0).read([3, 4], 0, []),
  );
  silent(
    'out of range in an empty partition that nobody read at the end',
    two().outOfRange([7, 8], 1, { partition: 1 }).final(['a', 'b']),
  );
  silent(
    'an empty partition that nobody read at the end',
    two().read([7, 8], 0, [], { partition: 1 }).final(['a', 'b']),
  );
  silent(
    'a timestamp during the writing: found or not',
    two().listed([2, 5], 101n, 1, 101).listed([2, 5], 101n, -1).final(['a', 'b']),
  );
  silent('beyond the end when it began', two().outOfRange([3.5, 8], 2).final(['a', 'b']));
});
