import { describe, expect, test } from 'vitest';
import { groupBounds } from '../../../lib/core/group/bounds.ts';
import { withOwnerships } from '../../../lib/core/group/decide.ts';
import type { Entry, Member, Ownership, Target } from '../../../lib/core/group/group.ts';
import { movesOf } from '../../../lib/core/group/moves.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { at, entry, member } from './build.ts';

const range = (from: number, to: number): readonly PartitionKey[] =>
  Array.from({ length: to - from }, (_, i) => at(from + i));
const released = (all: readonly PartitionKey[]): readonly Entry[] =>
  all.map((one) => entry({ ...one, released: true }));
const targetOf = (
  one: Member,
  partitions: readonly PartitionKey[],
  rest: readonly PartitionKey[],
) =>
  ({
    group: 'g',
    epoch: 2,
    id: 't2',
    members: [
      { key: one.key, partitions },
      { key: member('other').key, partitions: rest },
    ],
  }) satisfies Target;
const numbers = (all: readonly PartitionKey[]): readonly number[] =>
  all.map(({ partition }) => partition);

describe('what one heartbeat moves', () => {
  test('is a part of what is wanted, and another one each second: the first may be held', () => {
    const one = member('x');
    const target = targetOf(one, range(0, 250), []);
    const wanted = [0, 1_000, 2_000].map((nowMs) => movesOf(one, target, [], nowMs).moves);
    expect(wanted.map((moves) => moves.length)).toEqual([100, 100, 100]);
    expect(numbers(wanted[1] ?? []).slice(0, 2)).toEqual([100, 101]);
    expect(new Set(wanted.flatMap(numbers)).size).toBe(250);
  });

  test('goes to it, or to nobody; what is to be another one is looked at, to be dropped', () => {
    const one = member('x', { entries: released(range(0, 3)) });
    const { moves, looks } = movesOf(one, targetOf(one, [at(0), at(3)], [at(1)]), [], 0);
    expect(moves.map(({ partition, to }) => [partition, to])).toEqual([
      [0, one.key],
      [3, one.key],
      [2, undefined],
    ]);
    expect(numbers(looks)).toEqual([1]);
  });

  test('is looked at where this call has granted it, and the target gives it away', () => {
    const one = member('x');
    const { moves, looks } = movesOf(one, targetOf(one, [at(0)], [at(1)]), [at(0), at(1)], 0);
    expect(numbers(moves)).toEqual([0]);
    expect(numbers(looks)).toEqual([1]);
  });
});

describe('an item has room for so many entries', () => {
  const full = groupBounds.entriesMax;

  test('and no more is granted than it has room for, besides what it gets anew', () => {
    const one = member('x', { entries: released(range(0, full - 10)) });
    const wanted = [...range(0, 5), ...range(full, full + 50)];
    const { moves } = movesOf(one, targetOf(one, wanted, range(5, full - 10)), [], 0);
    expect(numbers(moves)).toEqual(numbers([...range(0, 5), ...range(full, full + 10)]));
  });

  test('nor delivered; what is dropped at the same time makes room', () => {
    const one = member('x', { entries: released(range(0, full - 1)) });
    const granted = range(full, full + 3).map((key): Ownership => ({
      ...key,
      group: 'g',
      a: 2,
      owner: one.key,
      committed: undefined,
      version: 0,
    }));
    const others = {
      ...at(0),
      group: 'g',
      a: 2,
      owner: undefined,
      committed: undefined,
      version: 1,
    };
    const { entries } = withOwnerships(one, [...granted, others]);
    expect(entries).toHaveLength(full);
    expect(numbers(entries.slice(-2))).toEqual([full, full + 1]);
  });
});
