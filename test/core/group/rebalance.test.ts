import { describe, expect, test } from 'vitest';
import { groupBounds } from '../../../lib/core/group/bounds.ts';
import { commitOffsets } from '../../../lib/core/group/commit.ts';
import { memberKey, memberName, partitionName } from '../../../lib/core/group/group.ts';
import type { Member, Ownership, Target } from '../../../lib/core/group/group.ts';
import { heartbeat } from '../../../lib/core/group/heartbeat.ts';
import { joinGroup } from '../../../lib/core/group/join.ts';
import { lookAround } from '../../../lib/core/group/look-around.ts';
import { rebalance } from '../../../lib/core/group/rebalance.ts';
import type { RebalanceInput } from '../../../lib/core/group/rebalance.ts';
import type { GroupReply } from '../../../lib/core/group/requests.ts';
import { subscribedNames } from '../../../lib/core/group/subscription.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { emptyWorld } from '../../sim/explorer/groups/world.ts';
import type { World } from '../../sim/explorer/groups/world.ts';
import { play } from '../script.ts';
import { at, committed, entry, member, state, topic } from './build.ts';
import { runOn } from './run.ts';
import type { Run } from './run.ts';

const topics = [topic('t', 40)];

const joinerOf = (id: string) => ({
  group: 'g',
  name: memberName(id, undefined),
  memberId: id,
  clientId: '',
  clientHost: '',
  subscription: subscribedNames(['t']),
  assignor: undefined,
  sessionMs: 45_000,
  rebalanceMs: 60_000,
  beatMs: 0,
});
const inputOf = (id: string): RebalanceInput => ({
  group: 'g',
  id: `${id}0`,
  topics,
  joiner: undefined,
  nowMs: 0,
});
const join = (world: World, id: string) =>
  runOn(world, joinGroup, { ...inputOf(id), joiner: joinerOf(id) });
const beat = (world: World, id: string, epoch: number, owned: readonly PartitionKey[]) =>
  runOn(world, heartbeat, {
    group: 'g',
    memberId: id,
    instanceId: undefined,
    epoch,
    owned,
    offsets: [],
    subscription: undefined,
    nowMs: 0,
  });
const writes = ({ calls }: Run<unknown>): readonly string[] =>
  calls.filter((kind) => /^(put|delete|join)/.test(kind));

describe('a rebalance stays within its budget', () => {
  const alone = beat(join(emptyWorld, 'x').world, 'x', 1, []);
  const second = join(alone.world, 'y');
  const told = beat(
    second.world,
    'x',
    1,
    Array.from({ length: 40 }, (_, i) => at(i)),
  );
  const given = beat(
    told.world,
    'x',
    2,
    Array.from({ length: 20 }, (_, i) => at(i)),
  );
  const taken = beat(given.world, 'y', 2, []);

  test('a join: the target, one transaction, and the target before goes', () => {
    expect(writes(second)).toEqual(['put-target', 'join', 'delete-target']);
  });

  test('who loses 20 of 40 partitions writes once, who gains them once and once for each', () => {
    expect(writes(told)).toEqual([]);
    expect(writes(given)).toEqual(['put-member']);
    const ownerships = Array.from({ length: 20 }, () => 'put-ownership');
    expect(writes(taken)).toEqual([...ownerships, 'put-member']);
    expect(taken.result).toMatchObject({ kind: 'beat', epoch: 2, intervalMs: 15_000 });
  });

  test('its answer tells, of each partition, the epoch of the grant and where to begin', () => {
    const { world } = runOn(told.world, commitOffsets, {
      group: 'g',
      memberId: 'x',
      instanceId: undefined,
      epoch: 2,
      member: undefined,
      commits: [{ ...at(20), committed: committed(7, 'before'), n: undefined }],
      nowMs: 0,
    });
    const owned = Array.from({ length: 20 }, (_, i) => at(i));
    const { result } = beat(beat(world, 'x', 2, owned).world, 'y', 2, []);
    const moved = { ...at(20), a: 2, committed: committed(7, 'before') };
    const never = { ...at(21), a: 2, committed: undefined };
    expect(result).toMatchObject({ assigned: expect.arrayContaining([moved, never]) });
  });

  test('a heartbeat when nothing changed takes two reads, and a look three', () => {
    const owned = Array.from({ length: 20 }, (_, i) => at(i + 20));
    expect(beat(taken.world, 'y', 2, owned).calls).toEqual(['get-state', 'find-member']);
    const look = { ...inputOf('l'), joiner: undefined, trustsClock: true };
    const { calls, result } = runOn(taken.world, lookAround, look);
    expect(calls).toEqual(['get-state', 'query-members', 'get-target']);
    expect(result).toEqual({ evicted: 0, rebalanced: false, deleted: 0 });
  });

  test('nobody is evicted by a clock that is not trusted', () => {
    const look = { ...inputOf('l'), joiner: undefined, nowMs: 1_000_000 };
    const distrusted = runOn(taken.world, lookAround, { ...look, trustsClock: false });
    expect(distrusted.result).toMatchObject({ evicted: 0 });
    const trusted = runOn(taken.world, lookAround, { ...look, trustsClock: true });
    expect(trusted.result).toMatchObject({ evicted: 2, rebalanced: true });
  });

  test('a look moves all that nobody is to have, a hundred at a time, and deletes the item', () => {
    const entries = Array.from({ length: 250 }, (_, i) => entry({ ...at(i), a: 1 }));
    const gone = member('z', { gone: true, entries });
    const ownerships = entries.map((one): [string, Ownership] => [
      partitionName(one),
      { ...at(one.partition), group: 'g', a: 1, owner: gone.key, committed: undefined, version: 0 },
    ]);
    const world: World = {
      state: { ...state(2), members: 0 },
      targets: new Map([['t2', { group: 'g', epoch: 2, id: 't2', members: [] }]]),
      members: new Map([[gone.key, gone]]),
      ownerships: new Map(ownerships),
    };
    const look = { ...inputOf('l'), joiner: undefined, trustsClock: true };
    const { calls, result, world: after } = runOn(world, lookAround, look, 1_000);
    expect(result).toEqual({ evicted: 0, rebalanced: false, deleted: 1 });
    expect([...after.ownerships.values()].filter(({ owner }) => owner !== undefined)).toEqual([]);
    expect(calls.filter((kind) => kind === 'put-ownership')).toHaveLength(250);
    expect(after.members.size).toBe(0);
    const cut = runOn(world, lookAround, look, 10);
    expect(cut.result).toMatchObject({ deleted: 0 });
    expect(cut.calls.filter((kind) => kind === 'put-ownership')).toHaveLength(100);
  });

  test('more partitions than a heartbeat moves are moved by the next ones', () => {
    const many = { ...inputOf('x'), topics: [topic('t', 250)], joiner: joinerOf('x') };
    let { world } = runOn(emptyWorld, joinGroup, many);
    let owned: readonly PartitionKey[] = [];
    for (const count of [100, 200, 250]) {
      const { result, world: after } = beat(world, 'x', 1, owned);
      owned = result.kind === 'beat' ? result.assigned : [];
      expect(owned).toHaveLength(count);
      expect(result).toMatchObject({ intervalMs: count === 250 ? 15_000 : 1_000 });
      world = after;
    }
  });
});

