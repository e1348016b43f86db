/**
 * API: DeleteTopics (key 20), one topic.
 *
 * Behaviour: answers when every partition is closed, so that nothing can be appended to it any more
 * by anyone; what it held is removed by maintenance. Resumable by any admin call of the same name,
 * and by maintenance.
 * Deviations from Kafka: none.
 * Store requests: three reads, one transaction of three, one append per partition, one delete.
 */
import { deleteTopicNamed } from '../engine/topic-deletion.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { BrokerContext } from './context.ts';

export async function deleteTopic(context: BrokerContext, name: string): Promise<void> {
  const deleted = await deleteTopicNamed(context.engine, name);
  if (deleted) return;
  throw new ProtocolError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `expected the name of a topic that exists: topic=${name}`,
  );
}
