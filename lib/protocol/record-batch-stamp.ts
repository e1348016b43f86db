import { crc32c } from './crc32c.ts';
import { attributeBits, batchLayout, readWholeBatch } from './record-batch-header.ts';
import { RecordCursor, timestampRange } from './record-cursor.ts';

/**
 * Gives the batch at `at` its place in the log, in the bytes themselves. Both fields lie outside
 * the CRC, so this is all that a reader does to stored bytes.
 */
export function stampBatch(
  target: Buffer,
  at: number,
  baseOffset: bigint,
  leaderEpoch: number,
): void {
  target.writeBigInt64BE(baseOffset, at + batchLayout.baseOffset);
  target.writeInt32BE(leaderEpoch, at + batchLayout.partitionLeaderEpoch);
}

/**
 * A copy of a validated batch under log-append time (KIP-32): its records, untouched, all read as
 * `timestamp`, in milliseconds.
 */
export function rewriteAsLogAppendTime(bytes: Uint8Array, timestamp: bigint): Buffer {
  const batch = Buffer.from(bytes);
  const attributes = batch.readInt16BE(batchLayout.attributes) | attributeBits.logAppendTime;
  batch.writeInt16BE(attributes, batchLayout.attributes);
  return withMaxTimestamp(batch, timestamp);
}

/**
 * A copy of a batch whose maxTimestamp is that of its records, as Kafka's broker makes it; for
 * clients that get it wrong (kafkajs does, when only some records are given a timestamp). Throws as
 * `readWholeBatch`, `RecordCursor` and `timestampRange` do.
 */
export function rewriteMaxTimestamp(
  bytes: Uint8Array,
  { maxInflatedBytes }: { readonly maxInflatedBytes: number },
): Buffer {
  const header = readWholeBatch(bytes, Infinity);
  const cursor = new RecordCursor(header, bytes, maxInflatedBytes);
  while (cursor.next());
  const max = timestampRange(header, cursor)?.max ?? header.maxTimestamp;
  return withMaxTimestamp(Buffer.from(bytes), max);
}

function withMaxTimestamp(batch: Buffer, timestamp: bigint): Buffer {
  batch.writeBigInt64BE(timestamp, batchLayout.maxTimestamp);
  batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
  return batch;
}
