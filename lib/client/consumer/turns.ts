import { ProtocolError } from '../../protocol/errors.ts';
import { decodeBatch } from '../../protocol/record-batch-decode.ts';
import type { DecodedRecord } from '../../protocol/record.ts';
import { limits } from '../../std/limits.ts';
import { DeserializationError } from '../errors.ts';
import type { Deserializer, Record, RecordBatch } from '../types.ts';
import type { Held, PartitionReader } from './partition-reader.ts';
import type { ConsumerSettings } from './settings.ts';

interface Open {
  readonly reader: PartitionReader;
  readonly held: Held;
  readonly records: readonly DecodedRecord[];
  /** Of the next record. */
  at: number;
}

/**
 * Hands out what was fetched: partitions take turns, a batch each. A batch is unfolded when its
 * turn comes, a record is deserialized when it is asked for, and a position moves only with what
 * was handed out.
 */
export class Turns<K, V> {
  readonly #readers: () => ReadonlyMap<string, PartitionReader>;
  readonly #settings: ConsumerSettings<K, V>;
  /** Something was handed out to its end, or stands elsewhere now: fetches may be wanted. */
  readonly #onRoom: () => void;
  /** One of each partition that is in the middle of a batch: of those that are worked on, and of what was paused. */
  readonly #opens = new Map<PartitionReader, Open>();
  #last: PartitionReader | undefined;

  constructor(
    readers: () => ReadonlyMap<string, PartitionReader>,
    settings: ConsumerSettings<K, V>,
    onRoom: () => void,
  ) {
    this.#readers = readers;
    this.#settings = settings;
    this.#onRoom = onRoom;
  }

  /** Undefined: nothing is there now. Throws what its partition met, or DeserializationError. */
  record(): Record<K, V> | undefined {
    const open = this.#opened();
    if (open === undefined) return undefined;
    const record = this.#read(open);
    this.#passed(open);
    return record;
  }

  /** As `record`, with all that is left of the batch; up to a record that cannot be read. */
  batch(): RecordBatch<K, V> | undefined {
    const open = this.#opened();
    if (open === undefined) return undefined;
    const { reader, held } = open;
    const records = [this.#read(open)];
    while (this.#isThere(open)) {
      try {
        records.push(this.#read(open));
      } catch {
        // Thrown again, with its place, when it is the first one.
        break;
      }
    }
    this.#passed(open);
    const { topic, partition } = reader;
    return { topic, partition, records, highWatermark: held.highWatermark };
  }

  /** A batch with a record to be handed out: one that was begun goes first. */
  #opened(): Open | undefined {
    for (const open of this.#opens.values()) {
      if (this.#isGone(open)) this.#opens.delete(open.reader);
      else if (this.#isThere(open)) return open;
    }
    for (const reader of this.#inTurn()) {
      const open = this.#openFront(reader);
      if (open === undefined) continue;
      this.#opens.set(reader, open);
      this.#last = reader;
      return open;
    }
    return undefined;
  }

  /** Nothing is left of it, or somebody moved or took the partition meanwhile. */
  #isGone({ reader, held, records, at }: Open): boolean {
    return reader.front !== held || records[at] === undefined;
  }

  #inTurn(): readonly PartitionReader[] {
    const readers = [...this.#readers().values()];
    const next = this.#last === undefined ? 0 : readers.indexOf(this.#last) + 1;
    return [...readers.slice(next), ...readers.slice(0, next)];
  }

  #openFront(reader: PartitionReader): Open | undefined {
    if (this.#opens.has(reader)) return undefined;
    while (reader.isFree && !reader.isOver) {
      const held = reader.front;
      if (held === undefined) {
        if (reader.trouble !== undefined) this.#meet(reader, reader.trouble.error);
        return undefined;
      }
      const records = unfold(reader, held);
      const from = reader.position ?? 0n;
      const at = records.findIndex(({ offset }) => offset >= from);
      const open = { reader, held, records, at: at < 0 ? records.length : at };
      if (this.#isThere(open)) return open;
      this.#passed(open);
    }
    return undefined;
  }

  /** True if it has another record, and nobody holds back, moved or took the partition meanwhile. */
  #isThere(open: Open): boolean {
    const { reader, records, at } = open;
    const record = records[at];
    if (record === undefined || !reader.isFree || this.#isGone(open)) return false;
    return reader.end === undefined || record.offset < reader.end;
  }

  #read(open: Open): Record<K, V> {
    const { reader, records, at } = open;
    const { topic, partition } = reader;
    const { offset, timestamp, key, value, headers } = records[at] as DecodedRecord;
    const { key: readKey, value: readValue } = this.#settings;
    const place = { topic, partition, offset };
    const record: Record<K, V> = {
      ...place,
      timestamp,
      key: deserialize(readKey, key, place, 'key'),
      value: deserialize(readValue, value, place, 'value'),
      headers,
    };
    open.at += 1;
    reader.position = offset + 1n;
    return record;
  }

  /** Lets go of a batch of which nothing is left. */
  #passed(open: Open): void {
    const { reader, records, at } = open;
    const beyond = records[at]?.offset;
    if (beyond === undefined) {
      reader.passFront();
      this.#onRoom();
    } else if (reader.end !== undefined && beyond >= reader.end) {
      reader.position = reader.end;
    }
  }

  #meet(reader: PartitionReader, error: unknown): void {
    const { offsetReset } = this.#settings;
    const gone = error instanceof ProtocolError && error.kafka === 'OFFSET_OUT_OF_RANGE';
    if (!gone || offsetReset === 'error') {
      reader.trouble = undefined;
      throw error;
    }
    reader.place(offsetReset);
    this.#onRoom();
  }
}

/** Control batches hold nothing for readers. What cannot be unfolded is fetched anew, if asked for. */
function unfold(reader: PartitionReader, { bytes }: Held): readonly DecodedRecord[] {
  try {
    const batch = decodeBatch(bytes, { maxInflatedBytes: limits.batchInflatedBytesMax });
    return batch.header.control ? [] : batch.records;
  } catch (error) {
    reader.forget();
    throw error;
  }
}

function deserialize<T>(
  read: Deserializer<T>,
  bytes: Uint8Array | null,
  place: { readonly topic: string; readonly partition: number; readonly offset: bigint },
  part: 'key' | 'value',
): T {
  try {
    return read(bytes, place.topic);
  } catch (error) {
    throw new DeserializationError(place, part, error);
  }
}
