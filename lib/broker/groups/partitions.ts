import type { OffsetCommit } from '../../core/group/decide.ts';
import { partitionKey } from '../../core/group/group.ts';
import type { KafkaRefusal } from '../../core/group/refusals.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import { isPartition } from '../../engine/topics.ts';
import type { TopicNames } from '../../engine/topic-views.ts';
import { offset as toOffset } from '../../std/brands.ts';
import type { OffsetToCommit, PartitionOutcome, TopicPartition } from '../group-types.ts';
import { checkOnce, refusalOfOffset } from './checks.ts';

/** The log that is meant; undefined: there is none of that name, or it is another one by now. */
export function keyOf(
  { byName }: TopicNames,
  { topic, partition, topicId }: TopicPartition,
): PartitionKey | undefined {
  const view = byName.get(topic);
  if (view === undefined || !isPartition(view.partitions, partition)) return undefined;
  if (topicId !== undefined && topicId !== view.id) return undefined;
  return partitionKey(view.id, partition);
}

export const knowsAll = (list: TopicNames, partitions: readonly TopicPartition[]): boolean =>
  partitions.every((one) => keyOf(list, one) !== undefined);

export const noTopic: KafkaRefusal = {
  error: 'UNKNOWN_TOPIC_OR_PARTITION',
  message: 'no such topic or partition; create it first',
};

/** Offsets as they go to a machine, and why the others do not. */
export interface ToCommit {
  readonly commits: readonly OffsetCommit[];
  /** By offset: undefined for those that go. */
  readonly refusals: readonly (KafkaRefusal | undefined)[];
}

/** INVALID_REQUEST if a partition comes twice. */
export function toCommits(
  list: TopicNames,
  offsets: readonly OffsetToCommit[],
  n: number | undefined,
): ToCommit {
  checkOnce(offsets);
  const commits: OffsetCommit[] = [];
  const refusals = offsets.map((one) => {
    const key = keyOf(list, one);
    if (key === undefined) return noTopic;
    const refusal = refusalOfOffset(one);
    if (refusal !== undefined) return refusal;
    const { leaderEpoch = -1, metadata = '' } = one;
    commits.push({ ...key, committed: { offset: toOffset(one.offset), leaderEpoch, metadata }, n });
    return undefined;
  });
  return { commits, refusals };
}

/**
 * What became of all that was asked for, in its order. `later`: refusals of those that were not
 * refused before, in their order.
 */
export function outcomesOf(
  asked: readonly TopicPartition[],
  before: readonly (KafkaRefusal | undefined)[],
  later: readonly (KafkaRefusal | undefined)[],
): readonly PartitionOutcome[] {
  let at = 0;
  return asked.map(({ topic, partition }, i) => {
    const refusal = before[i] ?? later[at];
    if (before[i] === undefined) at += 1;
    if (refusal === undefined) return { topic, partition };
    const { error, message } = refusal;
    return { topic, partition, error, message: `${message} topic=${topic} partition=${partition}` };
  });
}
