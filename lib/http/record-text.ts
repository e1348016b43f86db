import { isUtf8 } from 'node:buffer';
import type { FetchedRecord } from '../broker/broker.ts';
import { isJsonValue } from './json.ts';
import type { RecordFormat } from './media-types.ts';

/**
 * Writes records as JSON, by hand: values in the format json are put in as they are stored, digit
 * by digit, and counted where they are not JSON.
 */
export class RecordWriter {
  #undecoded = 0;
  readonly #prefix: string;
  readonly #format: RecordFormat;

  constructor(format: RecordFormat, topic: string, partition: number) {
    this.#format = format;
    this.#prefix = `{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":`;
  }

  write(record: FetchedRecord): string {
    const key = this.#embed(record.key);
    const value = this.#embed(record.value);
    const headers = record.headers.map(
      (header) => `{"name":${JSON.stringify(header.name)},"value":${base64(header.value)}}`,
    );
    const { offset, timestamp } = record;
    return `${this.#prefix}${offset},"timestamp":${timestamp},"key":${key},"value":${value},"headers":[${headers.join(',')}]}`;
  }

  /** Keys and values, since the last time, that are no JSON and went out as `{"__base64": …}`. */
  takeUndecoded(): number {
    const count = this.#undecoded;
    this.#undecoded = 0;
    return count;
  }

  #embed(bytes: Uint8Array | null): string {
    if (bytes === null || this.#format === 'binary') return base64(bytes);
    if (isUtf8(bytes)) {
      const text = bufferOf(bytes).toString('utf8');
      if (isJsonValue(text)) return text;
    }
    this.#undecoded += 1;
    return `{"__base64":${base64(bytes)}}`;
  }
}

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function base64(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : `"${bufferOf(bytes).toString('base64')}"`;
}
