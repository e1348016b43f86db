import type { Random } from '../ports/environment.ts';
import type { TopicId } from '../std/brands.ts';

/** Bytes after which another partition gets the records without a key (KIP-794's default). */
const stickyBytes = 16 * 1024;
const topicsMax = 10_000;

interface Choice {
  readonly partition: number;
  readonly partitions: number;
  bytes: number;
}

/** Picks a partition for records without a key, and stays with it for a while (KIP-480, KIP-794). */
export class Sticky {
  readonly #choices = new Map<TopicId, Choice>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  pick(topic: TopicId, partitions: number, bytes: number): number {
    const choice = this.#choices.get(topic);
    if (choice !== undefined && choice.bytes < stickyBytes && choice.partitions === partitions) {
      choice.bytes += bytes;
      return choice.partition;
    }
    if (this.#choices.size >= topicsMax) this.#choices.clear();
    const partition = Math.floor(this.#random.next() * partitions);
    this.#choices.set(topic, { partition, partitions, bytes });
    return partition;
  }
}
