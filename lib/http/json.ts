import { isUtf8 } from 'node:buffer';
import { malformed, shown } from './faults.ts';
import { scanJson, skipSpace } from './json-scan.ts';

/** What TypeScript's library does not declare yet: the JSON.parse source text access proposal. */
interface SourceTextAccess {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): { readonly rawJSON: string };
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
}

const json = JSON as JSON & SourceTextAccess;

/** Deeper values are refused on produce and shown as bytes on fetch: many parsers stop there. */
const depthMax = 500;

/** Superset of the numbers that a double cannot hold: 16 digits, or an exponent of three. */
const suspicious = /[\d.]{16}|\d[eE][+-]?\d{3}/;

/** A request body as text. */
export function textOf(body: Uint8Array): string {
  if (!isUtf8(body)) throw malformed('expected a body in UTF-8, got other bytes');
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

/**
 * Parses one JSON value. A number that a double would round is kept as its digits, which `toJson`
 * writes as they were and `integerOf` reads exactly. `from` is where `text` lies in the body.
 */
export function parseJson(text: string, from = 0): unknown {
  try {
    return suspicious.test(text) ? json.parse(text, keepDigits) : json.parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw malformed('expected JSON, got one nested too deeply');
    throw syntaxFault(text, from);
  }
}

function syntaxFault(text: string, from: number): Error {
  const scan = scanJson(text, 0);
  const at = scan.ok ? skipSpace(text, scan.end) : scan.at;
  const got = at >= text.length ? 'the end' : shown(text[at]);
  return malformed(`expected JSON, got text that is not position=${from + at} got=${got}`);
}

function keepDigits(_key: string, value: unknown, { source }: { readonly source?: string }) {
  if (typeof value !== 'number' || source === undefined) return value;
  if (/^-?\d+(?:\.0+)?$/.test(source)) {
    return Number.isSafeInteger(value) ? value : json.rawJSON(source);
  }
  if (String(value) === source) return value;
  const [mantissa = ''] = source.split(/[eE]/);
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  const rounded = digits.length > 15 || !Number.isFinite(value) || (value === 0 && digits !== '');
  // Below 10^-292 a double has fewer than 16 digits.
  return rounded || (value !== 0 && Math.abs(value) < 1e-290) ? json.rawJSON(source) : value;
}

/** The integer that a parsed value is, exactly; undefined if it is none. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (!json.isRawJSON(value)) return undefined;
  return /^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : undefined;
}

/** Whether this is a number that JavaScript cannot hold. */
export function isRawNumber(value: unknown): boolean {
  return json.isRawJSON(value);
}

/** JSON text with bigints as numbers, digit by digit. */
export function toJson(value: unknown): string {
  return json.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? json.rawJSON(String(each)) : each,
  );
}

/** The JSON text of a parsed value; undefined if it is nested more than 500 deep. */
export function valueText(value: unknown): string | undefined {
  try {
    const text = json.stringify(value);
    return isShallow(text) ? text : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The text as it is if it is one JSON value, at most 500 deep. */
export function isJsonValue(text: string): boolean {
  if (!/^[\t\n\r ]*[{["\-\dtfn]/.test(text)) return false;
  try {
    json.parse(text);
  } catch {
    return false;
  }
  return isShallow(text);
}

function isShallow(text: string): boolean {
  if (text.length <= 2 * depthMax) return true;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > depthMax) return false;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return true;
}
