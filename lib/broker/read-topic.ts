import type { PartitionKey } from '../core/log/partition-key.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { partition as toPartition } from '../std/brands.ts';
import type { BrokerContext } from './context.ts';
import type { TopicPartition } from './group-types.ts';
import { LogClosed, retryClosed } from './retry-closed.ts';

/** What to tell of a read that came to nothing: never that there is nothing. */
export function readError(kind: 'closed' | 'expired'): ProtocolError {
  if (kind === 'closed') return new LogClosed();
  return new ProtocolError('KAFKA_STORAGE_ERROR', 'the store does not answer; try again');
}

/** Reads the log that a name means now. UNKNOWN_TOPIC_ID if that is another than was asked for. */
export async function readTopic<T>(
  context: BrokerContext,
  { topic: name, partition, topicId }: TopicPartition,
  read: (log: PartitionKey) => Promise<T>,
): Promise<T> {
  const { topics } = context.engine;
  return retryClosed(context, name, async () => {
    let { topic } = await topics.get(name, partition);
    if (topicId !== undefined && topic.id !== topicId) ({ topic } = await topics.fresh(name));
    if (topicId !== undefined && topic.id !== topicId) {
      const message = `the topic was deleted, another has its name: topic=${name} topic_id=${topicId}`;
      throw new ProtocolError('UNKNOWN_TOPIC_ID', message);
    }
    return read({ topicId: topic.id, partition: toPartition(partition) });
  });
}
