import { ProtocolError } from './errors.ts';
import { encodeBatch } from './record-batch-encode.ts';
import type { LogRecord } from './record.ts';

type Outcome = 'commit' | 'abort';

/** What a marker in the log says about a transaction (KIP-98). */
export interface ControlRecord {
  readonly outcome: Outcome;
  /** int32: of the coordinator that decided. */
  readonly coordinatorEpoch: number;
}

export interface ControlBatchFields extends ControlRecord {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Milliseconds. */
  readonly timestamp: bigint;
}

const CONTROL_VERSION = 0;
const types: Readonly<Record<Outcome, number>> = { abort: 0, commit: 1 };
const KEY_BYTES = 4;
const VALUE_BYTES = 6;

/**
 * The batch of one marker, the same bytes for the same fields: key {int16 version, int16 type},
 * value {int16 version, int32 coordinator epoch} (Kafka's ControlRecordType, EndTxnMarker).
 */
export function encodeControlBatch(fields: ControlBatchFields): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  key.writeInt16BE(CONTROL_VERSION, 0);
  key.writeInt16BE(types[fields.outcome], 2);
  const value = Buffer.alloc(VALUE_BYTES);
  value.writeInt16BE(CONTROL_VERSION, 0);
  value.writeInt32BE(fields.coordinatorEpoch, 2);
  return encodeBatch([{ key, value, headers: [], timestamp: fields.timestamp }], {
    codec: 'none',
    producerId: fields.producerId,
    producerEpoch: fields.producerEpoch,
    transactional: true,
    control: true,
  });
}

/**
 * The marker in a record of a control batch; undefined for the types that end no transaction, which
 * readers skip. Later versions only add fields. Throws INVALID_RECORD if it is no control record.
 */
export function decodeControlRecord(
  record: Pick<LogRecord, 'key' | 'value'>,
): ControlRecord | undefined {
  const key = Buffer.from(record.key ?? []);
  if (key.length < KEY_BYTES || key.readInt16BE(0) < 0) {
    throw new ProtocolError('INVALID_RECORD', `control record has no key: bytes=${key.length}`);
  }
  const type = key.readInt16BE(2);
  if (type !== types.abort && type !== types.commit) return undefined;
  const value = Buffer.from(record.value ?? []);
  if (value.length < VALUE_BYTES || value.readInt16BE(0) < 0) {
    throw new ProtocolError('INVALID_RECORD', `end marker has no value: bytes=${value.length}`);
  }
  return {
    outcome: type === types.commit ? 'commit' : 'abort',
    coordinatorEpoch: value.readInt32BE(2),
  };
}
