import { isPartition, noPartition } from '../engine/topics.ts';
import type { KnownTopic } from '../engine/topics.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { partitionForKey } from '../protocol/murmur2.ts';
import type { LogRecord } from '../protocol/record.ts';
import { limits } from '../std/limits.ts';
import type { ProduceInput, ProducedRecord, ProduceRecord } from './broker.ts';
import { recordBytes } from './build-batches.ts';
import { checkTimestamp } from './check-timestamp.ts';
import { failedBy } from './produce-errors.ts';

/** The records of a request that go to one partition. */
export interface Share {
  readonly partition: number;
  /** Indexes in the request. */
  readonly indexes: number[];
  readonly records: LogRecord[];
}

/** Bytes of the records that a sticky partition is picked for. */
export function keylessBytes(records: readonly ProduceRecord[]): number {
  return records
    .filter(({ key, partition }) => key === null && partition === undefined)
    .reduce((sum, record) => sum + recordBytes(record), 0);
}

export interface Split {
  readonly partitions: number;
  /** Where records without key and partition go; −1 if there are none. */
  readonly sticky: number;
  /** The time of arrival, ms. */
  readonly now: bigint;
}

/** Sorts the records by partition; those that fail by themselves are answered at once. */
export function splitRecords(
  input: ProduceInput,
  known: KnownTopic,
  { partitions, sticky, now }: Split,
  results: ProducedRecord[],
): readonly Share[] {
  const shares = new Map<number, Share>();
  for (const [index, record] of input.records.entries()) {
    const { partition } = record;
    try {
      const keyed = record.key === null ? sticky : partitionForKey(record.key, partitions);
      const to = partition ?? keyed;
      if (!isPartition(partitions, to)) throw noPartition(input.topic, partitions, to);
      checkRecord(record, known, now);
      const share = shares.get(to) ?? { partition: to, indexes: [], records: [] };
      const createTime = known.settings.timestampType === 'create';
      const timestamp = createTime ? (record.timestamp ?? now) : now;
      share.indexes.push(index);
      share.records.push({ ...record, timestamp });
      shares.set(to, share);
    } catch (error) {
      results[index] = failedBy(error, partition);
    }
  }
  return [...shares.values()];
}

function checkRecord(record: ProduceRecord, { settings }: KnownTopic, now: bigint): void {
  const bytes = 61 + recordBytes(record);
  if (bytes > settings.maxMessageBytes) {
    throw new ProtocolError(
      'MESSAGE_TOO_LARGE',
      `record is larger than the topic allows: max.message.bytes=${settings.maxMessageBytes} bytes=${bytes}`,
    );
  }
  if (record.headers.length > limits.headersPerRecordMax) {
    throw new ProtocolError(
      'INVALID_RECORD',
      `expected at most ${limits.headersPerRecordMax} headers: headers=${record.headers.length}`,
    );
  }
  if (record.timestamp !== undefined) checkTimestamp(record.timestamp, settings, now);
}
