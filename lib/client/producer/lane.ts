import type { Random } from '../../ports/environment.ts';
import type { Entry } from './entry.ts';
import { Line } from './line.ts';

/** Sequence numbers go from 2^31−1 on to 0 (KIP-98). */
const sequences = 2 ** 31;

/**
 * What a producer holds of one partition: the records that wait, in order, and the producer id
 * and sequence under which the next batch goes. No time and no I/O.
 *
 * A batch that was refused took no sequence: the next one goes under the same. A batch of which
 * nobody knows took one perhaps: all that follows goes under a new producer id, so that neither
 * can be taken for the other.
 */
export class Lane {
  readonly topic: string;
  readonly partition: number;
  producerId: bigint;
  sequence = 0;
  readonly #random: Random;
  #batchBytes: number;
  readonly #queue = new Line<Entry>();
  #queueBytes = 0;
  /** Batches that were too large, in halves: they go before the queue. */
  readonly #halves: (readonly Entry[])[] = [];

  constructor(topic: string, partition: number, batchBytes: number, random: Random) {
    this.topic = topic;
    this.partition = partition;
    this.#batchBytes = batchBytes;
    this.#random = random;
    this.producerId = drawProducerId(random);
  }

  get isEmpty(): boolean {
    return this.#queue.size === 0 && this.#halves.length === 0;
  }

  /** A whole batch is there, or one that has waited before. */
  get isFull(): boolean {
    return this.#halves.length > 0 || this.#queueBytes >= this.#batchBytes;
  }

  /** Monotonic ms. */
  get oldestSentAt(): number | undefined {
    return this.#queue.first?.sentAt;
  }

  add(entry: Entry): void {
    entry.stage = 'queued';
    this.#queue.add(entry);
    this.#queueBytes += entry.bytes;
  }

  /** Takes back what waits. */
  remove(entry: Entry): void {
    if (this.#queue.delete(entry)) {
      this.#queueBytes -= entry.bytes;
      return;
    }
    for (const [at, half] of this.#halves.entries()) {
      if (!half.includes(entry)) continue;
      const rest = half.filter((other) => other !== entry);
      this.#halves.splice(at, 1, ...(rest.length === 0 ? [] : [rest]));
      return;
    }
  }

  /** The records of the next batch: as many as fit, one at the least. */
  cut(): readonly Entry[] {
    const half = this.#halves.shift();
    if (half !== undefined) return sent(half);
    const entries: Entry[] = [];
    let bytes = 0;
    for (let entry = this.#queue.first; entry !== undefined; entry = this.#queue.first) {
      if (entries.length > 0 && bytes + entry.bytes > this.#batchBytes) break;
      bytes += entry.bytes;
      entries.push(entry);
      this.#queue.delete(entry);
    }
    this.#queueBytes -= bytes;
    return sent(entries);
  }

  /** Halves a batch that was too large, and makes none of its size any more. */
  split(entries: readonly Entry[]): void {
    const middle = Math.ceil(entries.length / 2);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    this.#batchBytes = Math.max(1, Math.min(this.#batchBytes, Math.ceil(bytes / 2)));
    for (const entry of entries) entry.stage = 'queued';
    this.#halves.unshift(entries.slice(0, middle), entries.slice(middle));
  }

  appended(records: number): void {
    this.sequence = (this.sequence + records) % sequences;
  }

  renew(): void {
    this.producerId = drawProducerId(this.#random);
    this.sequence = 0;
  }
}

function sent(entries: readonly Entry[]): readonly Entry[] {
  for (const entry of entries) entry.stage = 'sent';
  return entries;
}

/** 63 bits: so many that no two producers need to know of each other. */
function drawProducerId(random: Random): bigint {
  const high = Math.floor(random.next() * 2 ** 31);
  const low = Math.floor(random.next() * 2 ** 32);
  return (BigInt(high) << 32n) | BigInt(low);
}
