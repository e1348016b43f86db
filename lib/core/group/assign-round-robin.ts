import { partitionKey } from './group.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import { readersByTopic } from './subscribers.ts';
import type { Subscriber } from './subscribers.ts';

/**
 * The classic protocol's `roundrobin`: all partitions in the order of topic names and numbers, to
 * the members in turn; who does not read a topic is passed over. Keeps nothing: a member more or
 * less may move every partition.
 */
export function assignRoundRobin(
  members: readonly Subscriber[],
): readonly (readonly PartitionKey[])[] {
  const given = members.map((): PartitionKey[] => []);
  let turn = 0;
  for (const { topic, readers } of readersByTopic(members)) {
    const reads = new Set(readers);
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      while (!reads.has(turn % members.length)) turn += 1;
      given[turn % members.length]?.push(partitionKey(topic.id, partition));
      turn += 1;
    }
  }
  return given;
}
