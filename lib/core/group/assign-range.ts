import { partitionKey } from './group.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import { readersByTopic } from './subscribers.ts';
import type { Subscriber, TopicReaders } from './subscribers.ts';

/**
 * KIP-848's `range`: of each topic, its readers get ranges of ⌊partitions/readers⌋ or one more.
 * Topics with as many partitions and the same readers are divided alike as long as nothing moved,
 * so that their records can be joined; a reader keeps what it had, up to its share.
 */
export function assignRange(members: readonly Subscriber[]): readonly (readonly PartitionKey[])[] {
  const given = members.map((): PartitionKey[] => []);
  for (const one of readersByTopic(members)) divide(members, one, given);
  return given;
}

function divide(
  members: readonly Subscriber[],
  { topic, readers }: TopicReaders,
  given: readonly PartitionKey[][],
): void {
  const share = Math.floor(topic.partitions / readers.length);
  let extras = topic.partitions % readers.length;
  const taken = new Set<number>();
  const unfilled: { readonly reader: number; readonly count: number }[] = [];
  for (const reader of readers) {
    const had = (members[reader]?.before ?? [])
      .filter(
        (one) =>
          one.topicId === topic.id && one.partition < topic.partitions && !taken.has(one.partition),
      )
      .map(({ partition }): number => partition)
      .toSorted((a, b) => a - b);
    const isExtra = had.length > share && extras > 0;
    if (isExtra) extras -= 1;
    const kept = had.slice(0, isExtra ? share + 1 : share);
    for (const partition of kept) {
      taken.add(partition);
      given[reader]?.push(partitionKey(topic.id, partition));
    }
    if (!isExtra) unfilled.push({ reader, count: share - kept.length });
  }
  const free = Array.from({ length: topic.partitions }, (_, i) => i).filter((i) => !taken.has(i));
  let at = 0;
  for (const { reader, count } of unfilled) {
    const wanted = count + (extras > 0 ? 1 : 0);
    if (extras > 0) extras -= 1;
    for (const partition of free.slice(at, at + wanted)) {
      given[reader]?.push(partitionKey(topic.id, partition));
    }
    at += wanted;
  }
}
