import { partitionKey } from '../../core/group/group.ts';
import type { OffsetCommit } from '../../core/group/decide.ts';
import type { KafkaRefusal } from '../../core/group/refusals.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import { isPartition } from '../../engine/topics.ts';
import type { TopicList } from '../../engine/topic-views.ts';
import { offset as toOffset } from '../../std/brands.ts';
import type { OffsetToCommit, PartitionOutcome, TopicPartition } from '../group-types.ts';
import { checkOnce, refusalOfOffset } from './checks.ts';
import { noTopic, outcomeOf } from './refuse.ts';

/** The log that a name means; undefined: there is none. */
export function keyOf(
  { byName }: TopicList,
  { topic, partition }: TopicPartition,
): PartitionKey | undefined {
  const view = byName.get(topic);
  if (view === undefined || !isPartition(view.partitions, partition)) return undefined;
  return partitionKey(view.id, partition);
}

export const knowsAll = (list: TopicList, partitions: readonly TopicPartition[]): boolean =>
  partitions.every((one) => keyOf(list, one) !== undefined);

/** Offsets as they go to a machine, and what becomes of the others. */
export interface Judged<Verdict> {
  readonly commits: readonly OffsetCommit[];
  /** In the order of the offsets, by the verdicts on the commits. */
  readonly outcomes: (
    verdicts: readonly Verdict[],
    refusalOf: (verdict: Verdict) => KafkaRefusal | undefined,
  ) => readonly PartitionOutcome[];
}

/** INVALID_REQUEST if a partition comes twice. */
export function toCommits<Verdict>(
  list: TopicList,
  offsets: readonly OffsetToCommit[],
  n: number | undefined,
): Judged<Verdict> {
  checkOnce(offsets);
  const commits: OffsetCommit[] = [];
  const places = offsets.map((one): KafkaRefusal | number => {
    const key = keyOf(list, one);
    const refusal = key === undefined ? noTopic : refusalOfOffset(one);
    if (key === undefined || refusal !== undefined) return refusal ?? noTopic;
    const { leaderEpoch = -1, metadata = '' } = one;
    const committed = { offset: toOffset(one.offset), leaderEpoch, metadata };
    return commits.push({ ...key, committed, n }) - 1;
  });
  return {
    commits,
    outcomes: (verdicts, refusalOf) =>
      offsets.map((one, i) => {
        const place = places[i];
        if (typeof place !== 'number') return outcomeOf(one, place);
        const verdict = verdicts[place];
        return outcomeOf(one, verdict === undefined ? undefined : refusalOf(verdict));
      }),
  };
}
