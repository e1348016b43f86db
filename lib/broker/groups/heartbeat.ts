/**
 * API: ConsumerGroupHeartbeat (key 68, KIP-848), with the offsets of what is given up.
 *
 * Behaviour: joins (epoch 0), beats and moves the assignment on, leaves (−1), or leaves for a while
 * (−2, a static member). Now and then, by chance, whoever beats looks at all members: evicts,
 * computes the assignment anew, tidies up.
 * Deviations from Kafka: offsets come with what is given up and go with what is assigned; a static
 * member's newcomer wins (docs/adr/0013-consumer-groups.md).
 * Store requests: nothing changed: two reads, and a put per third of a session. For the rest see
 * `heartbeat.ts`, `join.ts`, `leave.ts` and `look-around.ts` of `lib/core/group`.
 */
import { commitOffsets } from '../../core/group/commit.ts';
import type { OffsetCommit } from '../../core/group/decide.ts';
import { memberName } from '../../core/group/group.ts';
import type { Subscription } from '../../core/group/group.ts';
import { heartbeat as heartbeatMachine } from '../../core/group/heartbeat.ts';
import type { HeartbeatResult } from '../../core/group/heartbeat.ts';
import { joinGroup } from '../../core/group/join.ts';
import { leaveGroup } from '../../core/group/leave.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import { rebalance } from '../../core/group/rebalance.ts';
import { refusalOfCommit } from '../../core/group/refusals.ts';
import type { TopicList } from '../../engine/topic-views.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import type {
  AssignedPartition,
  Heartbeat,
  HeartbeatInput,
  PartitionOutcome,
} from '../group-types.ts';
import { checkCommitNumber, checkGroup, checkInteger, checkMember } from './checks.ts';
import { joinerOf, subscriptionOf } from './join.ts';
import { keyOf, knowsAll, outcomesOf, toCommits } from './partitions.ts';
import { announceAgain, outOfTime, refused } from './refuse.ts';

type Beat = Extract<HeartbeatResult, { readonly kind: 'beat' }>;

const leaves = -1;
const leavesForAWhile = -2;

export async function heartbeat(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  checkGroup(input.group);
  checkMember(input.memberId, input.instanceId);
  checkCommitNumber(input.commitNumber);
  checkInteger('member_epoch', input.memberEpoch, leavesForAWhile, Number.MAX_SAFE_INTEGER);
  switch (input.memberEpoch) {
    case leaves:
      return leave(context, input);
    case leavesForAWhile:
      return leaveForAWhile(context, input);
    case 0:
      return join(context, input);
    default:
      return beat(context, input);
  }
}

async function join(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = context.engine;
  const { group, memberId } = input;
  const joiner = joinerOf(input, groups.nowMs());
  const { subscription } = joiner;
  const names = subscription.kind === 'names' ? subscription.names : [];
  const list = await groups.topics.listWith(({ byName }) => names.every((one) => byName.has(one)));
  await groups.list.announce(group);
  const joined = await groups.run(joinGroup, { ...groups.rebalanceInput(group, list), joiner });
  if (joined.kind === 'refused') throw refused(joined.reason, group);
  if (joined.kind === 'expired') throw outOfTime(joined.sent, memberId);
  await announceAgain(context, group);
  if (joined.rebalance) await computeAnew(context, group, list);
  const told = await runBeat(context, input, silent(0));
  return answer(told, await named(context, told, list), []);
}

async function beat(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = context.engine;
  const { group, owned, offsets = [], commitNumber } = input;
  const names = [...(owned ?? []), ...offsets];
  const list = await groups.topics.listWith((known) => knowsAll(known, names));
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const told = await runBeat(context, input, {
    epoch: input.memberEpoch,
    owned: owned?.flatMap((one) => keyOf(list, one) ?? []),
    offsets: commits,
    subscription: input.subscription && subscriptionOf(input.subscription),
  });
  const committed = outcomesOf(offsets, refusals, told.verdicts.map(refusalOfCommit));
  if (told.rebalance) await computeAnew(context, group, list);
  const seen = await named(context, told, list);
  if (!told.rebalance && !(await lookedAround(context, group, told, seen))) {
    return answer(told, seen, committed);
  }
  // What was delivered above was not told yet: it is not given up by being absent from `owned`.
  const again = await runBeat(context, input, silent(told.epoch)).catch(whenRefused);
  const newest = again ?? told;
  return answer(newest, await named(context, newest, seen), committed);
}

/** What a member says with a beat. */
interface Said {
  readonly epoch: number;
  readonly owned: readonly PartitionKey[] | undefined;
  readonly offsets: readonly OffsetCommit[];
  readonly subscription: Subscription | undefined;
}

const silent = (epoch: number): Said => ({
  epoch,
  owned: undefined,
  offsets: [],
  subscription: undefined,
});

