/**
 * API: Produce (key 0), as records.
 *
 * Behaviour: picks partitions (explicit; else Kafka's murmur2 of the key; else a sticky one), builds
 * one run per partition, appends them in parallel, and answers per record. Acknowledged is durable:
 * `acks` has no meaning here. With `producers` or an idempotency key a repetition is answered with
 * the original offsets.
 * Deviations from Kafka: a topic is never created by producing to it.
 * Store requests: one append (or put) per partition, one object PUT per partition above the inline
 * bound; with a key one read per partition not seen before, and two writes more.
 */
import type { Appended } from '../engine/appender.ts';
import type { KnownTopic } from '../engine/topics.ts';
import { murmur2Partition } from './partition-of.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { LogRecord } from '../protocol/record.ts';
import { partition as toPartition } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import type { IdempotentProducer, ProduceInput, ProducedRecord, ProduceRecord } from './broker.ts';
import { buildRun, recordBytes } from './build-batches.ts';
import { checkTimestamp } from './check-timestamp.ts';
import type { BrokerContext } from './context.ts';
import { failed, failedBy, refusedBy } from './produce-errors.ts';
import { produceKeyed } from './produce-keyed.ts';

/** The records of a request that go to one partition. */
export interface Share {
  readonly partition: number;
  /** Indexes in the request. */
  readonly indexes: number[];
  readonly records: LogRecord[];
}

export async function produce(
  context: BrokerContext,
  input: ProduceInput,
): Promise<readonly ProducedRecord[]> {
  checkInput(input);
  if (input.records.length === 0) return [];
  const known = await context.engine.topics.get(input.topic);
  if (input.idempotencyKey !== undefined) return produceKeyed(context, input, known);
  const results: ProducedRecord[] = [];
  const keyless = keylessBytes(input.records);
  const { id, partitions } = known.topic;
  const sticky = keyless === 0 ? -1 : context.sticky.pick(id, partitions, keyless);
  const shares = await splitRecords(context, input, known, { partitions, sticky }, results);
  await Promise.all(
    shares.map(async (share) => {
      const producer = input.producers?.find((entry) => entry.partition === share.partition);
      const answer = await appendShare(context, known, share, producer);
      settle(results, share, answer);
    }),
  );
  return results;
}

function checkInput(input: ProduceInput): void {
  const { producers, idempotencyKey } = input;
  if (producers !== undefined && idempotencyKey !== undefined) {
    throw new ProtocolError(
      'INVALID_REQUEST',
      'expected an idempotency key or producer sequences, got both; send one of them',
    );
  }
  const seen = new Set(producers?.map(({ partition }) => partition));
  if (seen.size !== (producers?.length ?? 0)) {
    throw new ProtocolError('INVALID_REQUEST', 'expected at most one producer per partition');
  }
}

/** Bytes of the records that a sticky partition is picked for. */
export function keylessBytes(records: readonly ProduceRecord[]): number {
  return records
    .filter(({ key, partition }) => key === null && partition === undefined)
    .reduce((sum, record) => sum + recordBytes(record), 0);
}

/** Sorts the records by partition; those that fail by themselves are answered at once. */
export async function splitRecords(
  context: BrokerContext,
  input: ProduceInput,
  known: KnownTopic,
  split: { readonly partitions: number; readonly sticky: number },
  results: ProducedRecord[],
): Promise<readonly Share[]> {
  const now = BigInt(context.engine.env.clock.now());
  const shares = new Map<number, Share>();
  for (const [index, record] of input.records.entries()) {
    const { partition } = record;
    try {
      const to = partition ?? murmur2Partition(record.key, split.partitions) ?? split.sticky;
      if (to >= known.topic.partitions || to < 0) await context.engine.topics.get(input.topic, to);
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

async function appendShare(
  context: BrokerContext,
  known: KnownTopic,
  share: Share,
  producer: IdempotentProducer | undefined,
): Promise<Appended | ProducedRecord> {
  const { engine } = context;
  const log = { topicId: known.topic.id, partition: toPartition(share.partition) };
  try {
    const run = buildRun(share.records, known.settings, producer);
    const appender = engine.appender(log);
    if (!appender.hasRoom(run.bytes.length)) {
      throw new ProtocolError(
        'THROTTLING_QUOTA_EXCEEDED',
        `too much is waiting for this partition; slow down and try again partition=${share.partition}`,
      );
    }
    const appended = await appender.append(run, engine.deadline());
    if (appended.kind === 'closed') engine.topics.forget(known.topic.name);
    return appended;
  } catch (error) {
    return failedBy(error, share.partition);
  }
}

/** Fills in the answers of one partition's records. */
export function settle(
  results: ProducedRecord[],
  share: Share,
  answer: Appended | ProducedRecord,
  retryMayDuplicate = true,
): void {
  share.indexes.forEach((index, i) => {
    results[index] = recordAnswer(share, answer, i, retryMayDuplicate);
  });
}

function recordAnswer(
  share: Share,
  answer: Appended | ProducedRecord,
  i: number,
  retryMayDuplicate: boolean,
): ProducedRecord {
  if ('ok' in answer) return answer;
  const { partition } = share;
  switch (answer.kind) {
    case 'closed':
      return failed(partition, 'UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted');
    case 'not-committed':
      return failed(
        partition,
        'KAFKA_STORAGE_ERROR',
        'the store did not take it in time, and nothing was appended; send it again',
      );
    case 'unknown': {
      const { commandId } = answer;
      const advice = retryMayDuplicate ? 'may append it twice' : 'is safe';
      const message = `outcome unknown: it may have been appended; sending it again ${advice}`;
      const unknown = { commandId, retryMayDuplicate };
      return { ...failed(partition, 'REQUEST_TIMED_OUT', message), unknown };
    }
    case 'decided': {
      const { verdict, before } = answer;
      if (verdict.kind !== 'accepted' && verdict.kind !== 'duplicate') {
        return refusedBy(partition, verdict);
      }
      const offset = verdict.baseOffset + BigInt(before + i);
      const timestamp = verdict.kind === 'accepted' ? share.records[i]?.timestamp : undefined;
      return { ok: true, partition, offset, timestamp };
    }
  }
}
