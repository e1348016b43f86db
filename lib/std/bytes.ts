import { assert } from './assert.ts';

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);
/** A safe integer has 53 bits, 7 to a byte. */
const safeVarintBytes = 8;
/** Up to here a number can be doubled for its sign, and stays a safe integer. */
const zigzagMax = 2 ** 51;

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
    if (typeof value === 'bigint') {
      return value <= safeMax ? this.uvarint(Number(value)) : this.#bigUvarint(value);
    }
    assert(Number.isSafeInteger(value) && value >= 0, `uvarint of an unfit value=${value}`);
    if (value < 0x80) return this.u8(value);
    const at = this.#room(safeVarintBytes);
    const buffer = this.#buffer;
    let end = at;
    let rest = value;
    // Shifts are exact for 32-bit numbers alone.
    while (rest > 0x7fff_ffff) {
      buffer[end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      buffer[end++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[end++] = rest;
    this.#length = end;
    return this;
  }

  #bigUvarint(value: bigint): this {
    assert(value >= 0n, `uvarint of an unfit value=${value}`);
    let rest = value;
    while (rest >= 0x80n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.u8(Number(rest));
  }

  varint(value: number | bigint): this {
    if (value <= zigzagMax && value >= -zigzagMax) {
      const small = Number(value);
      return this.uvarint(small >= 0 ? small * 2 : -small * 2 - 1);
    }
    const big = BigInt(value);
    return this.uvarint(big >= 0n ? big << 1n : (-big << 1n) - 1n);
  }

  /** Pairs of hex digits, as the bytes they spell. */
  hex(digits: string): this {
    const length = digits.length >>> 1;
    const at = this.#room(length);
    const written = this.#buffer.write(digits, at, length, 'hex');
    assert(written * 2 === digits.length, `not pairs of hex digits: text=${digits}`);
    return this;
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

  /** An unsigned varint if it has up to 7 bytes; else −1, and nothing is taken. */
  #small(): number {
    const buffer = this.#buffer;
    const end = Math.min(buffer.length, this.#at + safeVarintBytes - 1);
    let value = 0;
    let scale = 1;
    for (let at = this.#at; at < end; at += 1) {
      const byte = buffer[at] as number;
      if (byte < 0x80) {
        this.#at = at + 1;
        return value + byte * scale;
      }
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    return -1;
  }

  ubigint(): bigint {
    const small = this.#small();
    if (small >= 0) return BigInt(small);
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
    const small = this.#small();
    return small >= 0 ? small : safeNumber(this.ubigint());
  }

  bigint(): bigint {
    const value = this.ubigint();
    return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
  }

  /** A varint that must be a safe integer. */
  int(): number {
    const small = this.#small();
    if (small < 0) return safeNumber(this.bigint());
    return small % 2 === 0 ? small / 2 : -(small + 1) / 2;
  }

  /** `length` bytes, as pairs of lower case hex digits. */
  hex(length: number): string {
    const at = this.#take(length);
    return this.#buffer.toString('hex', at, at + length);
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

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new MalformedBytes(`number is beyond 2^53: value=${value}`);
  }
  return number;
}
