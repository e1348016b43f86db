import fc from 'fast-check';

import type { Codec } from '../../lib/protocol/compression.ts';
import { crc32c } from '../../lib/protocol/crc32c.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import type { KafkaErrorName } from '../../lib/protocol/errors.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { batchLayout } from '../../lib/protocol/record-batch-header.ts';
import type { LogRecord } from '../../lib/protocol/record.ts';

export const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export const maxInflatedBytes = 1 << 20;

export function record(fields: Partial<LogRecord> = {}): LogRecord {
  return { key: null, value: null, headers: [], timestamp: 1_700_000_000_000n, ...fields };
}

/** Buffers and views compare alike, and only the fields of a record remain. */
export function plain(records: readonly LogRecord[]): LogRecord[] {
  const copy = (bytes: Uint8Array | null): Buffer | null => bytes && Buffer.from(bytes);
  return records.map(({ key, value, headers, timestamp }) => ({
    key: copy(key),
    value: copy(value),
    headers: headers.map((header) => ({ name: header.name, value: copy(header.value) })),
    timestamp,
  }));
}

/** Makes the CRC right again, so that what lies behind it is reached. */
export function withCrc(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(batchLayout.attributes)), batchLayout.crc);
  return batch;
}

/** A batch that says what it is told to about the bytes it carries. */
export function claim(
  payload: readonly number[] | Buffer,
  { recordCount = 1, codec = 0 }: { recordCount?: number; codec?: number } = {},
): Buffer {
  const batch = Buffer.concat([
    encodeBatch([], { codec: 'none' }),
    payload instanceof Buffer ? payload : Buffer.from(payload),
  ]);
  batch.writeInt32BE(batch.length - 12, batchLayout.batchLength);
  batch.writeInt16BE(codec, batchLayout.attributes);
  batch.writeInt32BE(recordCount, batchLayout.recordCount);
  batch.writeInt32BE(recordCount - 1, batchLayout.lastOffsetDelta);
  return withCrc(batch);
}

/** The name of the Kafka error that `run` ends with; anything else that is thrown goes on. */
export function refusal(run: () => unknown): KafkaErrorName | 'accepted' {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof ProtocolError) return error.kafka;
    throw error;
  }
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const nullableBytes = fc.option(bytes, { nil: null });

/** From "none" to the last that can be written, most of them near each other. */
const timestamp = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(1_700_000_000_000n, 1_700_000_001_000n) },
  { weight: 1, arbitrary: fc.bigInt(-1n, 2n ** 63n - 2n) },
  { weight: 1, arbitrary: fc.constantFrom(-1n, 0n, 2n ** 53n, 2n ** 63n - 2n) },
);

const anyRecord: fc.Arbitrary<LogRecord> = fc.record({
  key: nullableBytes,
  value: nullableBytes,
  headers: fc.array(
    fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 12 }), value: nullableBytes }),
    { maxLength: 4 },
  ),
  timestamp,
});

export const someRecords = fc.array(anyRecord, { minLength: 1, maxLength: 20 });
