import type { Item } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { checkFormat, formatNumber } from './format.ts';

/*
 * Bodies of records that are rare, and read by people: a JSON object with the format in `v`.
 * 64-bit numbers are decimal strings.
 */

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonFields = Readonly<Record<string, Json>>;

/**
 * The fields, with those that `before` has beside them: an older release that changes an item
 * keeps what a newer one has added to it.
 */
export function encodeJson(fields: JsonFields, before?: Item): Uint8Array {
  const kept = before === undefined ? {} : decodeJson(before).fields;
  return Buffer.from(JSON.stringify({ ...kept, v: formatNumber, ...fields }), 'utf8');
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeJson(item: Item): JsonReader {
  const reader = new JsonReader(parse(item.body));
  checkFormat(reader.integer('v'));
  return reader;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new MalformedBytes('body is not JSON');
  }
}

/** The fields of an object; each method throws MalformedBytes for one that is not as it says. */
export class JsonReader {
  readonly fields: JsonFields;

  constructor(value: unknown) {
    if (!isObject(value)) throw new MalformedBytes('not a JSON object');
    this.fields = value;
  }

  #of<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new MalformedBytes(`field is not what it should be: ${name}`);
    return value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  #field(name: string): Json | undefined {
    return this.has(name) ? this.fields[name] : undefined;
  }

  string(name: string): string {
    const value = this.#field(name);
    return this.#of(name, typeof value === 'string' ? value : undefined);
  }

  boolean(name: string): boolean {
    const value = this.#field(name);
    return this.#of(name, typeof value === 'boolean' ? value : undefined);
  }

  integer(name: string, min = 0, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.#field(name);
    const fits =
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
    return this.#of(name, fits ? value : undefined);
  }

  /** Decimal digits: 0 … 2^63−1. */
  int64(name: string): bigint {
    return this.#of(name, toInt64(this.#field(name)));
  }

  array(name: string): readonly Json[] {
    const value = this.#field(name);
    return this.#of(name, Array.isArray(value) ? (value as readonly Json[]) : undefined);
  }

  object(name: string): JsonReader {
    return new JsonReader(this.#field(name));
  }
}

/** Undefined unless it is text of decimal digits, 0 … 2^63−1. */
export function toInt64(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^(?:0|[1-9]\d{0,18})$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 2n ** 63n ? number : undefined;
}

export function fromInt64(value: bigint): string {
  const text = String(value);
  assert(toInt64(text) !== undefined, `number is out of bounds: value=${text}`);
  return text;
}

function isObject(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
