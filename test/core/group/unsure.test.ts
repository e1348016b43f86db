import { describe, expect, test } from 'vitest';
import { commitOffsets } from '../../../lib/core/group/commit.ts';
import type { CommitInput } from '../../../lib/core/group/commit.ts';
import { heartbeat } from '../../../lib/core/group/heartbeat.ts';
import type { HeartbeatInput } from '../../../lib/core/group/heartbeat.ts';
import { leaveGroup } from '../../../lib/core/group/leave.ts';
import { memberKey } from '../../../lib/core/group/group.ts';
import type { Member } from '../../../lib/core/group/group.ts';
import type { GroupReply, GroupRequest } from '../../../lib/core/group/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { play } from '../script.ts';
import { at, committed, entry, member, state } from './build.ts';

/* What is told when a put was not answered: never that it failed, unless that is known. */

const found = (value: Member | undefined): GroupReply => ({
  kind: 'find-member',
  outcome: done(value),
});
const lost: GroupReply = { kind: 'put-member', outcome: { kind: 'indeterminate', cause: 'test' } };
const put: GroupReply = { kind: 'put-member', outcome: done(undefined) };
const refusedBy = (item: Member | undefined): GroupReply => ({
  kind: 'put-member',
  outcome: { kind: 'condition-failed', item },
});
const throttled: GroupReply = { kind: 'put-member', outcome: { kind: 'throttled' } };
const waited: GroupReply = { kind: 'wait', outcome: done(undefined) };

const owner = member('x', { entries: [entry({ n: 4, committed: committed(9) })], version: 7 });
const input: CommitInput = {
  group: 'g',
  memberId: 'x',
  instanceId: undefined,
  epoch: 1,
  commits: [{ ...at(0), committed: committed(10), n: undefined }],
  member: undefined,
  nowMs: 0,
};
const putsOf = (asked: readonly GroupRequest[]): readonly (readonly [number, number])[] =>
  asked.flatMap((request) =>
    request.kind === 'put-member'
      ? [[request.member.version, request.member.entries[0]?.n ?? -1] as const]
      : [],
  );

describe('a farewell that was not answered', () => {
  test('is over, and its offsets unknown, once another process has the name', () => {
    const standing = member('x', { key: memberKey('i:a', 1), entries: [entry()], version: 7 });
    const newer = member('y', { key: memberKey('i:a', 3) });
    const last = { group: 'g', memberId: 'x', instanceId: 'a', epoch: 1 };
    const { result } = play(leaveGroup, { ...last, offsets: input.commits }, [
      { asks: ['find-member'], replies: [found(standing)] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found(newer)] },
    ]);
    expect(result).toEqual({ kind: 'left', verdicts: ['unknown'] });
  });
});

describe('a commit that was not answered', () => {
  test('is sent again under the number that it was given, and counts once', () => {
    const landed = member('x', {
      entries: [entry({ n: 5, committed: committed(10) })],
      version: 8,
    });
    const { result } = play(commitOffsets, input, [
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found(landed)] },
    ]);
    expect(result).toEqual({ kind: 'judged', verdicts: ['overtaken'], member: undefined });
  });

  test('is put again where it did not land', () => {
    const { result, asked } = play(commitOffsets, input, [
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [put] },
    ]);
    expect(result).toMatchObject({ kind: 'judged', verdicts: ['accepted'] });
    expect(putsOf(asked)).toEqual([
      [8, 5],
      [8, 5],
    ]);
  });

  test('is unknown once the entry that could say is another one', () => {
    const moved = member('x', { entries: [entry({ a: 3 })], version: 12 });
    const { result } = play(commitOffsets, input, [
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found(moved)] },
    ]);
    expect(result).toMatchObject({ verdicts: ['unknown'] });
  });

  test('is unknown once the member is gone, or the time is up', () => {
    const script = [
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found({ ...owner, gone: true })] },
    ] as const;
    expect(play(commitOffsets, input, script).result).toEqual({ kind: 'expired', sent: true });
    const cut = [script[0], { ...script[1], expired: true }];
    expect(play(commitOffsets, input, cut).result).toEqual({ kind: 'expired', sent: true });
  });

  test('does not hide that another one was refused for what it is', () => {
    const commits = [{ ...at(0), committed: committed(1, 'x'.repeat(4_097)), n: undefined }];
    const { result } = play(commitOffsets, { ...input, commits }, [
      { asks: ['find-member'], replies: [found(owner)] },
    ]);
    expect(result).toMatchObject({ verdicts: ['metadata-too-large'] });
  });
});

