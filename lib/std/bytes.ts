import { assert } from './assert.ts';

/**
 * Growing big-endian writer for our own compact records. `uvarint` is unsigned LEB128 over a
 * bigint or a safe integer; `varint` is zig-zag.
 */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  #room(bytes: number): number {
    const at = this.#length;
    if (at + bytes > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, at + bytes));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = at + bytes;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#buffer[at] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeUInt32BE(value, at);
    return this;
  }

  uvarint(value: number | bigint): this {
    if (typeof value === 'number' && value < 0x80 && value >= 0) return this.u8(value);
    let rest = BigInt(value);
    assert(rest >= 0n, `uvarint of a negative value=${rest}`);
    while (rest >= 0x80n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.u8(Number(rest));
  }

  varint(value: number | bigint): this {
    const v = BigInt(value);
    return this.uvarint(v >= 0n ? v << 1n : (-v << 1n) - 1n);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** Length-prefixed. */
  bytes(bytes: Uint8Array): this {
    return this.uvarint(bytes.length).raw(bytes);
  }

  /** Length-prefixed UTF-8. */
  string(text: string): this {
    return this.bytes(Buffer.from(text, 'utf8'));
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Thrown by `ByteReader` when the bytes end early or are not what they claim to be. */
export class MalformedBytes extends Error {
  override name = 'MalformedBytes';
}

/** Counterpart of `ByteWriter`. Never reads past its bytes; views, not copies. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes < 0 || at + bytes > this.#buffer.length) {
      throw new MalformedBytes(`bytes end early: want=${bytes} have=${this.remaining}`);
    }
    this.#at = at + bytes;
    return at;
  }

  u8(): number {
    return this.#buffer[this.#take(1)] as number;
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  ubigint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedBytes('varint is longer than 10 bytes');
  }

  /** An unsigned varint that must be a safe integer. */
  uint(): number {
    const first = this.#buffer[this.#at];
    if (first !== undefined && first < 0x80) {
      this.#at += 1;
      return first;
    }
    const value = this.ubigint();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new MalformedBytes(`number is beyond 2^53: value=${value}`);
    }
    return Number(value);
  }

  bigint(): bigint {
    const value = this.ubigint();
    return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
  }

  int(): number {
    return Number(this.bigint());
  }

  raw(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  bytes(): Buffer {
    return this.raw(this.uint());
  }

  string(): string {
    return this.bytes().toString('utf8');
  }
}
