import { readWholeBatch } from './record-batch-header.ts';
import type { BatchHeader } from './record-batch-header.ts';
import type { DecodedRecord, RecordHeader } from './record.ts';
import { RecordCursor, timestampRange } from './record-cursor.ts';
import { VarintReader } from './varint.ts';

export interface DecodedBatch {
  readonly header: BatchHeader;
  readonly records: readonly DecodedRecord[];
}

const noHeaders: readonly RecordHeader[] = [];

/**
 * The one batch that fills `bytes`, with its records: control batches, batches that compaction left
 * without some or all of their records, too. Keys and values are views of `bytes` or, from a
 * compressed batch, of one buffer of at most `maxInflatedBytes`. Under log-append time every record
 * carries the batch's maxTimestamp, as Kafka's readers have it (KIP-32).
 *
 * Throws as `readWholeBatch` and `RecordCursor` do.
 */
export function decodeBatch(
  bytes: Uint8Array,
  { maxInflatedBytes }: { readonly maxInflatedBytes: number },
): DecodedBatch {
  const header = readWholeBatch(bytes, Infinity);
  const cursor = new RecordCursor(header, bytes, maxInflatedBytes);
  const view = Buffer.from(cursor.bytes.buffer, cursor.bytes.byteOffset, cursor.bytes.byteLength);
  const { baseOffset, baseTimestamp, maxTimestamp } = header;
  const appendTime = header.timestampType === 'log-append';
  const records: DecodedRecord[] = [];
  while (cursor.next()) {
    const { keyAt, keyLength, valueAt, valueLength, timestampDelta } = cursor;
    const created = timestampDelta === 0 ? baseTimestamp : baseTimestamp + BigInt(timestampDelta);
    records.push({
      offset: baseOffset + BigInt(cursor.offsetDelta),
      timestamp: appendTime ? maxTimestamp : created,
      key: keyLength < 0 ? null : view.subarray(keyAt, keyAt + keyLength),
      value: valueLength < 0 ? null : view.subarray(valueAt, valueAt + valueLength),
      headers: cursor.headerCount === 0 ? noHeaders : readHeaders(view, cursor),
    });
  }
  // Said once for all records: each lies between the two.
  if (!appendTime) timestampRange(header, cursor);
  return { header, records };
}

function readHeaders(view: Buffer, cursor: RecordCursor): RecordHeader[] {
  const reader = new VarintReader(view, cursor.headersAt);
  const headers: RecordHeader[] = [];
  for (let i = 0; i < cursor.headerCount; i++) {
    const nameLength = reader.varint();
    const nameAt = reader.skip(nameLength);
    const valueLength = reader.varint();
    const valueAt = valueLength < 0 ? 0 : reader.skip(valueLength);
    headers.push({
      name: view.toString('utf8', nameAt, nameAt + nameLength),
      value: valueLength < 0 ? null : view.subarray(valueAt, valueAt + valueLength),
    });
  }
  return headers;
}
