import { assert, must } from '../std/assert.ts';
import { codecBits, compress } from './compression.ts';
import type { Codec } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { attributeBits, batchLayout } from './record-batch-header.ts';
import type { LogRecord, RecordHeader } from './record.ts';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.ts';

/** One less than int64's, so that its difference to −1 is an int64, too. */
const TIMESTAMP_MAX = 2n ** 63n - 2n;

export interface EncodeOptions {
  readonly codec: Codec;
  /** −1, as epoch and sequence: not idempotent, which is what is assumed. */
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  /** `log-append`: all records read as the latest timestamp given. */
  readonly timestampType?: 'create' | 'log-append';
  /** 0, as producers send it, unless given. */
  readonly baseOffset?: bigint;
  /** −1, unless given. */
  readonly partitionLeaderEpoch?: number;
  /** Where records lie after compaction, ascending; without it they lie at 0, 1, 2 … */
  readonly offsetDeltas?: readonly number[];
  /** That of the last record, unless given: a compacted batch keeps its last offset. */
  readonly lastOffsetDelta?: number;
}

/**
 * A RecordBatch v2 (protocol guide, "Record Batch"). Without records it is what compaction leaves
 * of a batch. What it is given is our own: a timestamp outside −1 … 2^63−2 is a bug, not an answer.
 */
export function encodeBatch(records: readonly LogRecord[], options: EncodeOptions): Buffer {
  const { codec, offsetDeltas } = options;
  const baseTimestamp = records[0]?.timestamp ?? -1n;
  const deltas = timestampDeltas(records, baseTimestamp);
  const bodyBytes: number[] = [];
  let payloadBytes = 0;
  for (let i = 0; i < records.length; i++) {
    const offsetDelta = offsetDeltas === undefined ? i : must(offsetDeltas[i], 'offset delta');
    const size = bodySize(records[i] as LogRecord, offsetDelta, deltas[i] as number | bigint);
    bodyBytes.push(size);
    payloadBytes += sizeOfVarint(size) + size;
  }
  const raw = codec === 'none' || records.length === 0;
  const recordsAt = raw ? batchLayout.records : 0;
  const target = Buffer.allocUnsafe(recordsAt + payloadBytes);
  let at = recordsAt;
  for (let i = 0; i < records.length; i++) {
    at = writeVarint(target, at, bodyBytes[i] as number);
    target[at++] = 0;
    at = writeVarlong(target, at, deltas[i] as number | bigint);
    at = writeVarint(target, at, offsetDeltas?.[i] ?? i);
    at = writeRecord(target, at, records[i] as LogRecord);
  }
  assert(at === target.length, 'records take the room computed for them');
  const batch = raw
    ? target
    : Buffer.concat([Buffer.allocUnsafe(batchLayout.records), compress(codec, target)]);
  const lastDelta = offsetDeltas === undefined ? records.length - 1 : (offsetDeltas.at(-1) ?? -1);
  writeHeader(batch, {
    ...options,
    codec: raw ? 'none' : codec,
    recordCount: records.length,
    lastOffsetDelta: options.lastOffsetDelta ?? Math.max(0, lastDelta),
    baseTimestamp,
    maxTimestamp: latest(records),
  });
  return batch;
}

interface HeaderFields extends EncodeOptions {
  readonly recordCount: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
}

function writeHeader(batch: Buffer, fields: HeaderFields): void {
  const attributes =
    codecBits(fields.codec) |
    (fields.timestampType === 'log-append' ? attributeBits.logAppendTime : 0) |
    (fields.transactional === true ? attributeBits.transactional : 0) |
    (fields.control === true ? attributeBits.control : 0);
  batch.writeBigInt64BE(fields.baseOffset ?? 0n, batchLayout.baseOffset);
  batch.writeInt32BE(batch.length - batchLayout.partitionLeaderEpoch, batchLayout.batchLength);
  batch.writeInt32BE(fields.partitionLeaderEpoch ?? -1, batchLayout.partitionLeaderEpoch);
  batch[batchLayout.magic] = 2;
  batch.writeInt16BE(attributes, batchLayout.attributes);
  batch.writeInt32BE(fields.lastOffsetDelta, batchLayout.lastOffsetDelta);
  batch.writeBigInt64BE(fields.baseTimestamp, batchLayout.baseTimestamp);
  batch.writeBigInt64BE(fields.maxTimestamp, batchLayout.maxTimestamp);
  batch.writeBigInt64BE(fields.producerId ?? -1n, batchLayout.producerId);
  batch.writeInt16BE(fields.producerEpoch ?? -1, batchLayout.producerEpoch);
  batch.writeInt32BE(fields.baseSequence ?? -1, batchLayout.baseSequence);
  batch.writeInt32BE(fields.recordCount, batchLayout.recordCount);
  batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
}

/** Differences to the base: numbers, and bigints only where a number would not be exact. */
function timestampDeltas(records: readonly LogRecord[], base: bigint): (number | bigint)[] {
  const baseNumber = Number(base);
  return records.map(({ timestamp }) => {
    assert(
      timestamp >= -1n && timestamp <= TIMESTAMP_MAX,
      `timestamp is out of range: timestamp=${timestamp}`,
    );
    const number = Number(timestamp);
    const exact = Number.isSafeInteger(number) && Number.isSafeInteger(baseNumber);
    return exact ? number - baseNumber : timestamp - base;
  });
}

function latest(records: readonly LogRecord[]): bigint {
  let max = -1n;
  for (const { timestamp } of records) if (timestamp > max) max = timestamp;
  return max;
}

const nullableSize = (bytes: Uint8Array | null): number =>
  bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;

function bodySize(record: LogRecord, offsetDelta: number, timestampDelta: number | bigint): number {
  const { key, value, headers } = record;
  let size = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta);
  size += nullableSize(key) + nullableSize(value) + sizeOfVarint(headers.length);
  for (const header of headers) {
    const nameBytes = Buffer.byteLength(header.name);
    size += sizeOfVarint(nameBytes) + nameBytes + nullableSize(header.value);
  }
  return size;
}

function writeRecord(target: Buffer, start: number, record: LogRecord): number {
  let at = writeNullable(target, start, record.key);
  at = writeNullable(target, at, record.value);
  at = writeVarint(target, at, record.headers.length);
  for (const header of record.headers) at = writeRecordHeader(target, at, header);
  return at;
}

function writeRecordHeader(target: Buffer, start: number, header: RecordHeader): number {
  const at = writeVarint(target, start, Buffer.byteLength(header.name));
  return writeNullable(target, at + target.write(header.name, at), header.value);
}

function writeNullable(target: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(target, start, -1);
  const at = writeVarint(target, start, bytes.length);
  target.set(bytes, at);
  return at + bytes.length;
}
