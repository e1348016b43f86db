import { describe, expect, test } from 'vitest';
import { groupBounds } from '../../../lib/core/group/bounds.ts';
import { isOverdue, withCommits } from '../../../lib/core/group/decide.ts';
import { partitionName } from '../../../lib/core/group/group.ts';
import { assignorOf, computeTarget } from '../../../lib/core/group/target.ts';
import { at, committed, entry, member, state, topic } from './build.ts';

describe('who is overdue', () => {
  const none = new Set<string>();

  test('whose last beat is older than its session', () => {
    const one = member('x', { beatMs: 1_000, sessionMs: 45_000 });
    expect(isOverdue(one, state(1), none, 46_000)).toBe(false);
    expect(isOverdue(one, state(1), none, 46_001)).toBe(true);
    expect(isOverdue({ ...one, gone: true }, state(1), none, 46_001)).toBe(false);
  });

  test('who holds longer than its rebalance timeout what the epoch takes from it', () => {
    const one = member('x', { beatMs: 60_000, rebalanceMs: 30_000, entries: [entry()] });
    const since = { ...state(2), sinceMs: 30_000 };
    expect(isOverdue(one, since, none, 60_000)).toBe(false);
    expect(isOverdue(one, since, none, 60_001)).toBe(true);
    expect(isOverdue(one, since, new Set([partitionName(at(0))]), 60_001)).toBe(false);
    const released = { ...one, entries: [entry({ released: true })] };
    expect(isOverdue(released, since, none, 60_001)).toBe(false);
    // Granted in this very epoch: it is not to be given up.
    expect(isOverdue({ ...one, entries: [entry({ a: 2 })] }, since, none, 60_001)).toBe(false);
  });
});

test('metadata is bounded for each offset, and for all of a member together', () => {
  const each = groupBounds.metadataBytesMax;
  const count = groupBounds.metadataBytesTotalMax / each + 1;
  const entries = Array.from({ length: count }, (_, i) => entry(at(i)));
  const commits = entries.map((_, i) => ({
    ...at(i),
    committed: committed(1, 'x'.repeat(each)),
    n: undefined,
  }));
  const { member: full, verdicts } = withCommits(member('x', { entries }), commits, 1);
  expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(count - 1);
  expect(verdicts.at(-1)).toBe('metadata-too-large');
  // What is replaced makes room; what is not longer than before always goes.
  const shorter = [{ ...at(0), committed: committed(2), n: undefined }];
  const less = withCommits(full, shorter, 1).member;
  expect(withCommits(less, commits.slice(-1), 1).verdicts).toEqual(['accepted']);
  expect(withCommits(full, commits.slice(0, 1), 1).verdicts).toEqual(['accepted']);
  const umlauts = [{ ...at(0), committed: committed(2, 'ä'.repeat(each)), n: undefined }];
  expect(withCommits(less, umlauts, 1).verdicts).toEqual(['metadata-too-large']);
});

describe('the target', () => {
  test('is computed by the assignor that most ask for, uniform by default', () => {
    expect(assignorOf([member('x'), member('y')])).toBe('uniform');
    const votes = [
      member('x', { assignor: 'range' }),
      member('y', { assignor: 'sticky' }),
      member('z'),
    ];
    expect(assignorOf(votes)).toBe('range');
    expect(assignorOf([...votes, member('w', { assignor: 'sticky' })])).toBe('sticky');
  });

  test('passes over who is gone, and names without a topic', () => {
    const members = [
      member('x', { gone: true }),
      member('y', { subscription: { kind: 'names', names: ['missing', 't'] } }),
      member('z', { subscription: { kind: 'pattern', pattern: '(' } }),
    ];
    const computed = computeTarget(members, [topic('t', 2), topic('other', 1)], undefined);
    expect(computed).toMatchObject({
      members: [{ partitions: [at(0), at(1)] }, { partitions: [] }],
    });
  });

  test('is none where one member would own more than its item holds', () => {
    const topics = Array.from({ length: 5 }, (_, i) => topic(`t${i}`, 1_000));
    const all = { subscription: { kind: 'pattern', pattern: 't.*' } } as const;
    const one = [member('x', all)];
    expect(computeTarget(one, topics, undefined).kind).toBe('too-many-partitions');
    const two = [...one, member('y', all)];
    expect(computeTarget(two, topics, undefined).kind).toBe('computed');
  });
});
