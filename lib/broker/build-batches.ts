import type { TopicSettings } from '../core/topic/topic-settings.ts';
import type { RunProducer } from '../core/log/command.ts';
import type { OpenRun } from '../engine/open-run.ts';
import { encodeBatch } from '../protocol/record-batch-encode.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { rewriteAsLogAppendTime } from '../protocol/record-batch-stamp.ts';
import type { Codec } from '../protocol/compression.ts';
import type { LogRecord } from '../protocol/record.ts';
import { producerId } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import type { IdempotentProducer } from './broker.ts';

/** Bytes of a batch header, and the most that a record's own lengths and deltas take. */
const batchOverhead = 61;
const recordOverhead = 40;

/** What a record takes in an uncompressed batch, at the most. */
export function recordBytes(record: Omit<LogRecord, 'timestamp'>): number {
  let bytes = recordOverhead + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const { name, value } of record.headers) {
    bytes += 10 + Buffer.byteLength(name) + (value?.length ?? 0);
  }
  return bytes;
}

/**
 * One run for a partition's records of one request: as many batches as `max.message.bytes` asks
 * for, compressed as the topic says, with the sequences of an idempotent producer.
 */
export function buildRun(
  records: readonly LogRecord[],
  settings: TopicSettings,
  producer: IdempotentProducer | undefined,
): OpenRun {
  const batches = split(records, settings.maxMessageBytes);
  let sequence = producer?.sequence ?? -1;
  const encoded = batches.map((batch) => {
    const bytes = encodeBatch(batch, {
      codec: codecFor(settings),
      timestampType: settings.timestampType,
      ...(producer === undefined
        ? {}
        : {
            producerId: producer.producerId,
            producerEpoch: producer.producerEpoch,
            baseSequence: sequence,
          }),
    });
    sequence = (sequence + batch.length) % 0x8000_0000;
    return bytes;
  });
  const headers = encoded.map((bytes) => readBatchHeader(bytes));
  const run: OpenRun = {
    bytes: encoded.length === 1 ? (encoded[0] as Buffer) : Buffer.concat(encoded),
    count: records.length,
    firstTimestamp: headers[0]?.baseTimestamp ?? -1n,
    maxTimestamp: headers.reduce((max, h) => (h.maxTimestamp > max ? h.maxTimestamp : max), -1n),
    crcs: headers.map(({ crc }) => crc),
  };
  return producer === undefined ? run : { ...run, producer: runProducer(producer, run.count) };
}

/** One entry, however many batches: only the last five are remembered, and it is sent as one. */
function runProducer(producer: IdempotentProducer, count: number): RunProducer {
  return {
    id: producerId(producer.producerId),
    epoch: producer.producerEpoch,
    txn: 0,
    transactional: false,
    sequences: [{ baseSequence: producer.sequence, count }],
  };
}

function codecFor(settings: TopicSettings): Codec {
  const { compressionType } = settings;
  return compressionType === 'producer' || compressionType === 'uncompressed'
    ? 'none'
    : compressionType;
}

function split(records: readonly LogRecord[], maxBytes: number): readonly LogRecord[][] {
  const batches: LogRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const size = recordBytes(record);
    const last = batches.at(-1);
    const fits = bytes + size <= maxBytes && (last?.length ?? 0) < limits.batchRecordsMax;
    if (last !== undefined && fits) {
      last.push(record);
      bytes += size;
    } else {
      batches.push([record]);
      bytes = batchOverhead + size;
    }
  }
  return batches;
}

/** The bytes of a batch from outside as they will be stored. */
export function storedBatch(
  bytes: Uint8Array,
  settings: TopicSettings,
  now: bigint,
): { readonly bytes: Uint8Array; readonly appendTime: bigint | undefined } {
  if (settings.timestampType === 'create') return { bytes, appendTime: undefined };
  return { bytes: rewriteAsLogAppendTime(bytes, now), appendTime: now };
}
