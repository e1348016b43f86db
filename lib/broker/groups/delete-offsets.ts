/**
 * API: OffsetDelete (key 47).
 *
 * Behaviour: of partitions of topics that no member subscribes to.
 * Deviations from Kafka: none.
 * Store requests: one read and three queries, one read per topic, and per partition one or two
 * reads and one put.
 */
import { commitUnowned } from '../../core/group/commit-unowned.ts';
import type { KafkaRefusal } from '../../core/group/refusals.ts';
import { refusalOfUnowned } from '../../core/group/refusals.ts';
import { subscribedTopics } from '../../core/group/subscription.ts';
import type { BrokerContext } from '../context.ts';
import type { PartitionOutcome, TopicPartition } from '../group-types.ts';
import { checkOnce } from './checks.ts';
import { keyOf } from './partitions.ts';
import { noTopic, outcomeOf } from './refuse.ts';
import { existingSight, liveIn } from './sight.ts';

const subscribed: KafkaRefusal = {
  error: 'GROUP_SUBSCRIBED_TO_TOPIC',
  message: 'expected a topic that no member of the group subscribes to',
};

export async function deleteOffsets(
  context: BrokerContext,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<readonly PartitionOutcome[]> {
  checkOnce(partitions);
  const { groups } = context.engine;
  const sight = await existingSight(context, group);
  const list = await groups.topics.freshOf(partitions.map(({ topic }) => topic));
  const read = new Set(
    liveIn(sight).flatMap(({ subscription }) =>
      subscribedTopics(subscription, list.all).map(({ name }) => name),
    ),
  );
  const keys = partitions.map((one) => keyOf(list, one));
  const refusals = keys.map((key, i) => {
    if (key === undefined) return noTopic;
    return read.has(partitions[i]?.topic ?? '') ? subscribed : undefined;
  });
  const commits = keys.flatMap((key, i) =>
    key === undefined || refusals[i] !== undefined ? [] : [{ ...key, committed: undefined }],
  );
  const verdicts = await groups.run(commitUnowned, { group, commits, needsEmpty: false });
  let at = 0;
  return partitions.map((one, i) => {
    if (refusals[i] !== undefined) return outcomeOf(one, refusals[i]);
    const verdict = verdicts[at];
    at += 1;
    return outcomeOf(one, verdict && refusalOfUnowned(verdict));
  });
}
