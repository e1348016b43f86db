import type { PartitionKey } from '../core/log/partition-key.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { partition as toPartition } from '../std/brands.ts';
import type { BrokerContext } from './context.ts';
import { LogClosed, retryClosed } from './retry-closed.ts';

/** What to tell of a read that came to nothing: never that there is nothing. */
export function readError(kind: 'closed' | 'expired'): ProtocolError {
  if (kind === 'closed') return new LogClosed();
  return new ProtocolError('KAFKA_STORAGE_ERROR', 'the store does not answer; try again');
}

/** Reads the log that a name means now. */
export async function readTopic<T>(
  context: BrokerContext,
  { topic: name, partition }: { readonly topic: string; readonly partition: number },
  read: (log: PartitionKey) => Promise<T>,
): Promise<T> {
  return retryClosed(context, name, async () => {
    const { topic } = await context.engine.topics.get(name, partition);
    return read({ topicId: topic.id, partition: toPartition(partition) });
  });
}
