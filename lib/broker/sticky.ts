import type { Random } from '../ports/environment.ts';

/** KIP-794's default. */
const defaultStickyBytes = 16 * 1024;
const topicsMax = 10_000;

interface Choice {
  readonly partition: number;
  readonly partitions: number;
  bytes: number;
}

/** Picks a partition for records without a key, and stays with it for a while (KIP-480, KIP-794). */
export class Sticky {
  readonly #choices = new Map<string, Choice>();
  readonly #random: Random;
  readonly #stickyBytes: number;

  /** After `stickyBytes` another partition gets the records without a key. */
  constructor(random: Random, stickyBytes = defaultStickyBytes) {
    this.#random = random;
    this.#stickyBytes = stickyBytes;
  }

  /** `topic` is whatever the caller tells topics apart by. */
  pick(topic: string, partitions: number, bytes: number): number {
    const choice = this.#choices.get(topic);
    if (
      choice !== undefined &&
      choice.bytes < this.#stickyBytes &&
      choice.partitions === partitions
    ) {
      choice.bytes += bytes;
      return choice.partition;
    }
    if (this.#choices.size >= topicsMax) this.#choices.clear();
    const partition = Math.floor(this.#random.next() * partitions);
    this.#choices.set(topic, { partition, partitions, bytes });
    return partition;
  }
}
