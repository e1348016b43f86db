/**
 * API: Produce (key 0), as one RecordBatch v2 of the client's own.
 *
 * Behaviour: checks CRC, magic, counts and sizes (the payload really holds what the header says),
 * then stores the bytes as they came; LogAppendTime rewrites timestamp type, maxTimestamp and CRC
 * first. Producer id, epoch and sequence in the header make it idempotent.
 * Deviations from Kafka: a transactional batch is refused until there are transactions.
 * Store requests: one append (or put); one object PUT above the inline bound.
 */
import type { Appended } from '../engine/appender.ts';
import type { OpenRun } from '../engine/open-run.ts';
import { OutcomeUnknown } from '../engine/outcome-unknown.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { BatchHeader } from '../protocol/record-batch-header.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { rewriteMaxTimestamp } from '../protocol/record-batch-stamp.ts';
import { validateBatch } from '../protocol/record-batch-validate.ts';
import { partition as toPartition, producerId } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import type { ProduceBatchInput, ProducedBatch } from './broker.ts';
import { storedBatch } from './build-batches.ts';
import { checkTimestamp } from './check-timestamp.ts';
import type { BrokerContext } from './context.ts';
import { refusedBy } from './produce-errors.ts';
import { throwIfClosed } from './record-answers.ts';
import { LogClosed, retryClosed } from './retry-closed.ts';

export async function produceBatch(
  context: BrokerContext,
  input: ProduceBatchInput,
): Promise<ProducedBatch> {
  return retryClosed(context, input.topic, () => produceOnce(context, input));
}

async function produceOnce(
  context: BrokerContext,
  input: ProduceBatchInput,
): Promise<ProducedBatch> {
  const { engine } = context;
  const { topic, settings } = await engine.topics.get(input.topic, input.partition);
  const { batch, header } = checkedBatch(input.batch, settings.maxMessageBytes);
  if (header.transactional) {
    throw new ProtocolError(
      'INVALID_TXN_STATE',
      'transactional batches are not taken yet; send it without the transactional flag',
    );
  }
  const now = BigInt(engine.env.clock.now());
  checkTimestamp(header.maxTimestamp, settings, now);
  const stored = storedBatch(batch, settings, now);
  const appender = engine.appender({ topicId: topic.id, partition: toPartition(input.partition) });
  if (!appender.hasRoom(stored.bytes.length)) {
    throw new ProtocolError('THROTTLING_QUOTA_EXCEEDED', 'too much is waiting for this partition');
  }
  const run = runOf(header, stored.bytes);
  const appended = await appender.append(run, engine.deadline());
  const baseOffset = baseOffsetOf(appended, input.partition, run);
  const { recordCount: count, maxTimestamp } = header;
  const isNew = appended.kind === 'decided' && appended.verdict.kind === 'accepted';
  const timestamp = isNew ? (stored.appendTime ?? maxTimestamp) : undefined;
  return { partition: input.partition, baseOffset, count, timestamp };
}

/**
 * The batch, valid. A wrong maxTimestamp is put right, as Kafka's broker does: kafkajs writes one
 * when only some of the records carry a timestamp.
 */
function checkedBatch(
  batch: Uint8Array,
  maxBytes: number,
): { readonly batch: Uint8Array; readonly header: BatchHeader } {
  const maxInflatedBytes = limits.batchInflatedBytesMax;
  const options = { maxBytes, checkRecords: true, maxInflatedBytes };
  try {
    return { batch, header: validateBatch(batch, options) };
  } catch (error) {
    const wrong = error instanceof ProtocolError && error.kafka === 'INVALID_TIMESTAMP';
    if (!wrong) throw error;
    const mended = rewriteMaxTimestamp(batch, { maxInflatedBytes });
    return { batch: mended, header: validateBatch(mended, options) };
  }
}

function runOf(header: BatchHeader, bytes: Uint8Array): OpenRun {
  const stored = readBatchHeader(bytes);
  const run: OpenRun = {
    bytes,
    count: header.recordCount,
    firstTimestamp: stored.baseTimestamp,
    maxTimestamp: stored.maxTimestamp,
    crcs: [stored.crc],
  };
  if (header.producerId < 0n) return run;
  return {
    ...run,
    producer: {
      id: producerId(header.producerId),
      epoch: header.producerEpoch,
      txn: 0,
      transactional: false,
      sequences: [{ baseSequence: header.baseSequence, count: header.recordCount }],
    },
  };
}

function baseOffsetOf(appended: Appended, partition: number, run: OpenRun): bigint {
  switch (appended.kind) {
    case 'closed':
      throw new LogClosed();
    case 'not-committed':
      throw new ProtocolError(
        'KAFKA_STORAGE_ERROR',
        'the store did not take it in time, and nothing was appended; send it again',
      );
    case 'unknown':
      throw new OutcomeUnknown(appended.commandId, run.producer === undefined);
    case 'decided': {
      const { verdict, before } = appended;
      if (verdict.kind === 'accepted' || verdict.kind === 'duplicate') {
        return verdict.baseOffset + BigInt(before);
      }
      throwIfClosed([appended]);
      const { error, message } = refusedBy(partition, verdict);
      throw new ProtocolError(error, message);
    }
  }
}
