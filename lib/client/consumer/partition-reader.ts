import type { Fetched } from '../../broker/broker.ts';
import { readBatchHeader } from '../../protocol/record-batch-header.ts';
import type { TopicPartition } from '../types.ts';

/** A batch that was fetched, from its first offset up to `next`. */
export interface Held {
  readonly bytes: Uint8Array;
  readonly next: bigint;
  readonly highWatermark: bigint;
}

export type Place = bigint | 'beginning' | 'end';

/** A fetch to be made: at most so many bytes from there. */
export interface Wanted {
  readonly offset: Place;
  readonly bytes: number;
}

/**
 * What a consumer holds of one partition: where it is, what was fetched and not handed out yet.
 * No time and no I/O.
 */
export class PartitionReader implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Of a group's assignment: another topic of the name is not read. */
  readonly topicId: string | undefined;
  /** The offset of the next record to be handed out, once it is known. */
  position: bigint | undefined;
  highWatermark: bigint | undefined;
  paused = false;
  /** Fetched, but not handed out: somebody works on its last record, or it comes or goes. */
  reserved = false;
  /** Nothing from here on is handed out. */
  end: bigint | undefined;
  /** What stands behind the batches that are held: the reader goes no further. */
  trouble: { readonly error: unknown } | undefined;
  #held: Held[] = [];
  #bytes = 0;
  /** Where the next fetch begins. */
  #next: Place;

  constructor(
    { topic, partition, topicId }: TopicPartition & { readonly topicId?: string },
    place: Place,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.topicId = topicId;
    this.#next = place;
    this.position = typeof place === 'bigint' ? place : undefined;
  }

  /** Goes somewhere else. What is held is forgotten. */
  place(place: Place): void {
    this.forget();
    this.#next = place;
    this.position = typeof place === 'bigint' ? place : undefined;
  }

  forget(): void {
    this.#bytes = 0;
    this.#held = [];
    this.trouble = undefined;
    if (this.position !== undefined) this.#next = this.position;
  }

  get isFree(): boolean {
    return !this.paused && !this.reserved;
  }

  /** All up to `end` was handed out. */
  get isOver(): boolean {
    return this.end !== undefined && (this.position ?? 0n) >= this.end;
  }

  /** The next fetch, if one is wanted: not before half of what it may hold is handed out. */
  wanted(budget: number): Wanted | undefined {
    if (this.paused || this.isOver || this.trouble !== undefined) return undefined;
    if (this.#bytes > budget / 2) return undefined;
    const next = this.#next;
    if (typeof next === 'bigint' && this.end !== undefined && next >= this.end) return undefined;
    return { offset: next, bytes: budget - this.#bytes };
  }

  /** Throws CORRUPT_MESSAGE, and the like, for what is no batch; then nothing is taken. */
  take({ batches, offset, highWatermark }: Fetched): void {
    let next = offset;
    const held: Held[] = [];
    for (const bytes of batches) {
      const { baseOffset, lastOffsetDelta } = readBatchHeader(bytes);
      const after = baseOffset + BigInt(lastOffsetDelta) + 1n;
      if (after <= next) continue;
      next = after;
      held.push({ bytes, next, highWatermark });
    }
    this.#held.push(...held);
    for (const { bytes } of held) this.#bytes += bytes.length;
    this.position ??= offset;
    this.#next = next;
    this.highWatermark = highWatermark;
    // A log that ends earlier than it did was made anew: nobody waits for its old end.
    if (this.end !== undefined && highWatermark < this.end) this.end = highWatermark;
  }

  get front(): Held | undefined {
    return this.#held[0];
  }

  /** Bytes of batches, as they were fetched. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** All of the front batch was handed out. */
  passFront(): void {
    const front = this.#held.shift();
    if (front === undefined) return;
    this.position = front.next;
    this.#bytes -= front.bytes.length;
  }
}
