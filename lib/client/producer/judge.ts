import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { mayPass } from '../retries.ts';

/**
 * What to do with a batch that was not acknowledged.
 *
 * `again`: the same bytes once more, while there is time. `renew`: once more, under a new producer
 * id. `split`: in two halves. `refused`: it is certainly not in the log. `unknown`: nobody knows,
 * and the partition goes on under a new producer id.
 */
export type Judgement = 'again' | 'renew' | 'split' | 'refused' | 'unknown';

export interface Tries {
  readonly idempotent: boolean;
  /** An earlier copy of it got no answer: that one may be in the log, or may yet come into it. */
  readonly open: boolean;
  readonly records: number;
}

/** Errors that leave it open whether the batch was appended. */
const lost: readonly KafkaErrorName[] = [
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'UNKNOWN_SERVER_ERROR',
];

const tooLarge: readonly KafkaErrorName[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/** The log's memory of this producer is another than ours (KIP-360). */
const stranger: readonly KafkaErrorName[] = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
];

export const isLost = (error: unknown): boolean =>
  error instanceof OutcomeUnknown || (error instanceof ProtocolError && lost.includes(error.kafka));

/**
 * A refusal is an answer about the copy that it answers, and about no other: once a copy is open,
 * no refusal of a later one makes the batch refused.
 */
export function judge(error: unknown, { idempotent, open, records }: Tries): Judgement {
  if (!(error instanceof ProtocolError)) return 'unknown';
  if (isLost(error)) return idempotent ? 'again' : 'unknown';
  if (mayPass(error)) return 'again';
  if (open) return 'unknown';
  if (tooLarge.includes(error.kafka)) return records > 1 ? 'split' : 'refused';
  return idempotent && stranger.includes(error.kafka) ? 'renew' : 'refused';
}
