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
import { together } from '../engine/together.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { partition as toPartition } from '../std/brands.ts';
import type { IdempotentProducer, ProduceInput, ProducedRecord } from './broker.ts';
import { buildRun } from './build-batches.ts';
import type { BrokerContext } from './context.ts';
import { failedBy } from './produce-errors.ts';
import { produceKeyed } from './produce-keyed.ts';
import { settle, throwIfClosed } from './record-answers.ts';
import { retryClosed } from './retry-closed.ts';
import { keylessBytes, splitRecords } from './split-records.ts';
import type { Share } from './split-records.ts';

export async function produce(
  context: BrokerContext,
  input: ProduceInput,
): Promise<readonly ProducedRecord[]> {
  checkInput(input);
  if (input.records.length === 0) return [];
  const work = input.idempotencyKey === undefined ? produceUnkeyed : produceKeyed;
  return retryClosed(context, input.topic, async () =>
    work(context, input, await topicOf(context, input)),
  );
}

async function produceUnkeyed(
  context: BrokerContext,
  input: ProduceInput,
  known: KnownTopic,
): Promise<readonly ProducedRecord[]> {
  const results: ProducedRecord[] = [];
  const keyless = keylessBytes(input.records);
  const { id, partitions } = known.topic;
  const sticky = keyless === 0 ? -1 : context.sticky.pick(id, partitions, keyless);
  const now = BigInt(context.engine.env.clock.now());
  const shares = splitRecords(input, known, { partitions, sticky, now }, results);
  const answers = await together(
    shares.map(async (share) => {
      const producer = input.producers?.find((entry) => entry.partition === share.partition);
      const answer = await appendShare(context, known, share, producer);
      settle(results, share, answer, producer === undefined);
      return answer;
    }),
  );
  throwIfClosed(answers);
  return results;
}

/**
 * The topic, read again if a record names a partition beyond those that are known. All records of
 * a request go to one topic id: the next topic of this name may have partitions that this one never
 * had, which nothing closes.
 */
async function topicOf(context: BrokerContext, input: ProduceInput): Promise<KnownTopic> {
  const { topics } = context.engine;
  const known = await topics.get(input.topic);
  const { partitions } = known.topic;
  const beyond = input.records.some(({ partition = 0 }) => partition >= partitions);
  return beyond ? topics.fresh(input.topic) : known;
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
  for (const { producerId, producerEpoch, sequence } of producers ?? []) {
    const fits = producerId >= 0n && producerId < 2n ** 63n;
    if (fits && isUpTo(producerEpoch, 0x7fff) && isUpTo(sequence, 0x7fff_ffff)) continue;
    throw new ProtocolError(
      'INVALID_REQUEST',
      `expected a producer id of 0 … 2^63−1, an epoch of 0 … 32767 and a sequence of 0 … 2^31−1, got producer_id=${producerId} producer_epoch=${producerEpoch} sequence=${sequence}`,
    );
  }
}

const isUpTo = (value: number, max: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= max;

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
    return await appender.append(run, engine.deadline());
  } catch (error) {
    return failedBy(error, share.partition);
  }
}
