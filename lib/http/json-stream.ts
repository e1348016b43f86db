import { limits } from '../std/limits.ts';
import { HttpFault, malformed, shown } from './faults.ts';
import { parseJson } from './json.ts';
import { scanJson, skipSpace } from './json-scan.ts';

/** A JSON value of a stream, or where the text stopped being JSON: nothing follows that. */
export type StreamedValue =
  | { readonly ok: true; readonly value: () => unknown }
  | { readonly ok: false; readonly at: number; readonly got: string };

const outside = /[\t\n\r ]*/y;
const inContainer = /[^[\]{}"]*/y;
const inString = /[^"\\]*/y;
const inScalar = /[^\t\n\r {["]*/y;

/**
 * Concatenated JSON that comes in pieces, each cut anywhere. A value is scanned once, when it is
 * there as a whole, so the work does not depend on how small the pieces are. What is held is one
 * value that is not complete, at most as large as a request may be.
 */
export class JsonStream {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** What is held of a value that is not complete, and how many bytes came for it. */
  readonly #parts: string[] = [];
  #heldBytes = 0;
  #state: 'outside' | 'container' | 'string' | 'scalar' = 'outside';
  #depth = 0;
  /** A string inside of a container. */
  #isNested = false;
  #isEscaped = false;
  /** Characters before those that are held. */
  #position = 0;
  #isBroken = false;

  /** The values that this piece completes. 40001 if it is no UTF-8, 413 if one grows too large. */
  *push(piece: Uint8Array): Generator<StreamedValue> {
    const max = limits.requestBytesMax;
    if (this.#heldBytes > max) {
      throw new HttpFault(413, `expected a record of at most ${max} bytes, got more`);
    }
    yield* this.#frames(this.#decode(piece));
    this.#heldBytes = this.#parts.length === 0 ? 0 : this.#heldBytes + piece.length;
  }

  /** What is left when nothing more comes. */
  *end(): Generator<StreamedValue> {
    yield* this.#frames(this.#decode());
    yield* this.#values(this.#parts.splice(0).join(''));
  }

  #decode(piece?: Uint8Array): string {
    try {
      return piece === undefined
        ? this.#decoder.decode()
        : this.#decoder.decode(piece, { stream: true });
    } catch {
      throw malformed('expected a body in UTF-8, got other bytes');
    }
  }

  /** Cuts text where a value may end, and hands on what lies before. */
  *#frames(text: string): Generator<StreamedValue> {
    let from = 0;
    for (let at = 0; at < text.length && !this.#isBroken;) {
      at = this.#step(text, at);
      const isCut = this.#state === 'outside' && (at > from || this.#parts.length > 0);
      if (!isCut) continue;
      const frame = [...this.#parts.splice(0), text.slice(from, at)].join('');
      from = at;
      this.#heldBytes = 0;
      yield* this.#values(frame);
    }
    if (from < text.length && !this.#isBroken) this.#parts.push(text.slice(from));
  }

  /** Goes on to the next character that changes where it is, and beyond it. */
  #step(text: string, at: number): number {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      return at + 1;
    }
    switch (this.#state) {
      case 'outside':
        return this.#open(text, skip(outside, text, at));
      case 'container':
        return this.#within(text, skip(inContainer, text, at));
      case 'string':
        return this.#endString(text, skip(inString, text, at));
      case 'scalar': {
        const end = skip(inScalar, text, at);
        if (end < text.length) this.#state = 'outside';
        return end;
      }
    }
  }

  #open(text: string, at: number): number {
    const first = text[at];
    if (first === undefined) return at;
    this.#isNested = false;
    if (first === '{' || first === '[') {
      this.#state = 'container';
      this.#depth = 1;
    } else if (first === '"') this.#state = 'string';
    // What begins no value ends where it is: there is nothing to wait for.
    else if (/[-\dtfn]/.test(first)) this.#state = 'scalar';
    return at + 1;
  }

  #within(text: string, at: number): number {
    const next = text[at];
    if (next === undefined) return at;
    if (next === '"') {
      this.#state = 'string';
      this.#isNested = true;
    } else this.#depth += next === '{' || next === '[' ? 1 : -1;
    if (this.#depth === 0) this.#state = 'outside';
    return at + 1;
  }

  #endString(text: string, at: number): number {
    const next = text[at];
    if (next === undefined) return at;
    if (next === '\\') this.#isEscaped = true;
    else this.#state = this.#isNested ? 'container' : 'outside';
    return at + 1;
  }

  /** The values of text that ends where one may end. */
  *#values(frame: string): Generator<StreamedValue> {
    const position = this.#position;
    this.#position += frame.length;
    let at = skipSpace(frame, 0);
    while (at < frame.length) {
      const scan = scanJson(frame, at);
      if (!scan.ok) {
        this.#isBroken = true;
        const got = scan.at === frame.length ? 'the end' : shown(frame[scan.at]);
        yield { ok: false, at: position + scan.at, got };
        return;
      }
      const text = frame.slice(at, scan.end);
      const begin = position + at;
      yield { ok: true, value: () => parseJson(text, begin) };
      at = skipSpace(frame, scan.end);
    }
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
