import { codecOf } from './compression.ts';
import type { Codec } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { ProtocolError } from './errors.ts';

/**
 * Where the fields of a RecordBatch v2 lie (protocol guide, "Record Batch"), big-endian. The CRC
 * covers everything from `attributes` on; what stands before may be stamped without touching it.
 */
export const batchLayout = {
  baseOffset: 0,
  batchLength: 8,
  /** `batchLength` counts from here. */
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Bits of `attributes` above the three of the codec (KIP-32, KIP-98, KIP-534). */
export const attributeBits = {
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

const INT64_MAX = 2n ** 63n - 1n;

/** A batch's first 61 bytes, read. Producer id, epoch and sequence are −1 where there is none. */
export interface BatchHeader {
  readonly baseOffset: bigint;
  /** Bytes after the first 12. */
  readonly batchLength: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: 2;
  /** As it is written, unsigned; whether it is right is `validateBatch`'s to say. */
  readonly crc: number;
  readonly attributes: number;
  /** ≥ 0. After compaction there may be fewer records than offsets, or none. */
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** ≥ 0, and only a claim until the records are read. */
  readonly recordCount: number;
  /** The whole batch, the first 12 bytes included. */
  readonly sizeInBytes: number;
  readonly codec: Codec;
  readonly timestampType: 'create' | 'log-append';
  readonly transactional: boolean;
  readonly control: boolean;
  /** Milliseconds: tombstones of this batch may go after it (KIP-534). Undefined: not set. */
  readonly deleteHorizon: bigint | undefined;
}

/**
 * Reads the header at `at`; the records need not be there. Throws CORRUPT_MESSAGE for what is no
 * batch, UNSUPPORTED_FOR_MESSAGE_FORMAT for the formats before Kafka 0.11, INVALID_RECORD for
 * negative counts and offsets beyond int64, UNSUPPORTED_COMPRESSION_TYPE.
 */
export function readBatchHeader(bytes: Uint8Array, at = 0): BatchHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(at);
  const magic = view[batchLayout.magic];
  if (magic !== undefined && magic < 2) {
    throw new ProtocolError(
      'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      `expected a record batch of format 2: magic=${magic}`,
    );
  }
  if (view.length < batchLayout.records) {
    throw corrupt(`batch is shorter than its header: want=61 have=${view.length}`);
  }
  if (magic !== 2) throw corrupt(`expected a record batch of format 2: magic=${magic}`);
  const batchLength = view.readInt32BE(batchLayout.batchLength);
  const sizeInBytes = batchLength + batchLayout.partitionLeaderEpoch;
  if (sizeInBytes < batchLayout.records) {
    throw corrupt(`batch length leaves no room for the header: min=49 length=${batchLength}`);
  }
  const attributes = view.readInt16BE(batchLayout.attributes);
  const baseTimestamp = view.readBigInt64BE(batchLayout.baseTimestamp);
  const has = (bit: number): boolean => (attributes & bit) !== 0;
  const header: BatchHeader = {
    baseOffset: view.readBigInt64BE(batchLayout.baseOffset),
    batchLength,
    partitionLeaderEpoch: view.readInt32BE(batchLayout.partitionLeaderEpoch),
    magic,
    crc: view.readUInt32BE(batchLayout.crc),
    attributes,
    lastOffsetDelta: view.readInt32BE(batchLayout.lastOffsetDelta),
    baseTimestamp,
    maxTimestamp: view.readBigInt64BE(batchLayout.maxTimestamp),
    producerId: view.readBigInt64BE(batchLayout.producerId),
    producerEpoch: view.readInt16BE(batchLayout.producerEpoch),
    baseSequence: view.readInt32BE(batchLayout.baseSequence),
    recordCount: view.readInt32BE(batchLayout.recordCount),
    sizeInBytes,
    codec: codecOf(attributes),
    timestampType: has(attributeBits.logAppendTime) ? 'log-append' : 'create',
    transactional: has(attributeBits.transactional),
    control: has(attributeBits.control),
    deleteHorizon: has(attributeBits.deleteHorizon) ? baseTimestamp : undefined,
  };
  if (header.recordCount < 0 || header.lastOffsetDelta < 0) {
    throw new ProtocolError(
      'INVALID_RECORD',
      `batch has a negative count: records=${header.recordCount} ` +
        `last_offset_delta=${header.lastOffsetDelta}`,
    );
  }
  if (header.baseOffset > INT64_MAX - BigInt(header.lastOffsetDelta)) {
    throw new ProtocolError('INVALID_RECORD', `offsets exceed int64: base=${header.baseOffset}`);
  }
  return header;
}

/**
 * Reads the header of the one batch that fills `bytes`, and checks its CRC. Throws as
 * `readBatchHeader`, MESSAGE_TOO_LARGE above `maxBytes`, CORRUPT_MESSAGE if the batch is cut short
 * or its CRC is wrong, INVALID_RECORD if something follows it (a produce request carries one batch).
 */
export function readWholeBatch(bytes: Uint8Array, maxBytes: number): BatchHeader {
  if (bytes.length > maxBytes) {
    throw new ProtocolError(
      'MESSAGE_TOO_LARGE',
      `batch is too large: max=${maxBytes} bytes=${bytes.length}`,
    );
  }
  const header = readBatchHeader(bytes);
  if (header.sizeInBytes > bytes.length) {
    throw corrupt(`batch is cut short: want=${header.sizeInBytes} have=${bytes.length}`);
  }
  if (header.sizeInBytes < bytes.length) {
    const trailing = bytes.length - header.sizeInBytes;
    throw new ProtocolError('INVALID_RECORD', `expected exactly one batch: trailing=${trailing}`);
  }
  const crc = crc32c(bytes.subarray(batchLayout.attributes));
  if (crc !== header.crc) {
    throw corrupt(`batch fails its checksum: expected=${hex(header.crc)} actual=${hex(crc)}`);
  }
  return header;
}

/**
 * The headers of batches that stand one after the other and fill `bytes`; each begins where the one
 * before it ends. CRCs are not checked. Throws as `readBatchHeader`; CORRUPT_MESSAGE if the last
 * one is cut short.
 */
export function splitBatches(bytes: Uint8Array): BatchHeader[] {
  const headers: BatchHeader[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readBatchHeader(bytes, at);
    if (header.sizeInBytes > bytes.length - at) {
      const have = bytes.length - at;
      throw corrupt(`batch is cut short: at=${at} want=${header.sizeInBytes} have=${have}`);
    }
    headers.push(header);
    at += header.sizeInBytes;
  }
  return headers;
}

const corrupt = (message: string): ProtocolError => new ProtocolError('CORRUPT_MESSAGE', message);

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');