async function runBeat(
  { engine }: BrokerContext,
  { group, memberId, instanceId }: HeartbeatInput,
  said: Said,
): Promise<Beat> {
  const { groups } = engine;
  const input = { group, memberId, instanceId, nowMs: groups.nowMs(), ...said };
  const result = await groups.run(heartbeatMachine, input);
  if (result.kind === 'refused') throw refused(result.reason, group);
  if (result.kind === 'expired') throw outOfTime(result.sent, memberId);
  groups.members.see(memberName(memberId, instanceId), result.member);
  return result;
}

/** The first beat of a call counts, whatever becomes of the second. */
function whenRefused(error: unknown): undefined {
  if (!(error instanceof ProtocolError)) throw error;
}

/** INVALID_REQUEST if somebody would own too much. What does not come to an end is found again. */
async function computeAnew(
  { engine }: BrokerContext,
  group: string,
  list: TopicList,
): Promise<void> {
  const { groups } = engine;
  const input = { ...groups.rebalanceInput(group, list), joiner: undefined };
  const result = await groups.run(rebalance, input);
  if (result.kind === 'refused') throw refused(result.reason, group);
}

/** A list with the topics of all that was told, if there are still topics of these ids. */
async function named(
  { engine }: BrokerContext,
  { assigned }: Beat,
  list: TopicList,
): Promise<TopicList> {
  if (assigned.every(({ topicId }) => list.byId.has(topicId))) return list;
  return (await engine.groups.topics.fresh().catch(whenRefused)) ?? list;
}

/**
 * Looks at all members, by chance once per round of their beats, and whenever a topic is gone.
 * True: something has changed.
 */
async function lookedAround(
  { engine }: BrokerContext,
  group: string,
  { assigned, members }: Beat,
  list: TopicList,
): Promise<boolean> {
  const isDue =
    engine.env.random.next() * members < 1 ||
    assigned.some(({ topicId }) => !list.byId.has(topicId));
  if (!isDue) return false;
  const { evicted, rebalanced } = await engine.groups.lookAround(group, list);
  return evicted > 0 || rebalanced;
}

async function leave({ engine }: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = engine;
  const { group, memberId, instanceId, offsets = [], commitNumber } = input;
  const list = await groups.topics.listWith((known) => knowsAll(known, offsets));
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const left = await groups.run(leaveGroup, {
    group,
    memberId,
    instanceId,
    epoch: epochOf(input),
    offsets: commits,
  });
  if (left.kind === 'refused') throw refused(left.reason, group);
  if (left.kind === 'expired') throw outOfTime(left.sent, memberId);
  groups.members.forget(group, memberName(memberId, instanceId));
  // Nobody else knows yet; if it does not come to an end, another member's look finds it.
  await groups.run(rebalance, { ...groups.rebalanceInput(group, list), joiner: undefined });
  return farewell(leaves, outcomesOf(offsets, refusals, left.verdicts.map(refusalOfCommit)));
}

async function leaveForAWhile(
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
  const list = await groups.topics.listWith((known) => knowsAll(known, offsets));
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const epoch = epochOf(input);
  const nowMs = groups.nowMs();
  const last = { group, memberId, instanceId, epoch, commits, member: undefined, nowMs };
  const result = await groups.run(commitOffsets, last);
  if (result.kind === 'refused') throw refused(result.reason, group);
  if (result.kind === 'expired') throw outOfTime(result.sent, memberId);
  return farewell(
    leavesForAWhile,
    outcomesOf(offsets, refusals, result.verdicts.map(refusalOfCommit)),
  );
}

/** Under which the offsets of a farewell are judged: one that comes late must not count for a later grant. */
function epochOf({ offsets = [], lastEpoch }: HeartbeatInput): number {
  if (lastEpoch !== undefined) {
    checkInteger('last_epoch', lastEpoch, 0, Number.MAX_SAFE_INTEGER);
    return lastEpoch;
  }
  if (offsets.length === 0) return 0;
  const message = 'expected last_epoch with the offsets of a member that leaves, got none';
  throw new ProtocolError('INVALID_REQUEST', message);
}

const farewell = (memberEpoch: number, committed: readonly PartitionOutcome[]): Heartbeat => ({
  memberEpoch,
  heartbeatIntervalMs: 0,
  assignment: [],
  committed,
});

function answer(
  { epoch, intervalMs, assigned }: Beat,
  { byId }: TopicList,
  committed: readonly PartitionOutcome[],
): Heartbeat {
  const assignment = assigned.flatMap(
    ({ topicId, partition, a, committed: at }): AssignedPartition[] => {
      const topic = byId.get(topicId)?.name;
      if (topic === undefined) return [];
      const told = { topic, topicId, partition, grantedIn: a };
      return [at === undefined ? told : { ...told, committed: at }];
    },
  );
  return { memberEpoch: epoch, heartbeatIntervalMs: intervalMs, assignment, committed };
}
