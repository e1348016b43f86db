import { limits } from '../std/limits.ts';
import type { ProduceRecord } from '../broker/broker.ts';
import { conversionFailed, HttpFault, malformed, shown } from './faults.ts';
import { parseIsoTime } from './iso-time.ts';
import { integerOf, isRawNumber, valueText } from './json.ts';
import type { RecordFormat } from './media-types.ts';

/** Fields of one record of a produce request. Written by hand: it runs for every record. */

export const int32Max = 2 ** 31 - 1;
export const int64Max = 2n ** 63n - 1n;
/** One less, so that its difference to Kafka's "none", -1, is an int64, too. */
const timestampMax = int64Max - 1n;

type JsonObject = Readonly<Record<string, unknown>>;
type Headers = ProduceRecord['headers'];

/** Which record a message speaks of: its index, or in a batch of v3 its entry's id. */
export type Where = string;

export const atIndex = (index: number): Where => `index=${index}`;

export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)
  );
}

/** `expected …, got … index=3 field=key`. */
export function fieldFault(where: Where, field: string, expected: string, got: unknown): HttpFault {
  return malformed(`expected ${expected}, got ${shown(got)} ${where} field=${field}`);
}

export function unknownField(where: Where, field: string, known: string): HttpFault {
  return malformed(`expected only the fields ${known}, got another ${where} field=${shown(field)}`);
}

/** Bytes of a base64 text: RFC 4648 section 4, padded, without anything else in it. */
export function readBase64(value: unknown, where: Where, field: string): Uint8Array {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    // Node's decoder passes over what is not base64; only what comes back the same was.
    if (bytes.toString('base64') === value) return bytes;
  }
  throw conversionFailed(
    `expected padded base64 (RFC 4648, section 4), got ${shown(value)} ${where} field=${field}`,
  );
}

/** The compact JSON text of a value, as bytes. */
export function readJsonValue(value: unknown, where: Where, field: string): Uint8Array {
  const text = valueText(value);
  if (text !== undefined) return Buffer.from(text, 'utf8');
  throw conversionFailed(`expected JSON at most 500 deep, got deeper ${where} field=${field}`);
}

/** A key or value of v2; null stays null in both formats. */
export function readEmbedded(
  format: RecordFormat,
  value: unknown,
  where: Where,
  field: string,
): Uint8Array | null {
  if (value === null || value === undefined) return null;
  return format === 'binary' ? readBase64(value, where, field) : readJsonValue(value, where, field);
}

/** An integer within bounds; a larger one is refused, never rounded. */
export function readInt(
  value: unknown,
  min: number,
  max: number,
  where: Where,
  field: string,
): number {
  const integer = typeof value === 'number' && Number.isInteger(value) ? value : undefined;
  if (integer !== undefined && integer >= min && integer <= max) return integer;
  throw fieldFault(where, field, `an integer from ${min} to ${max}`, value);
}

export function readInt64(
  value: unknown,
  where: Where,
  field: string,
  max: bigint = int64Max,
): bigint {
  const integer = integerOf(value);
  if (integer !== undefined && integer >= 0n && integer <= max) return integer;
  throw fieldFault(where, field, `an integer from 0 to ${max}`, value);
}

/** Milliseconds since 1970, or an ISO 8601 time with a zone, as v3 clients send it. */
export function readTimestamp(value: unknown, where: Where): bigint {
  if (typeof value !== 'string') return readInt64(value, where, 'timestamp', timestampMax);
  const ms = parseIsoTime(value);
  if (ms !== undefined && ms >= 0n) return ms;
  const expected = 'milliseconds since 1970 or a time such as 2026-01-31T12:00:00.000Z';
  throw fieldFault(where, 'timestamp', expected, value);
}

/** `[{name, value: base64 or null}]`. */
export function readHeaders(value: unknown, where: Where): Headers {
  if (value === null || value === undefined) return [];
  const max = limits.headersPerRecordMax;
  if (!Array.isArray(value) || value.length > max) {
    throw fieldFault(where, 'headers', `a list of at most ${max} headers`, value);
  }
  return value.map((header: unknown, index) => {
    const field = `headers[${index}]`;
    if (!isObject(header)) throw fieldFault(where, field, 'an object', header);
    for (const name of Object.keys(header)) {
      if (name !== 'name' && name !== 'value')
        throw unknownField(where, `${field}.${name}`, 'name, value');
    }
    const { name, value: bytes } = header as { name?: unknown; value?: unknown };
    if (typeof name !== 'string' || !name.isWellFormed()) {
      throw fieldFault(where, `${field}.name`, 'a string', name);
    }
    const decoded =
      bytes === null || bytes === undefined ? null : readBase64(bytes, where, `${field}.value`);
    return { name, value: decoded };
  });
}

/** Where a record may say its partition; null stands for none, as existing clients send it. */
export function readPartition(value: unknown, where: Where, field: string): number | undefined {
  return value === null || value === undefined
    ? undefined
    : readInt(value, 0, int32Max, where, field);
}
