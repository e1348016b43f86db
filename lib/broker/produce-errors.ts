import type { Refusal, Verdict } from '../core/log/command.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { KafkaErrorName } from '../protocol/errors.ts';
import { InvariantError } from '../std/assert.ts';
import type { ProducedRecord } from './broker.ts';

export type FailedRecord = Extract<ProducedRecord, { ok: false }>;

export function failed(
  partition: number | undefined,
  error: KafkaErrorName,
  message: string,
): FailedRecord {
  return { ok: false, partition, error, message };
}

/** What a record answers for an error of Kafka's table. Bugs pass through. */
export function failedBy(error: unknown, partition: number | undefined): FailedRecord {
  if (!(error instanceof ProtocolError)) throw error;
  return failed(partition, error.kafka, error.message);
}

/** The one place where a verdict of replay becomes an error of Kafka's. */
const refusals: Readonly<Record<Refusal, readonly [KafkaErrorName, string]>> = {
  closed: ['UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted'],
  floor: ['KAFKA_STORAGE_ERROR', 'the upload is too old; send it again'],
  'out-of-order-sequence': [
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'expected the sequence number that follows the last one of this producer',
  ],
  'invalid-producer-epoch': [
    'INVALID_PRODUCER_EPOCH',
    'a newer instance of this producer has taken over',
  ],
  'producer-unknown': ['UNKNOWN_PRODUCER_ID', 'nothing is known of this producer'],
  'transaction-unverified': ['INVALID_TXN_STATE', 'the transaction was not verified'],
  'transaction-finished': ['INVALID_TXN_STATE', 'the transaction was decided already'],
  'concurrent-transactions': [
    'CONCURRENT_TRANSACTIONS',
    'another transaction of this producer is open, or too many are; try again',
  ],
  'not-next': ['INVALID_REQUEST', 'the log stands elsewhere'],
  'offset-out-of-range': ['OFFSET_OUT_OF_RANGE', 'the offset is beyond the end of the log'],
};

export function refusedBy(
  partition: number,
  verdict: Exclude<Verdict, { kind: 'accepted' | 'duplicate' }>,
): FailedRecord {
  if (verdict.kind === 'done') throw new InvariantError('data is accepted at an offset');
  const [error, message] = refusals[verdict.reason];
  return failed(partition, error, message);
}
