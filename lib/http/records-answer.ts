import type { Fetched } from '../broker/broker.ts';
import { nextOffsetAfter, recordsOf } from '../broker/records.ts';
import { limits } from '../std/limits.ts';
import type { RecordFormat } from './media-types.ts';
import { RecordWriter } from './record-text.ts';

interface OfPartition {
  readonly topic: string;
  readonly partition: number;
  readonly fetched: Fetched;
  /** Records from here on are left out. */
  readonly before?: bigint;
}

/**
 * The records of an answer: as many as `maxBytes` of keys and values and the limit of an encoded
 * answer allow, but at least one if there is one.
 */
export class RecordsAnswer {
  readonly #format: RecordFormat;
  readonly #maxBytes: number;
  readonly #texts: string[] = [];
  #plain = 0;
  #encoded = 2;
  #undecoded = 0;
  /** There was a record for which there is no room. */
  #isFull = false;

  constructor(format: RecordFormat, maxBytes: number) {
    this.#format = format;
    this.#maxBytes = maxBytes;
  }

  get text(): string {
    return `[${this.#texts.join(',')}]`;
  }

  /** How many there are. */
  get length(): number {
    return this.#texts.length;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#undecoded === 0 ? {} : { 'tailrace-undecoded': String(this.#undecoded) };
  }

  /** Adds what fits, and returns where to go on in the partition. */
  add({ topic, partition, fetched, before }: OfPartition): bigint {
    const { offset } = fetched;
    const writer = new RecordWriter(this.#format, topic, partition);
    let nextOffset = offset;
    // Batch by batch: all at once, well-compressed ones could unfold to gigabytes.
    for (const batch of fetched.batches) {
      if (this.#isFull) break;
      for (const record of recordsOf({ batches: [batch], offset })) {
        if (before !== undefined && record.offset >= before) return before;
        this.#plain += (record.key?.length ?? 0) + (record.value?.length ?? 0);
        const text = writer.write(record);
        this.#encoded += Buffer.byteLength(text) + 1;
        const isTooMuch = this.#plain > this.#maxBytes || this.#encoded > limits.responseBytesMax;
        if (this.#texts.length > 0 && isTooMuch) {
          this.#isFull = true;
          return record.offset;
        }
        this.#undecoded += writer.takeUndecoded();
        this.#texts.push(text);
      }
      nextOffset = nextOffsetAfter(batch);
    }
    return nextOffset;
  }
}
