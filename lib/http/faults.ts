import { OutcomeUnknown } from '../engine/outcome-unknown.ts';
import { errorByName, ProtocolError } from '../protocol/errors.ts';
import type { KafkaErrorName } from '../protocol/errors.ts';
import type { UnknownOutcome } from '../broker/broker.ts';
import { InstanceError } from '../broker/instances/instance-types.ts';

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly error_code: number;
  readonly message: string;
  /** Only with 50401: what was sent, and whether sending it again may do it twice. */
  readonly command_id?: string;
  readonly retry_may_duplicate?: boolean;
}

/** A refusal of the door itself, or a Kafka error in its HTTP form. */
export class HttpFault extends Error {
  override name = 'HttpFault';
  /** The HTTP status is its first three digits. */
  readonly errorCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(errorCode: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.errorCode = errorCode;
    this.headers = headers;
  }
}

/** 40001: a value that is not what it should be. */
export const malformed = (message: string): HttpFault => new HttpFault(40_001, message);

/** 42203: a key or value that its format cannot carry. */
export const conversionFailed = (message: string): HttpFault => new HttpFault(42_203, message);

/** How much of what came is repeated in a message. */
const shownLengthMax = 60;

/** What came, short enough for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Nested too deeply to be written down.
  }
  if (text === undefined) return typeof value;
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax)}…`;
}

/** UNKNOWN_TOPIC_OR_PARTITION where the topic is there and the partition is not. */
export const noPartition = 40_402;

/** The body for one Kafka error. `missing` tells which of topic and partition is not there. */
export function errorBody(
  name: KafkaErrorName,
  message: string,
  missing: 'topic' | 'partition' = 'topic',
  unknown?: UnknownOutcome,
): ErrorBody {
  const { error_code: code } = errorByName(name).http;
  const narrowed = name === 'UNKNOWN_TOPIC_OR_PARTITION' && missing === 'partition';
  return {
    error_code: narrowed ? noPartition : code,
    message,
    ...(unknown === undefined
      ? {}
      : { command_id: unknown.commandId, retry_may_duplicate: unknown.retryMayDuplicate }),
  };
}

/** What consumer instances refuse, as the REST proxies have it. */
const instanceErrorCodes: Readonly<Record<InstanceError['reason'], number>> = {
  'no-instance': 40_403,
  'name-taken': 40_902,
  'illegal-state': 40_903,
  malformed: 40_001,
  'out-of-range': 40_003,
  'bad-config': 42_204,
};

/** A fault as an answer. `undefined` for what nobody foresaw: a bug. */
export function errorBodyOf(
  error: unknown,
  missing: 'topic' | 'partition' = 'topic',
): ErrorBody | undefined {
  if (error instanceof HttpFault) return { error_code: error.errorCode, message: error.message };
  if (error instanceof InstanceError) {
    return { error_code: instanceErrorCodes[error.reason], message: error.message };
  }
  if (error instanceof OutcomeUnknown) {
    return errorBody(error.kafka, error.message, missing, error);
  }
  if (error instanceof ProtocolError) return errorBody(error.kafka, error.message, missing);
  return undefined;
}

/** What goes with an error in headers: Kafka's name, where an error code stands for several. */
export function errorHeadersOf(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof HttpFault) return error.headers;
  return error instanceof ProtocolError ? { 'tailrace-error': error.kafka } : {};
}

/** The HTTP status of an error code of the table: its first three digits. */
export function statusOf(errorCode: number): number {
  return Number(String(errorCode).slice(0, 3));
}