describe('a commit that lost a race', () => {
  test('is judged anew on the item that stood in the way, with the next number', () => {
    const standing = member('x', { entries: [entry({ n: 6 })], version: 9 });
    const { asked } = play(commitOffsets, { ...input, member: owner }, [
      { asks: ['put-member'], replies: [refusedBy(standing)] },
      { asks: ['put-member'], replies: [put] },
    ]);
    expect(putsOf(asked)).toEqual([
      [8, 5],
      [10, 7],
    ]);
  });

  test('is refused where the entry was released meanwhile, since no copy is under way', () => {
    const standing = member('x', { entries: [entry({ n: 4, released: true })], version: 8 });
    const { result } = play(commitOffsets, { ...input, member: owner }, [
      { asks: ['put-member'], replies: [refusedBy(standing)] },
    ]);
    expect(result).toMatchObject({ kind: 'judged', verdicts: ['not-owned'] });
  });

  test('finds the member gone where its item was deleted; throttled, it waits', () => {
    const { result } = play(commitOffsets, { ...input, member: owner }, [
      { asks: ['put-member'], replies: [throttled] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [refusedBy(undefined)] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found(undefined)] },
    ]);
    expect(result).toEqual({ kind: 'refused', reason: 'unknown-member' });
  });

  test('has not happened where the time is up before anything was unsure', () => {
    const { result } = play(commitOffsets, { ...input, member: owner }, [
      { asks: ['put-member'], replies: [throttled], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: false });
  });
});

describe('a heartbeat with offsets that was not answered', () => {
  const beat: HeartbeatInput = {
    group: 'g',
    memberId: 'x',
    instanceId: undefined,
    epoch: 2,
    owned: [],
    offsets: input.commits,
    subscription: undefined,
    nowMs: 0,
  };
  const got: GroupReply = { kind: 'get-state', outcome: done(state(2)) };
  const target: GroupReply = {
    kind: 'get-target',
    outcome: done({
      group: 'g',
      epoch: 2,
      id: 't2',
      members: [{ key: owner.key, partitions: [] }],
    }),
  };

  test('is found to have released, with its offset', () => {
    const released = entry({ n: 5, committed: committed(10), released: true });
    const landed = member('x', { entries: [released], settledEpoch: 2, version: 8 });
    const { result, asked } = play(heartbeat, beat, [
      { asks: ['get-state', 'find-member'], replies: [got, found(owner)] },
      { asks: ['get-target'], replies: [target] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-state', 'find-member'], replies: [got, found(landed)] },
    ]);
    expect(result).toMatchObject({ kind: 'beat', assigned: [], verdicts: ['overtaken'] });
    const [first] = asked.flatMap((one) => (one.kind === 'put-member' ? [one.member] : []));
    expect(first).toMatchObject({ settledEpoch: 2, entries: [released] });
  });

  test('is unknown once its member is gone', () => {
    const { result } = play(heartbeat, beat, [
      { asks: ['get-state', 'find-member'], replies: [got, found(owner)] },
      { asks: ['get-target'], replies: [target] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-state', 'find-member'], replies: [got, found({ ...owner, gone: true })] },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: true });
  });

  test('and whose offset nobody can find any more is unknown', () => {
    const dropped = member('x', { settledEpoch: 2, version: 9 });
    const { result } = play(heartbeat, beat, [
      { asks: ['get-state', 'find-member'], replies: [got, found(owner)] },
      { asks: ['get-target'], replies: [target] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['get-state', 'find-member'], replies: [got, found(dropped)] },
    ]);
    expect(result).toMatchObject({ kind: 'beat', verdicts: ['unknown'] });
  });

  test('ends when the time is up, and says that something was sent', () => {
    const { result } = play(heartbeat, beat, [
      { asks: ['get-state', 'find-member'], replies: [got, found(owner)] },
      { asks: ['get-target'], replies: [target] },
      { asks: ['put-member'], replies: [lost], expired: true },
    ]);
    expect(result).toEqual({ kind: 'expired', sent: true });
  });
});

describe('a leave that was not answered', () => {
  const leave = { ...input, offsets: input.commits };

  test('has left once the member is gone; of its offsets nobody knows', () => {
    const { result } = play(leaveGroup, leave, [
      { asks: ['find-member'], replies: [found(owner)] },
      { asks: ['put-member'], replies: [lost] },
      { asks: ['wait'], replies: [waited] },
      { asks: ['find-member'], replies: [found({ ...owner, gone: true })] },
    ]);
    expect(result).toEqual({ kind: 'left', verdicts: ['unknown'] });
  });

  test('is refused where the member was gone before', () => {
    const { result } = play(leaveGroup, leave, [
      { asks: ['find-member'], replies: [found(undefined)] },
    ]);
    expect(result).toEqual({ kind: 'refused', reason: 'unknown-member' });
  });
});
