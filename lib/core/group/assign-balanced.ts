import type { TopicId } from '../../std/brands.ts';
import { partitionKey, partitionName } from './group.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import { readersByTopic } from './subscribers.ts';
import type { Subscriber, TopicReaders } from './subscribers.ts';

/**
 * KIP-848's `uniform`: balance first, then as few moves as possible. Everybody keeps what it had;
 * what is free goes to the reader with the least, topics with the fewest readers per partition
 * first; then partitions move from who has more to who has at least two less and reads the topic,
 * until there are none such. Where all read the same, no two members differ by more than one.
 */
export function assignBalanced(
  members: readonly Subscriber[],
): readonly (readonly PartitionKey[])[] {
  const topics = readersByTopic(members);
  const owned = new Owned(members, topics);
  owned.keep();
  owned.handOut();
  owned.balance();
  return owned.given();
}

class Owned {
  readonly #members: readonly Subscriber[];
  readonly #topics: readonly TopicReaders[];
  readonly #readers: ReadonlyMap<TopicId, ReadonlySet<number>>;
  /** By member, by topic: partition numbers. */
  readonly #has: readonly Map<TopicId, number[]>[];
  readonly #counts: number[];
  readonly #taken = new Set<string>();

  constructor(members: readonly Subscriber[], topics: readonly TopicReaders[]) {
    this.#members = members;
    this.#topics = topics;
    this.#readers = new Map(topics.map(({ topic, readers }) => [topic.id, new Set(readers)]));
    this.#has = members.map(() => new Map());
    this.#counts = members.map(() => 0);
  }

  keep(): void {
    const partitions = new Map(this.#topics.map(({ topic }) => [topic.id, topic.partitions]));
    for (const [i, { before }] of this.#members.entries()) {
      for (const one of before) {
        const isThere = one.partition < (partitions.get(one.topicId) ?? 0);
        const reads = this.#readers.get(one.topicId)?.has(i) === true;
        if (isThere && reads && !this.#taken.has(partitionName(one))) this.#give(i, one);
      }
    }
  }

  handOut(): void {
    const scarce = this.#topics.toSorted(
      (a, b) => b.topic.partitions / b.readers.length - a.topic.partitions / a.readers.length,
    );
    for (const { topic, readers } of scarce) {
      for (let partition = 0; partition < topic.partitions; partition += 1) {
        const key = partitionKey(topic.id, partition);
        if (!this.#taken.has(partitionName(key))) this.#give(this.#least(readers), key);
      }
    }
  }

  /** Each move makes the sum of squares smaller, so there is an end. */
  balance(): void {
    for (;;) {
      const fullest = this.#members
        .map((_, i) => i)
        .toSorted((a, b) => this.#count(b) - this.#count(a));
      if (!fullest.some((from) => this.#lighten(from))) return;
    }
  }

  given(): readonly (readonly PartitionKey[])[] {
    return this.#has.map((topics) =>
      [...topics].flatMap(([topicId, partitions]) =>
        partitions.map((partition) => partitionKey(topicId, partition)),
      ),
    );
  }

  /** Moves one partition from a member to the reader with the least, if that has two less. */
  #lighten(from: number): boolean {
    let best: { readonly topic: TopicId; readonly to: number } | undefined;
    for (const { topic, readers } of this.#topics) {
      if ((this.#has[from]?.get(topic.id)?.length ?? 0) === 0) continue;
      const to = this.#least(readers);
      const isBetter = best === undefined || this.#count(to) < this.#count(best.to);
      if (isBetter && this.#count(from) - this.#count(to) >= 2) best = { topic: topic.id, to };
    }
    const partition = best && this.#has[from]?.get(best.topic)?.pop();
    if (best === undefined || partition === undefined) return false;
    this.#counts[from] = this.#count(from) - 1;
    this.#give(best.to, partitionKey(best.topic, partition));
    return true;
  }

  #count(member: number): number {
    return this.#counts[member] ?? 0;
  }

  #least(readers: readonly number[]): number {
    return readers.reduce(
      (best, i) => (this.#count(i) < this.#count(best) ? i : best),
      readers[0] ?? 0,
    );
  }

  #give(member: number, key: PartitionKey): void {
    const has = this.#has[member];
    if (has === undefined) return;
    const partitions = has.get(key.topicId);
    if (partitions === undefined) has.set(key.topicId, [key.partition]);
    else partitions.push(key.partition);
    this.#counts[member] = this.#count(member) + 1;
    this.#taken.add(partitionName(key));
  }
}
