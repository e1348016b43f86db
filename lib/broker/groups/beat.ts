import type { OffsetCommit } from '../../core/group/decide.ts';
import { memberName } from '../../core/group/group.ts';
import type { Subscription } from '../../core/group/group.ts';
import { heartbeat as heartbeatMachine } from '../../core/group/heartbeat.ts';
import type { HeartbeatResult } from '../../core/group/heartbeat.ts';
import { rebalance } from '../../core/group/rebalance.ts';
import { refusalOfCommit } from '../../core/group/refusals.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import type { TopicList } from '../../engine/topic-views.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import type {
  AssignedPartition,
  Heartbeat,
  HeartbeatInput,
  PartitionOutcome,
} from '../group-types.ts';
import { subscriptionOf, topicsFor } from './joiner.ts';
import { keyOf, knowsAll, outcomesOf, toCommits } from './partitions.ts';
import { refused, succeeded } from './refuse.ts';

type Beat = Extract<HeartbeatResult, { readonly kind: 'beat' }>;

/** A member that is there beats, moves on, and perhaps looks at all the others. */
export async function beat(context: BrokerContext, input: HeartbeatInput): Promise<Heartbeat> {
  const { groups } = context.engine;
  const { group, owned, offsets = [], commitNumber } = input;
  const beganMs = groups.nowMs();
  const names = [...(owned ?? []), ...offsets];
  const list = await groups.topics.known((known) => knowsAll(known, names));
  const subscription = input.subscription && subscriptionOf(input.subscription);
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const told = await runBeat(context, input, {
    epoch: input.memberEpoch,
    owned: owned?.flatMap((one) => keyOf(list, one) ?? []),
    offsets: commits,
    subscription,
  });
  const committed = outcomesOf(offsets, refusals, told.verdicts.map(refusalOfCommit));
  const seen = await named(context, told, list);
  if (told.rebalance) {
    await computeAnew(context, group, await topicsFor(context, told.member.subscription));
  } else if (!(await lookedAround(context, told, seen, beganMs))) {
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

export const silent = (epoch: number): Said => ({
  epoch,
  owned: undefined,
  offsets: [],
  subscription: undefined,
});

export async function runBeat(
  { engine }: BrokerContext,
  input: HeartbeatInput,
  said: Said,
): Promise<Beat> {
  const { groups } = engine;
  const { group, memberId, instanceId } = input;
  const sent = { group, memberId, instanceId, nowMs: groups.nowMs(), ...said };
  const told = succeeded(await groups.run(heartbeatMachine, sent), input);
  groups.members.see(memberName(memberId, instanceId), told.member);
  return told;
}

/** The beat of a call counts, whatever becomes of what follows. */
function whenRefused(error: unknown): undefined {
  if (!(error instanceof ProtocolError)) throw error;
}

/** INVALID_REQUEST if somebody would own too much. What does not come to an end is found again. */
export async function computeAnew(
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
export async function named(
  { engine }: BrokerContext,
  { assigned }: Beat,
  list: TopicList,
): Promise<TopicList> {
  if (assigned.every(({ topicId }) => list.byId.has(topicId))) return list;
  return (await engine.groups.topics.fresh().catch(whenRefused)) ?? list;
}

/**
 * Looks at all members, by chance once per round of their beats, and whenever a topic is gone. Who
 * is alone looks for topics only, when it writes its beat. True: something has changed.
 */
async function lookedAround(
  { engine }: BrokerContext,
  { assigned, member, members }: Beat,
  list: TopicList,
  beganMs: number,
): Promise<boolean> {
  const isTurn = members > 1 ? engine.env.random.next() * members < 1 : member.beatMs >= beganMs;
  if (!isTurn && assigned.every(({ topicId }) => list.byId.has(topicId))) return false;
  const looked = await engine.groups.lookAround(member.group).catch(whenRefused);
  return looked !== undefined && (looked.rebalanced || looked.evicted > 0);
}

export function answer(
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
