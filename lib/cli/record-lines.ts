import type { Bytes, ProducerRecord } from '../client/types.ts';
import { isUtf8 } from 'node:buffer';
import { parseIsoTime } from '../http/iso-time.ts';
import { integerOf, parseJson } from '../http/json.ts';
import { isObject, readBase64, readJsonValue } from '../http/record-fields.ts';
import type { NamedValue } from './arguments.ts';
import type { InputLine } from './input-lines.ts';

/** What the options of `produce` say of every record. */
export interface RecordOptions {
  readonly topic?: string;
  readonly key?: string;
  readonly keySeparator?: string;
  readonly headers: readonly NamedValue[];
  readonly partition?: number;
  /** What stands for Kafka's null. */
  readonly null?: string;
}

export type ParseRecord = (line: InputLine) => ProducerRecord | undefined;

/** A line is a value, behind the first separator if there is one. */
export function textRecords(topic: string, options: RecordOptions): ParseRecord {
  const separator = bytesOf(options.keySeparator);
  const marker = bytesOf(options.null);
  const shared = sharedFields(options);
  const orNull = (bytes: Buffer): Buffer | null => (marker?.equals(bytes) === true ? null : bytes);
  return ({ bytes }) => {
    const at = separator === undefined ? -1 : bytes.indexOf(separator);
    if (separator === undefined || at < 0) return { topic, ...shared, value: orNull(bytes) };
    return {
      topic,
      ...shared,
      key: orNull(bytes.subarray(0, at)),
      value: orNull(bytes.subarray(at + separator.length)),
    };
  };
}

const bytesOf = (text: string | undefined): Buffer | undefined =>
  text === undefined ? undefined : Buffer.from(text);

function sharedFields({ key, headers, partition }: RecordOptions) {
  return {
    ...(key === undefined ? {} : { key }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(partition === undefined ? {} : { partition }),
  };
}

const fields = ['topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers'];

/**
 * A line is a JSON object as `consume --json` writes it; an empty line is passed over. What the
 * options say goes before what the object says, and headers of both are sent.
 */
export function jsonRecords(options: RecordOptions): ParseRecord {
  const shared = sharedFields(options);
  return ({ bytes, number }) => {
    if (!isUtf8(bytes)) throw fault(number, 'UTF-8', 'other bytes');
    const text = bytes.toString('utf8').trim();
    if (text === '') return undefined;
    const object = parsed(text, number);
    if (!isObject(object)) throw fault(number, 'a JSON object', text.slice(0, 20));
    const unknown = Object.keys(object).find((name) => !fields.includes(name));
    if (unknown !== undefined) throw fault(number, `the fields ${fields.join(', ')}`, unknown);
    const topic = options.topic ?? object['topic'];
    if (typeof topic !== 'string') {
      throw fault(number, 'a topic, in the object or on the command line', 'none');
    }
    const where = `line=${number}`;
    return {
      topic,
      ...partitionOf(object['partition'], number),
      ...timestampOf(object['timestamp'], number),
      key: embedded(object['key'], where, 'key'),
      value: embedded(object['value'], where, 'value'),
      ...shared,
      headers: [...headersOf(object['headers'], number), ...options.headers],
    };
  };
}

function parsed(text: string, line: number): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`${(error as Error).message} line=${line}`, { cause: error });
  }
}

function fault(line: number, expected: string, got: unknown): Error {
  return new Error(`expected ${expected}, got ${String(got)} line=${line}`);
}

/** Text is itself, bytes are `{"__base64": …}`, and anything else is sent as its JSON. */
function embedded(value: unknown, where: string, field: string): Bytes {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  if (isObject(value) && '__base64' in value && Object.keys(value).length === 1) {
    return readBase64(value['__base64'], where, field);
  }
  return readJsonValue(value, where, field);
}

function partitionOf(value: unknown, line: number): { partition?: number } {
  if (value === undefined || value === null) return {};
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return { partition: value };
  }
  throw fault(line, 'a partition', JSON.stringify(value));
}

/** ms since 1970 as a number or as its digits, or an ISO 8601 time. */
function timestampOf(value: unknown, line: number): { timestamp?: bigint } {
  if (value === undefined || value === null) return {};
  const digits = typeof value === 'string' && /^\d{1,19}$/.test(value);
  const ms =
    typeof value === 'string' ? (digits ? BigInt(value) : parseIsoTime(value)) : integerOf(value);
  if (ms !== undefined && ms >= 0n) return { timestamp: ms };
  throw fault(line, 'a timestamp in ms or as ISO 8601', JSON.stringify(value));
}

function headersOf(value: unknown, line: number): { name: string; value: Bytes }[] {
  if (value === undefined || value === null) return [];
  const where = `line=${line}`;
  if (Array.isArray(value)) {
    return value.map((header: unknown) => {
      const name = isObject(header) ? header['name'] : undefined;
      if (!isObject(header) || typeof name !== 'string') {
        throw fault(line, 'headers with a name and a value', JSON.stringify(header));
      }
      return { name, value: embedded(header['value'], where, 'headers') };
    });
  }
  if (isObject(value)) {
    return Object.entries(value).map(([name, each]) => ({
      name,
      value: embedded(each, where, 'headers'),
    }));
  }
  throw fault(line, 'headers as a list or an object', JSON.stringify(value));
}
