/**
 * API: Metadata (key 3), all topics.
 *
 * Behaviour: in the order of their names. Strong: a topic whose creation was answered is there.
 * Deviations from Kafka: none.
 * Store requests: one query per MB of topic items.
 */
import type { Topic } from '../core/topic/topic.ts';
import type { BrokerContext } from './context.ts';

export async function listTopics(context: BrokerContext): Promise<readonly Topic[]> {
  const { topics } = await context.engine.catalog.listTopics();
  return topics.filter(({ deleting }) => !deleting);
}
