import { partitionKey } from './group.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import { readersByTopic } from './subscribers.ts';
import type { Subscriber } from './subscribers.ts';

/**
 * Kafka's `range`, of clients and of the group coordinator alike: of each topic, its readers get
 * ranges of ⌊partitions/readers⌋ or, the first ones, one more. Topics with as many partitions and
 * the same readers are divided alike, so that their records can be joined. Keeps nothing: a member
 * more or less may move most partitions.
 */
export function assignRange(members: readonly Subscriber[]): readonly (readonly PartitionKey[])[] {
  const given = members.map((): PartitionKey[] => []);
  for (const { topic, readers } of readersByTopic(members)) {
    const share = Math.floor(topic.partitions / readers.length);
    const extras = topic.partitions % readers.length;
    let next = 0;
    for (const [i, reader] of readers.entries()) {
      const end = next + share + (i < extras ? 1 : 0);
      for (; next < end; next += 1) given[reader]?.push(partitionKey(topic.id, next));
    }
  }
  return given;
}
