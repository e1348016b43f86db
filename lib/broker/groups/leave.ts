import { commitOffsets } from '../../core/group/commit.ts';
import { memberName } from '../../core/group/group.ts';
import { leaveGroup } from '../../core/group/leave.ts';
import { rebalance } from '../../core/group/rebalance.ts';
import { refusalOfCommit } from '../../core/group/refusals.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import type { Heartbeat, HeartbeatInput, PartitionOutcome } from '../group-types.ts';
import { checkInteger } from './checks.ts';
import { knowsAll, outcomesOf, toCommits } from './partitions.ts';
import { succeeded } from './refuse.ts';

/** For good: what it owned is free, with the offsets that it sent. */
export async function leave({ engine }: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = engine;
  const { group, memberId, instanceId, offsets = [], commitNumber } = input;
  const list = await groups.topics.known((known) => knowsAll(known, offsets));
  const recent = await groups.topics.recent();
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const last = { group, memberId, instanceId, epoch: epochOf(input), offsets: commits };
  const left = succeeded(await groups.run(leaveGroup, last), input);
  groups.members.forget(group, memberName(memberId, instanceId));
  // Nobody else knows yet. If it does not come to an end, another member's look finds it.
  await groups.run(rebalance, { ...groups.rebalanceInput(group, recent), joiner: undefined });
  return farewell(input, outcomesOf(offsets, refusals, left.verdicts.map(refusalOfCommit)));
}

/** A static member that will be back within its session: it keeps what it owns. */
export async function leaveForAWhile(
  { engine }: BrokerContext,
  input: HeartbeatInput,
): Promise<Heartbeat> {
  const { groups } = engine;
  const { group, memberId, instanceId, offsets = [], commitNumber } = input;
  if (instanceId === undefined) {
    const message =
      'expected an instance id, since only static members leave for a while, got none';
    throw new ProtocolError('INVALID_REQUEST', message);
  }
  const list = await groups.topics.known((known) => knowsAll(known, offsets));
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const epoch = epochOf(input);
  const nowMs = groups.nowMs();
  const last = { group, memberId, instanceId, epoch, commits, member: undefined, nowMs };
  const result = succeeded(await groups.run(commitOffsets, last), input);
  return farewell(input, outcomesOf(offsets, refusals, result.verdicts.map(refusalOfCommit)));
}

/** Offsets that come late must not count for a later grant than those that they are of. */
function epochOf({ offsets = [], lastEpoch }: HeartbeatInput): number {
  if (lastEpoch !== undefined) {
    checkInteger('last_epoch', lastEpoch, 0, Number.MAX_SAFE_INTEGER);
    return lastEpoch;
  }
  if (offsets.length === 0) return 0;
  const message = 'expected last_epoch with the offsets of a member that leaves, got none';
  throw new ProtocolError('INVALID_REQUEST', message);
}

const farewell = (
  { memberEpoch }: HeartbeatInput,
  committed: readonly PartitionOutcome[],
): Heartbeat => ({
  memberEpoch,
  heartbeatIntervalMs: 0,
  assignment: [],
  committed,
});
