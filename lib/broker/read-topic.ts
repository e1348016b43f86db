import type { PartitionKey } from '../core/log/partition-key.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { partition as toPartition } from '../std/brands.ts';
import type { BrokerContext } from './context.ts';

/** Thrown by a read that meets a closed log: the topic that it belongs to was deleted. */
class LogClosed extends ProtocolError {
  override name = 'LogClosed';

  constructor() {
    super('UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted');
  }
}

/** What to tell of a read that came to nothing: never that there is nothing. */
export function readError(kind: 'closed' | 'expired'): ProtocolError {
  if (kind === 'closed') return new LogClosed();
  return new ProtocolError('KAFKA_STORAGE_ERROR', 'the store does not answer; try again');
}

/** A name may be deleted and created again while it is read, and again. */
const attemptsMax = 3;

/**
 * Reads the log that a name means. What this process remembers of the name may be of a topic that
 * is no more, and its clock may have stood still while it was frozen: whoever meets a closed log
 * looks the name up again.
 */
export async function readTopic<T>(
  { engine }: BrokerContext,
  { topic: name, partition }: { readonly topic: string; readonly partition: number },
  read: (log: PartitionKey) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const { topic } = await engine.topics.get(name, partition);
    try {
      return await read({ topicId: topic.id, partition: toPartition(partition) });
    } catch (error) {
      if (!(error instanceof LogClosed)) throw error;
      engine.topics.forget(name);
      if (attempt >= attemptsMax) throw error;
    }
  }
}
