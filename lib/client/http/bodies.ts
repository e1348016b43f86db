import type { Fetched } from '../../broker/broker.ts';
import { parseJson, integerOf } from '../../http/json.ts';
import { rawBatch } from '../../http/media-types.ts';
import { readBatchHeader } from '../../protocol/record-batch-header.ts';
import { foreignError } from './answers.ts';
import type { Asked } from './answers.ts';
import type { Answer } from './connections.ts';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * The answer to a request that succeeded. What is not in it throws, as another server's answer
 * does: of a write, the outcome is unknown then.
 */
export class Body {
  readonly asked: Asked;
  readonly answer: Answer;
  #parsed: { readonly value: unknown } | undefined;

  /** Throws if it is not ours: all of ours have an id, and the type that was asked for. */
  constructor(asked: Asked, answer: Answer, accept: string) {
    this.asked = asked;
    this.answer = answer;
    const { 'x-request-id': id, 'content-type': type = '' } = answer.headers;
    const isType = accept === rawBatch ? type === rawBatch : /json\b/.test(type);
    if (id === undefined || !(isType || answer.status === 204)) throw this.foreign();
  }

  get fields(): Fields {
    const { value } = this.#json();
    if (typeof value !== 'object' || value === null) throw this.foreign();
    return value as Fields;
  }

  /** Of an answer that is a list. */
  get items(): readonly unknown[] {
    const { value } = this.#json();
    if (!Array.isArray(value)) throw this.foreign();
    return value;
  }

  list(name: string, of: Fields = this.fields): readonly Fields[] {
    const value = of[name];
    if (!Array.isArray(value)) throw this.foreign();
    return value;
  }

  object(name: string): Fields {
    const value = this.fields[name];
    if (typeof value !== 'object' || value === null) throw this.foreign();
    return value as Fields;
  }

  bigint(of: Fields | undefined, name: string): bigint {
    const value = integerOf(of?.[name]);
    if (value === undefined) throw this.foreign();
    return value;
  }

  text(of: Fields | undefined, name: string): string {
    const value = of?.[name];
    if (typeof value !== 'string') throw this.foreign();
    return value;
  }

  flag(of: Fields | undefined, name: string): boolean {
    const value = of?.[name];
    if (typeof value !== 'boolean') throw this.foreign();
    return value;
  }

  isNull(of: Fields | undefined, name: string): boolean {
    return of?.[name] === null;
  }

  /** An offset in a header. */
  offset(header: string): bigint {
    const value = this.answer.headers[header];
    if (typeof value !== 'string' || !/^\d{1,19}$/.test(value)) throw this.foreign();
    return BigInt(value);
  }

  foreign(): Error {
    return foreignError(this.asked, this.answer);
  }

  #json(): { readonly value: unknown } {
    if (this.#parsed !== undefined) return this.#parsed;
    try {
      this.#parsed = { value: parseJson(this.answer.body.toString('utf8')) };
    } catch {
      throw this.foreign();
    }
    return this.#parsed;
  }
}

/** Batches as they came, one after the other; each says how long it is. */
export function fetchedOf(body: Body): Fetched {
  const { body: bytes } = body.answer;
  const batches: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + readBatchHeader(bytes, at).sizeInBytes;
    if (end > bytes.length) throw body.foreign();
    batches.push(bytes.subarray(at, end));
    at = end;
  }
  return {
    batches,
    offset: body.offset('tailrace-offset'),
    highWatermark: body.offset('tailrace-high-watermark'),
    lastStableOffset: body.offset('tailrace-last-stable-offset'),
    logStartOffset: body.offset('tailrace-log-start-offset'),
  };
}
