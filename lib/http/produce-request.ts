import { limits } from '../std/limits.ts';
import type { IdempotentProducer, ProduceRecord } from '../broker/broker.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { HttpFault, malformed, shown } from './faults.ts';
import { parseJson, textOf } from './json.ts';
import type { RecordFormat } from './media-types.ts';
import {
  atIndex,
  fieldFault,
  int32Max,
  isObject,
  readEmbedded,
  readHeaders,
  readInt,
  readInt64,
  readPartition,
  readTimestamp,
  unknownField,
} from './record-fields.ts';

/** A produce request of v2: `{records, producers?, acks?}`. */
export interface ProduceRequest {
  readonly records: readonly ProduceRecord[];
  readonly producers?: readonly IdempotentProducer[];
}

const recordFields = 'key, value, partition, headers, timestamp';
const producerFields = 'partition, producer_id, producer_epoch, sequence';
const bodyFields = 'records, producers, acks';
/** Sent by clients that know schemas; without one they say null. */
const schemaFields = ['key_schema', 'key_schema_id', 'value_schema', 'value_schema_id'];

/** Reads the body. `path` is the partition named by the path, for all records. */
export function readProduceRequest(
  body: Uint8Array,
  format: RecordFormat,
  path: number | undefined,
): ProduceRequest {
  const parsed = parseJson(textOf(body));
  if (!isObject(parsed)) throw malformed(`expected an object with records, got ${shown(parsed)}`);
  for (const field of Object.keys(parsed)) {
    if (field === 'records' || field === 'producers' || field === 'acks') continue;
    const schema = schemaFields.includes(field);
    if (schema && parsed[field] === null) continue;
    if (schema)
      throw malformed(`expected no schema in the formats binary and json, got field=${field}`);
    throw malformed(`expected only the fields ${bodyFields}, got another field=${shown(field)}`);
  }
  const { records, producers, acks } = parsed as Record<keyof ProduceRequest | 'acks', unknown>;
  if (acks !== undefined) checkAcks(acks);
  if (!Array.isArray(records) || records.length === 0) {
    throw malformed(`expected a list of at least one record, got ${shown(records)} field=records`);
  }
  checkRecordCount(records.length);
  const read = records.map((item: unknown, index) => readRecord(item, index, format, path));
  return producers === undefined || producers === null
    ? { records: read }
    : { records: read, producers: readProducers(producers, path) };
}

/**
 * What is appended is reported record by record, so it is refused before if the reports would not
 * fit in an answer. `repeatedBytes`: what each repeats of the request.
 */
export function checkRecordCount(count: number, repeatedBytes = 0): void {
  const { reportBytesMax, requestRecordsMax, responseBytesMax } = limits;
  const reported = Math.floor(responseBytesMax / (reportBytesMax + repeatedBytes));
  const max = Math.min(requestRecordsMax, reported);
  if (count <= max) return;
  throw new HttpFault(413, `expected at most ${max} records in a request, got more count=${count}`);
}

/** Any of Kafka's values will do: here every acknowledgement is durable. */
function checkAcks(acks: unknown): void {
  if (acks === 'all' || ['-1', '0', '1'].includes(String(acks))) return;
  throw new ProtocolError(
    'INVALID_REQUIRED_ACKS',
    `expected acks of all, -1, 0 or 1, got acks=${shown(acks)}`,
  );
}

function readRecord(
  item: unknown,
  index: number,
  format: RecordFormat,
  path: number | undefined,
): ProduceRecord {
  const where = atIndex(index);
  if (!isObject(item)) throw fieldFault(where, 'records', 'an object', item);
  let key: Uint8Array | null = null;
  let value: Uint8Array | null = null;
  let headers: ProduceRecord['headers'] = [];
  let partition = path;
  let timestamp: bigint | undefined;
  for (const field of Object.keys(item)) {
    const given = item[field];
    if (field === 'value') value = readEmbedded(format, given, where, field);
    else if (field === 'key') key = readEmbedded(format, given, where, field);
    else if (field === 'headers') headers = readHeaders(given, where);
    else if (field === 'timestamp') {
      if (given !== null) timestamp = readTimestamp(given, where);
    } else if (field === 'partition') {
      const own = readPartition(given, where, field);
      if (own !== undefined && path !== undefined && own !== path) {
        throw fieldFault(where, field, `the partition of the path, ${path}, or none`, given);
      }
      partition = own ?? path;
    } else throw unknownField(where, field, recordFields);
  }
  return {
    key,
    value,
    headers,
    ...(partition === undefined ? {} : { partition }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

function readProducers(value: unknown, path: number | undefined): IdempotentProducer[] {
  if (!Array.isArray(value)) {
    throw malformed(`expected a list of producers, got ${shown(value)} field=producers`);
  }
  const seen = new Set<number>();
  return value.map((item: unknown, index) => {
    const producer = readProducer(item, `producers[${index}]`);
    const { partition } = producer;
    if (seen.has(partition)) {
      throw malformed(`expected one producer per partition, got another partition=${partition}`);
    }
    seen.add(partition);
    if (path !== undefined && partition !== path) {
      throw malformed(
        `expected the partition of the path, ${path}, got partition=${partition} field=producers[${index}]`,
      );
    }
    return producer;
  });
}

function readProducer(item: unknown, field: string): IdempotentProducer {
  if (!isObject(item)) throw malformed(`expected an object, got ${shown(item)} field=${field}`);
  for (const name of Object.keys(item)) {
    if (!producerFields.split(', ').includes(name)) throw unknownField(field, name, producerFields);
  }
  return {
    partition: readInt(item['partition'], 0, int32Max, field, 'partition'),
    producerId: readInt64(item['producer_id'], field, 'producer_id'),
    producerEpoch: readInt(item['producer_epoch'], 0, 2 ** 15 - 1, field, 'producer_epoch'),
    sequence: readInt(item['sequence'], 0, int32Max, field, 'sequence'),
  };
}
