/**
 * API: CreatePartitions (key 37), one topic.
 *
 * Behaviour: raises the count. Keys hash to other partitions from then on, as in Kafka.
 * Deviations from Kafka: no assignments.
 * Store requests: two reads, one conditional put.
 */
import { validatePartitionIncrease } from '../core/topic/partition-count.ts';
import type { Topic } from '../core/topic/topic.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { changeTopic } from './change-topic.ts';
import type { BrokerContext } from './context.ts';

export async function createPartitions(
  context: BrokerContext,
  name: string,
  count: number,
): Promise<Topic> {
  return changeTopic(context, name, (topic) => {
    const wrong = validatePartitionIncrease(topic.partitions, count);
    if (wrong !== undefined) throw new ProtocolError(wrong.error, wrong.message);
    return { ...topic, partitions: count };
  });
}
