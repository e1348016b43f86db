import type { ProduceRecord } from '../broker/broker.ts';
import { conversionFailed, HttpFault, malformed, shown } from './faults.ts';
import { parseJson, textOf } from './json.ts';
import { JsonStream } from './json-stream.ts';
import { checkRecordCount } from './produce-request.ts';
import {
  atIndex,
  fieldFault,
  isObject,
  readBase64,
  readHeaders,
  readJsonValue,
  readPartition,
  readTimestamp,
  unknownField,
} from './record-fields.ts';
import type { Where } from './record-fields.ts';

/** What a report says of a key or value: how it came, and its bytes. */
interface Described {
  readonly type: 'BINARY' | 'STRING' | 'JSON';
  readonly size: number;
}

/** A record of v3 as the broker takes it, and what its report repeats. */
export interface ReadRecord {
  readonly ok: true;
  readonly record: ProduceRecord;
  readonly key: Described | undefined;
  readonly value: Described | undefined;
}

/** Why one record was refused; its neighbours are not. */
export interface RefusedRecord {
  readonly ok: false;
  readonly fault: HttpFault;
  /** Nothing that follows can be read. */
  readonly isLast?: boolean;
}

const recordFields = 'partition_id, headers, key, value, timestamp';

/**
 * Records as one JSON object after the other, in pieces that may be cut anywhere. Where the text
 * stops being JSON, reading ends with a refusal.
 */
export class RecordReader {
  readonly #json = new JsonStream();
  /** Records and refusals so far. */
  count = 0;

  /** What a piece completes, or the end, if there is none. */
  *read(piece?: Uint8Array): Generator<ReadRecord | RefusedRecord> {
    for (const each of piece === undefined ? this.#json.end() : this.#json.push(piece)) {
      const where = atIndex(this.count);
      this.count += 1;
      if (each.ok) {
        yield readOr(() => readRecord(each.value(), where, false));
        continue;
      }
      const message = `expected a JSON object, got text that is none; nothing after it was read position=${each.at} got=${each.got} ${where}`;
      yield { ok: false, fault: malformed(message), isLast: true };
    }
    if (piece === undefined && this.count === 0) {
      throw malformed('expected one record or more, got an empty body');
    }
  }
}

/** All records of a body, for a topic of this name. */
export function readRecordStream(body: Uint8Array, topic: string): (ReadRecord | RefusedRecord)[] {
  const reader = new RecordReader();
  const results: (ReadRecord | RefusedRecord)[] = [];
  for (const piece of [body, undefined]) {
    for (const read of reader.read(piece)) {
      checkRecordCount(reader.count, topic.length);
      results.push(read);
    }
  }
  return results;
}

/** An entry of a batch: a record with an id that is unique in the request. */
export interface BatchEntry {
  readonly id: string;
  readonly read: ReadRecord | RefusedRecord;
}

/** `{entries: [{id, …record}]}`, for a topic of this name. */
export function readRecordBatch(body: Uint8Array, topic: string): BatchEntry[] {
  const parsed = parseJson(textOf(body));
  if (!isObject(parsed)) throw malformed(`expected an object with entries, got ${shown(parsed)}`);
  for (const field of Object.keys(parsed)) {
    if (field !== 'entries')
      throw malformed(`expected only the field entries, got field=${shown(field)}`);
  }
  const { entries } = parsed as { entries?: unknown };
  if (!Array.isArray(entries) || entries.length === 0) {
    throw malformed(`expected a list of at least one entry, got ${shown(entries)} field=entries`);
  }
  checkRecordCount(entries.length, topic.length);
  const seen = new Set<string>();
  return entries.map((entry: unknown, index) => {
    const id = readId(entry, index);
    if (seen.has(id))
      throw malformed(`expected ids that differ, got one twice index=${index} id=${id}`);
    seen.add(id);
    return { id, read: readOr(() => readRecord(entry, `id=${id}`, true)) };
  });
}

function readId(entry: unknown, index: number): string {
  if (!isObject(entry)) throw fieldFault(atIndex(index), 'entries', 'an object', entry);
  const { id } = entry as { id?: unknown };
  if (typeof id === 'string' && /^[A-Za-z0-9_-]{1,80}$/.test(id)) return id;
  const expected = '1 to 80 letters, digits, underscores and hyphens';
  throw fieldFault(atIndex(index), 'id', expected, id);
}

function readOr(read: () => ReadRecord): ReadRecord | RefusedRecord {
  try {
    return read();
  } catch (error) {
    if (error instanceof HttpFault) return { ok: false, fault: error };
    throw error;
  }
}

function readRecord(item: unknown, where: Where, entry: boolean): ReadRecord {
  if (!isObject(item)) {
    throw malformed(`expected a record as a JSON object, got ${shown(item)} ${where}`);
  }
  for (const field of Object.keys(item)) {
    if (!recordFields.split(', ').includes(field) && !(entry && field === 'id')) {
      throw unknownField(where, field, recordFields);
    }
  }
  const partition = readPartition(item['partition_id'], where, 'partition_id');
  const given = item['timestamp'];
  const timestamp = given === undefined || given === null ? undefined : readTimestamp(given, where);
  const key = readTyped(item['key'], where, 'key');
  const value = readTyped(item['value'], where, 'value');
  const record: ProduceRecord = {
    key: key.bytes,
    value: value.bytes,
    headers: readHeaders(item['headers'], where),
    ...(partition === undefined ? {} : { partition }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
  return { ok: true, record, key: key.described, value: value.described };
}

interface Typed {
  readonly bytes: Uint8Array | null;
  readonly described: Described | undefined;
}

/** `{type, data}`; data that is null or absent is a null key or value. */
function readTyped(value: unknown, where: Where, field: string): Typed {
  if (value === undefined || value === null) return { bytes: null, described: undefined };
  if (!isObject(value)) throw fieldFault(where, field, 'an object with type and data', value);
  for (const name of Object.keys(value)) {
    if (name !== 'type' && name !== 'data')
      throw unknownField(where, `${field}.${name}`, 'type, data');
  }
  const { type, data } = value as { type?: unknown; data?: unknown };
  if (type !== 'BINARY' && type !== 'STRING' && type !== 'JSON') {
    throw fieldFault(where, `${field}.type`, 'BINARY, STRING or JSON', type);
  }
  const bytes =
    data === undefined || data === null ? null : readData(type, data, where, `${field}.data`);
  return { bytes, described: { type, size: bytes?.length ?? 0 } };
}

function readData(type: Described['type'], data: unknown, where: Where, field: string): Uint8Array {
  if (type === 'BINARY') return readBase64(data, where, field);
  if (type === 'JSON') return readJsonValue(data, where, field);
  if (typeof data === 'string' && data.isWellFormed()) return Buffer.from(data, 'utf8');
  throw conversionFailed(`expected a string, got ${shown(data)} ${where} field=${field}`);
}
