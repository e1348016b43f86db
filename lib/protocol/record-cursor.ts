import { limits } from '../std/limits.ts';
import { decompress } from './compression.ts';
import { ProtocolError } from './errors.ts';
import { batchLayout } from './record-batch-header.ts';
import type { BatchHeader } from './record-batch-header.ts';
import { VarintReader } from './varint.ts';

/** Attributes, both deltas, two lengths and the number of headers: a byte each at the least. */
const RECORD_BODY_BYTES_MIN = 6;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Walks the records of a batch, checks the form of each and allocates nothing for it: validation
 * and decoding accept the same bytes because both go through here. Throws INVALID_RECORD.
 *
 * The number of records and of headers is bounded before anything is made of them, by the bytes
 * that are there and by the limits, whatever the batch claims.
 */
export class RecordCursor {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
  readonly #reader: VarintReader;
  #read = 0;
  #headersSeen = 0;
  #offsetDelta = -1;
  readonly #offsetDeltaMax: number;

  /** Of the record that `next` came to. A length of −1 is null. */
  offsetDelta = 0;
  timestampDelta: number | bigint = 0;
  keyAt = 0;
  keyLength = -1;
  valueAt = 0;
  valueLength = -1;
  headerCount = 0;
  headersAt = 0;

  /** Over the records so far. */
  timestampDeltaMin: number | bigint = Infinity;
  timestampDeltaMax: number | bigint = -Infinity;

  /**
   * `batch` is the one whose header this is; its records unfold to `maxInflatedBytes` at most.
   * Throws as `decompress`, and MESSAGE_TOO_LARGE above `limits.batchRecordsMax`.
   */
  constructor(header: BatchHeader, batch: Uint8Array, maxInflatedBytes: number) {
    const { recordCount, codec, sizeInBytes } = header;
    if (recordCount > limits.batchRecordsMax) {
      throw new ProtocolError(
        'MESSAGE_TOO_LARGE',
        `batch has too many records: max=${limits.batchRecordsMax} records=${recordCount}`,
      );
    }
    const payload = batch.subarray(batchLayout.records, sizeInBytes);
    // What compaction emptied has no bytes to unfold, whatever its codec was.
    const empty = recordCount === 0 && payload.length === 0;
    this.bytes = empty ? payload : decompress(codec, payload, maxInflatedBytes);
    this.recordCount = recordCount;
    this.#offsetDeltaMax = header.lastOffsetDelta;
    this.#reader = new VarintReader(this.bytes);
    const room = Math.floor(this.bytes.length / (1 + RECORD_BODY_BYTES_MIN));
    if (recordCount > room) {
      throw invalid(`batch has no room for its records: records=${recordCount} room=${room}`);
    }
  }

  /** Goes to the next record; false after the last, when all bytes must have been read. */
  next(): boolean {
    const reader = this.#reader;
    if (this.#read === this.recordCount) {
      if (reader.remaining === 0) return false;
      throw invalid(`bytes follow the last record: trailing=${reader.remaining}`);
    }
    const length = reader.varint();
    if (length < RECORD_BODY_BYTES_MIN || length > reader.remaining) {
      throw this.#malformed(`length is off: length=${length} have=${reader.remaining}`);
    }
    const end = reader.at + length;
    reader.skip(1);
    this.timestampDelta = reader.varlong();
    this.offsetDelta = reader.varint();
    this.keyLength = this.#nullableLength();
    this.keyAt = this.keyLength < 0 ? 0 : reader.skip(this.keyLength);
    this.valueLength = this.#nullableLength();
    this.valueAt = this.valueLength < 0 ? 0 : reader.skip(this.valueLength);
    this.headerCount = reader.varint();
    this.headersAt = reader.at;
    if (this.headerCount !== 0) this.#headers();
    if (reader.at !== end) {
      throw this.#malformed(`fields do not fill it: want=${end} at=${reader.at}`);
    }
    if (this.offsetDelta <= this.#offsetDelta || this.offsetDelta > this.#offsetDeltaMax) {
      throw this.#malformed(
        `offset deltas must rise and stay in the batch: before=${this.#offsetDelta} ` +
          `delta=${this.offsetDelta} max=${this.#offsetDeltaMax}`,
      );
    }
    this.#offsetDelta = this.offsetDelta;
    if (this.timestampDelta < this.timestampDeltaMin) this.timestampDeltaMin = this.timestampDelta;
    if (this.timestampDelta > this.timestampDeltaMax) this.timestampDeltaMax = this.timestampDelta;
    this.#read += 1;
    return true;
  }

  #headers(): void {
    const reader = this.#reader;
    const max = limits.headersPerRecordMax;
    if (this.headerCount < 0 || this.headerCount > max) {
      throw this.#malformed(`number of headers is off: max=${max} headers=${this.headerCount}`);
    }
    this.#headersSeen += this.headerCount;
    if (this.#headersSeen > limits.batchRecordsMax) {
      throw this.#malformed(`batch has too many headers: max=${limits.batchRecordsMax}`);
    }
    for (let i = 0; i < this.headerCount; i++) {
      const nameLength = reader.varint();
      if (nameLength < 0) throw this.#malformed(`header has no name: length=${nameLength}`);
      reader.skip(nameLength);
      const valueLength = this.#nullableLength();
      if (valueLength > 0) reader.skip(valueLength);
    }
  }

  #nullableLength(): number {
    const length = this.#reader.varint();
    if (length < -1) throw this.#malformed(`length is negative: length=${length}`);
    return length;
  }

  #malformed(what: string): ProtocolError {
    return invalid(`record is malformed, ${what} record=${this.#read}`);
  }
}

/**
 * The earliest and the latest of the timestamps walked over, as producers wrote them; undefined
 * without records. Throws INVALID_TIMESTAMP if one exceeds int64.
 */
export function timestampRange(
  header: BatchHeader,
  cursor: RecordCursor,
): { readonly min: bigint; readonly max: bigint } | undefined {
  if (cursor.recordCount === 0) return undefined;
  const min = header.baseTimestamp + BigInt(cursor.timestampDeltaMin);
  const max = header.baseTimestamp + BigInt(cursor.timestampDeltaMax);
  if (min < ~INT64_MAX || max > INT64_MAX) {
    throw new ProtocolError('INVALID_TIMESTAMP', `timestamps exceed int64: min=${min} max=${max}`);
  }
  return { min, max };
}

const invalid = (message: string): ProtocolError => new ProtocolError('INVALID_RECORD', message);
