/**
 * API: Metadata (key 3) and DescribeTopicPartitions (key 75), one topic.
 *
 * Behaviour: strong. UNKNOWN_TOPIC_OR_PARTITION.
 * Deviations from Kafka: none.
 * Store requests: one read.
 */
import type { Topic } from '../core/topic/topic.ts';
import type { BrokerContext } from './context.ts';

export async function describeTopic(context: BrokerContext, name: string): Promise<Topic> {
  const { topic } = await context.engine.topics.fresh(name);
  return topic;
}
