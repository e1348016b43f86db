import { describe, expect, test } from 'vitest';
import {
  granted,
  isGivenUp,
  isOverdue,
  refusalOf,
  withCommits,
} from '../../../lib/core/group/decide.ts';
import { memberKey, namesOf } from '../../../lib/core/group/group.ts';
import { handOver } from '../../../lib/core/group/hand-over.ts';
import { play } from '../script.ts';
import { at, committed, entry, member, state } from './build.ts';

describe('what a member no longer names is given up', () => {
  const none = new Set<string>();
  const one = entry({ a: 3 });

  test('if the group and the request are past the epoch of the grant', () => {
    expect(isGivenUp(one, none, 4, 4)).toBe(true);
    expect(isGivenUp(one, none, 3, 4)).toBe(false);
    expect(isGivenUp(one, none, 4, 3)).toBe(false);
    expect(isGivenUp(one, namesOf([at(0)]), 4, 4)).toBe(false);
  });

  test('but not if it does not say what it owns, nor twice', () => {
    expect(isGivenUp(one, undefined, 4, 4)).toBe(false);
    expect(isGivenUp({ ...one, released: true }, none, 4, 4)).toBe(false);
  });
});

test('a grant is of a later epoch than the one before', () => {
  const key = { ...at(0), group: 'g' };
  const before = { ...key, a: 3, owner: undefined, committed: undefined, version: 7 };
  const to = memberKey('m:x', 1);
  expect(granted(key, before, 3, to, undefined)).toBeUndefined();
  expect(granted(key, before, 4, to, undefined)).toMatchObject({ a: 4, owner: to, version: 8 });
  expect(granted(key, undefined, 1, to, committed(5))).toMatchObject({ a: 1, version: 0 });
});

test('one partition that is held too long is enough to be evicted', () => {
  const entries = [entry(at(0)), entry(at(1))];
  const one = member('x', { beatMs: 60_000, rebalanceMs: 30_000, entries });
  const since = { ...state(2), sinceMs: 0 };
  expect(isOverdue(one, since, namesOf([at(0)]), 60_000)).toBe(true);
  expect(isOverdue(one, since, namesOf([at(0), at(1)]), 60_000)).toBe(false);
});

test('who speaks for another one is unknown, or fenced if the other is static', () => {
  expect(refusalOf(member('x'), 'y')).toBe('unknown-member');
  expect(refusalOf(member('x', { key: memberKey('i:x', 1) }), 'y')).toBe('fenced-instance');
  expect(refusalOf(member('x'), 'x')).toBeUndefined();
});

test('metadata that takes the place of some counts as what it adds', () => {
  const [each, count] = [4_096, 31];
  const entries = Array.from({ length: count }, (_, i) =>
    entry({ ...at(i), committed: committed(1, 'x'.repeat(each)) }),
  );
  const last = entry(at(count));
  const full = member('x', { entries: [...entries, last] });
  const commit = (i: number, length: number) => ({
    ...at(i),
    committed: committed(2, 'y'.repeat(length)),
    n: undefined,
  });
  // 31 of 32 parts are taken: one more fits, beside those that are replaced.
  const all = [...entries.map((_, i) => commit(i, each)), commit(count, each)];
  expect(new Set(withCommits(full, all, 1).verdicts)).toEqual(new Set(['accepted']));
});

describe('a hand-over that cannot read', () => {
  const self = member('x');
  const moves = [{ ...at(0), to: self.key }];
  const input = { group: 'g', epoch: 2, self, moves, looks: [] };
  const throttled = { kind: 'throttled' } as const;

  test('moves nothing: neither ownerships', () => {
    const { result } = play(handOver, input, [
      { asks: ['get-ownership'], replies: [{ kind: 'get-ownership', outcome: throttled }] },
    ]);
    expect(result).toEqual({ known: [], granted: [] });
  });

  test('nor owners', () => {
    const ownership = {
      ...at(0),
      group: 'g',
      a: 1,
      owner: memberKey('m:y', 1),
      committed: undefined,
      version: 0,
    };
    const { result } = play(handOver, input, [
      {
        asks: ['get-ownership'],
        replies: [{ kind: 'get-ownership', outcome: { kind: 'done', value: ownership } }],
      },
      { asks: ['get-member'], replies: [{ kind: 'get-member', outcome: throttled }] },
    ]);
    expect(result).toEqual({ known: [ownership], granted: [] });
  });
});
