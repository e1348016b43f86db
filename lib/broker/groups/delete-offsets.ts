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
import type { PartitionKey } from '../../core/log/partition-key.ts';
import type { BrokerContext } from '../context.ts';
import type { PartitionOutcome, TopicPartition } from '../group-types.ts';
import { checkOnce } from './checks.ts';
import { keyOf, noTopic, outcomesOf } from './partitions.ts';
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
  const named = [...list.byName.values()];
  const subscriptions = liveIn(sight).flatMap(({ subscription }) =>
    subscribedTopics(subscription, named).map(({ name }) => name),
  );
  const commits: (PartitionKey & { readonly committed: undefined })[] = [];
  const refusals = partitions.map((one) => {
    const key = keyOf(list, one);
    if (key === undefined) return noTopic;
    if (subscriptions.includes(one.topic)) return subscribed;
    commits.push({ ...key, committed: undefined });
    return undefined;
  });
  const verdicts = await groups.run(commitUnowned, { group, commits, needsEmpty: false });
  return outcomesOf(partitions, refusals, verdicts.map(refusalOfUnowned));
}
