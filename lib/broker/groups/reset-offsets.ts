/**
 * API: what `kafka-consumer-groups.sh --reset-offsets` puts together of OffsetFetch, ListOffsets
 * and OffsetCommit.
 *
 * Behaviour: of a group without members; members whose session has ended are evicted first.
 * Offsets are clipped to the log. A dry run tells the same and commits nothing.
 * Deviations from Kafka: none.
 * Store requests: a look at the group, one read and three queries; per partition what a fetch at
 * the tail takes (a timestamp: ListOffsets), one or two reads and one put.
 */
import { commitUnowned } from '../../core/group/commit-unowned.ts';
import { partitionName } from '../../core/group/group.ts';
import type { Committed } from '../../core/group/group.ts';
import { refusalOfCall, refusalOfUnowned } from '../../core/group/refusals.ts';
import type { KafkaRefusal } from '../../core/group/refusals.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import { inLanes } from '../../engine/lanes.ts';
import type { TopicList } from '../../engine/topic-views.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { offset as toOffset } from '../../std/brands.ts';
import type { BrokerContext } from '../context.ts';
import type {
  OffsetReset,
  ResetOffsetsInput,
  ResetTarget,
  TopicPartition,
} from '../group-types.ts';
import { listOffset } from '../list-offset.ts';
import { readHead } from '../read-head.ts';
import { checkGroup, checkOnce } from './checks.ts';
import { keyOf, noTopic, outcomesOf } from './partitions.ts';
import { announceAgain, refused } from './refuse.ts';
import { committedIn, liveIn, sightOf } from './sight.ts';

/** Partitions looked up at a time. */
const parallel = 16;

/** Where one partition is, and where it is to go. */
interface Plan {
  readonly key: PartitionKey | undefined;
  readonly before: bigint | undefined;
  readonly after: bigint | undefined;
  readonly refusal: KafkaRefusal | undefined;
}

export async function resetOffsets(
  context: BrokerContext,
  { group, of, to, dryRun }: ResetOffsetsInput,
): Promise<readonly OffsetReset[]> {
  checkGroup(group);
  const { groups } = context.engine;
  const list = await groups.topics.fresh();
  await groups.lookAround(group);
  const sight = await sightOf(context, group, true);
  if (liveIn(sight).length > 0) throw refused('non-empty', group);
  const committed = committedIn(sight);
  const asked = of === undefined ? named(committed, list) : expanded(of, list);
  if (of === undefined && asked.length === 0) throw refused('no-group', group);
  checkOnce(asked);
  const at = new Map(committed.map(([key, { offset }]) => [partitionName(key), offset]));
  const plans = await inLanes(asked, parallel, (one) => planOf(context, one, to, list, at));
  const refusals = dryRun ? [] : await commit(context, group, plans);
  const outcomes = outcomesOf(
    asked,
    plans.map(({ refusal }) => refusal),
    refusals,
  );
  return outcomes.map((outcome, i) => {
    const { before, after } = plans[i] ?? {};
    const reset = before === undefined ? outcome : { ...outcome, before };
    return after === undefined || outcome.error !== undefined ? reset : { ...reset, after };
  });
}

/** Partitions of topics that were deleted have no name any more. */
const named = (
  committed: readonly (readonly [PartitionKey, Committed])[],
  { byId }: TopicList,
): readonly TopicPartition[] =>
  committed.flatMap(([{ topicId, partition }]) => {
    const topic = byId.get(topicId)?.name;
    return topic === undefined ? [] : [{ topic, partition }];
  });

function expanded(
  of: NonNullable<ResetOffsetsInput['of']>,
  { byName }: TopicList,
): readonly TopicPartition[] {
  return of.flatMap(({ topic, partitions }) => {
    if (partitions !== undefined) return partitions.map((partition) => ({ topic, partition }));
    const count = byName.get(topic)?.partitions;
    if (count === undefined) {
      const message = `expected a topic that exists, topic=${topic}`;
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', message);
    }
    return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  });
}

async function planOf(
  context: BrokerContext,
  asked: TopicPartition,
  to: ResetTarget,
  list: TopicList,
  committed: ReadonlyMap<string, bigint>,
): Promise<Plan> {
  const key = keyOf(list, asked);
  if (key === undefined) return { key, before: undefined, after: undefined, refusal: noTopic };
  const before = committed.get(partitionName(key));
  const head = await readHead(context, key);
  const wanted = await wantedOf(context, asked, to, {
    before,
    earliest: head.start,
    latest: head.end.offset,
  });
  if (wanted === undefined) return { key, before, after: undefined, refusal: nothingToShift };
  const low = wanted < head.start ? head.start : wanted;
  const after = low > head.end.offset ? head.end.offset : low;
  return { key, before, after, refusal: undefined };
}

const nothingToShift: KafkaRefusal = {
  error: 'INVALID_REQUEST',
  message: 'expected a committed offset to shift from, got none',
};

async function wantedOf(
  context: BrokerContext,
  asked: TopicPartition,
  to: ResetTarget,
  at: { readonly before: bigint | undefined; readonly earliest: bigint; readonly latest: bigint },
): Promise<bigint | undefined> {
  switch (to.kind) {
    case 'earliest':
      return at.earliest;
    case 'latest':
      return at.latest;
    case 'offset':
      return to.offset;
    case 'shift':
      return at.before === undefined ? undefined : at.before + to.by;
    case 'timestamp': {
      const { offset } = await listOffset(context, { ...asked, at: to.timestamp });
      return offset < 0n ? at.latest : offset;
    }
  }
}

/** Refusals of those plans that are not refused. NON_EMPTY_GROUP if nothing of it happened. */
async function commit(
  context: BrokerContext,
  group: string,
  plans: readonly Plan[],
): Promise<readonly (KafkaRefusal | undefined)[]> {
  const { groups } = context.engine;
  const commits = plans.flatMap(({ key, after }) => {
    if (key === undefined || after === undefined) return [];
    return [{ ...key, committed: { offset: toOffset(after), leaderEpoch: -1, metadata: '' } }];
  });
  await groups.list.announce(group);
  const verdicts = await groups.run(commitUnowned, { group, commits, needsEmpty: true });
  await announceAgain(context, group);
  const isRefused = verdicts.length > 0 && verdicts.every((verdict) => verdict === 'owned');
  if (isRefused) throw refused('non-empty', group);
  return verdicts.map((verdict) =>
    verdict === 'owned' ? refusalOfCall('non-empty') : refusalOfUnowned(verdict),
  );
}