describe('a join is refused', () => {
  test('where the group has all the members that it may have', () => {
    const members = Array.from(
      { length: groupBounds.membersMax },
      (_, i): [Member['key'], Member] => {
        const one = member(`m${i}`, { key: memberKey(`m:m${i}`, 1) });
        return [one.key, one];
      },
    );
    const target: Target = { group: 'g', epoch: 1, id: 't1', members: [] };
    const full: World = {
      ...emptyWorld,
      state: state(1),
      targets: new Map([['t1', target]]),
      members: new Map(members),
    };
    const { result, calls } = join(full, 'x');
    expect(result).toEqual({ kind: 'refused', reason: 'group-full' });
    expect(writes({ result, calls, world: full })).toEqual([]);
  });

  test('where it would own more than its item holds', () => {
    const large = Array.from({ length: 5 }, (_, i) => topic(`t${i}`, 1_000));
    const all = { kind: 'pattern', pattern: 't.' } as const;
    const joiner = { ...joinerOf('x'), subscription: all };
    const input = { ...inputOf('x'), topics: large, joiner };
    const { result } = runOn(emptyWorld, joinGroup, input);
    expect(result).toEqual({ kind: 'refused', reason: 'too-many-partitions' });
  });
});

describe('a join that lost a race', () => {
  const read: GroupReply = { kind: 'get-state', outcome: done(undefined) };
  const nobody: GroupReply = { kind: 'query-members', outcome: done([]) };
  const put: GroupReply = { kind: 'put-target', outcome: done(undefined) };
  const waited: GroupReply = { kind: 'wait', outcome: done(undefined) };
  const input = { ...inputOf('x'), joiner: joinerOf('x') };
  const until = [
    { asks: ['get-state'], replies: [read] },
    { asks: ['query-members'], replies: [nobody] },
  ] as const;

  test.each(['conflict', 'conditions-failed'] as const)(
    '%s: begins anew, under new ids',
    (kind) => {
      const { result, asked } = play(rebalance, input, [
        ...until,
        { asks: ['put-target'], replies: [put] },
        { asks: ['join'], replies: [{ kind: 'join', outcome: { kind } }] },
        { asks: ['wait'], replies: [waited] },
        ...until,
        { asks: ['put-target'], replies: [put] },
        { asks: ['join'], replies: [{ kind: 'join', outcome: done(undefined) }] },
      ]);
      expect(result).toMatchObject({ kind: 'rebalanced', key: 'm:x@1' });
      const ids = asked.flatMap((one) => (one.kind === 'put-target' ? [one.target.id] : []));
      expect(ids).toEqual(['x00000', 'x00001']);
    },
  );

  test('and finds its own copy there takes its item up', () => {
    const landed = member('x', { key: memberKey('m:x', 1) });
    const target: Target = { group: 'g', epoch: 1, id: 't1', members: [] };
    const { result } = play(rebalance, input, [
      ...until,
      { asks: ['put-target'], replies: [put] },
      {
        asks: ['join'],
        replies: [{ kind: 'join', outcome: { kind: 'indeterminate', cause: '' } }],
      },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-state'], replies: [{ kind: 'get-state', outcome: done(state(1)) }] },
      {
        asks: ['query-members', 'get-target'],
        replies: [
          { kind: 'query-members', outcome: done([landed]) },
          { kind: 'get-target', outcome: done(target) },
        ],
      },
    ]);
    expect(result).toEqual({ kind: 'unchanged', state: state(1) });
  });

  test('and sees its own copy land after the group was read proposes nothing', () => {
    const landed = member('x', { key: memberKey('m:x', 1) });
    const { result } = play(rebalance, input, [
      until[0],
      {
        asks: ['query-members'],
        replies: [{ kind: 'query-members', outcome: done([landed]) }],
      },
    ]);
    expect(result).toEqual({ kind: 'unchanged', state: undefined });
  });

  test('says whether anything was sent when its time is up', () => {
    const lost: GroupReply = { kind: 'put-target', outcome: { kind: 'throttled' } };
    const { result } = play(rebalance, input, [
      ...until,
      { asks: ['put-target'], replies: [lost], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: false });
  });
});
