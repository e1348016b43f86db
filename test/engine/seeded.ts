import type { Ids, Random } from '../../lib/ports/environment.ts';
import { commandId, topicId } from '../../lib/std/brands.ts';

/** A small generator (mulberry32): the same seed gives the same history. */
export class Seeded implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** An integer of low … high, inclusive. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(0, from.length - 1)] as T;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(0, 255)));
  }
}

/** Names as a process draws them, but from a seed. */
export function seededIds(random: Seeded): Ids {
  const processPrefix = random.bytes(3).toString('hex');
  return {
    processPrefix,
    command: () => commandId(processPrefix + random.bytes(5).toString('hex')),
    topic: () => topicId(random.bytes(16).toString('base64url')),
    object: () => random.bytes(8).toString('hex'),
  };
}
