import { ProtocolError } from './errors.ts';

/** Bytes of a value of 32 or 64 bits, 7 bits to a byte. */
const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;
/** Zig-zagged values below 2^28 take 4 bytes, in which shifts of 32-bit numbers are exact. */
const SMALL_BYTES = 4;

/**
 * Reads the fields of Kafka's records (protocol guide, "Record": zig-zag varints) from
 * `bytes[at … end)`, never beyond. Throws INVALID_RECORD where they end early or a varint has more
 * bits than its type. Kafka drops the bits above; no writer of ours or theirs sets them, and two
 * readers could disagree about such a record.
 */
export class VarintReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get remaining(): number {
    return this.end - this.at;
  }

  /** Takes the next `length` bytes, whatever they are, and gives the index of the first. */
  skip(length: number): number {
    const at = this.at;
    if (length < 0 || length > this.end - at) throw this.#endsEarly(length);
    this.at = at + length;
    return at;
  }

  /** int32. */
  varint(): number {
    if (this.at < this.end) {
      const first = this.bytes[this.at] as number;
      if (first < 0x80) {
        this.at += 1;
        return (first >>> 1) ^ -(first & 1);
      }
    }
    let value = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.bytes[this.skip(1)] as number;
      if (i === VARINT_BYTES_MAX - 1 && byte > 0x0f) break;
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new ProtocolError('INVALID_RECORD', `varint exceeds 32 bits: at=${this.at}`);
  }

  /** int64: a number where it is a safe integer, else a bigint. */
  varlong(): number | bigint {
    const start = this.at;
    const smallEnd = Math.min(start + SMALL_BYTES, this.end);
    let value = 0;
    for (let at = start; at < smallEnd; at++) {
      const byte = this.bytes[at] as number;
      value |= (byte & 0x7f) << (7 * (at - start));
      if (byte < 0x80) {
        this.at = at + 1;
        return (value >>> 1) ^ -(value & 1);
      }
    }
    return this.#bigVarlong();
  }

  #bigVarlong(): number | bigint {
    let value = 0n;
    for (let i = 0; i < VARLONG_BYTES_MAX; i++) {
      const byte = this.bytes[this.skip(1)] as number;
      if (i === VARLONG_BYTES_MAX - 1 && byte > 1) break;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        const signed = (value >> 1n) ^ -(value & 1n);
        const number = Number(signed);
        return Number.isSafeInteger(number) ? number : signed;
      }
    }
    throw new ProtocolError('INVALID_RECORD', `varint exceeds 64 bits: at=${this.at}`);
  }

  #endsEarly(want: number): ProtocolError {
    return new ProtocolError(
      'INVALID_RECORD',
      `bytes end early: at=${this.at} want=${want} have=${this.remaining}`,
    );
  }
}

/** Bytes that `writeVarint` takes: 1 … 5. */
export function sizeOfVarint(value: number): number {
  const zigzag = (value << 1) ^ (value >> 31);
  return zigzag === 0 ? 1 : Math.ceil((32 - Math.clz32(zigzag)) / 7);
}

/** Writes an int32 at `at`, and gives the index after it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = (value << 1) ^ (value >> 31);
  while ((rest & ~0x7f) !== 0) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

const isInt32 = (value: number | bigint): value is number =>
  typeof value === 'number' && (value | 0) === value;

const zigzag64 = (value: number | bigint): bigint => {
  const big = BigInt(value);
  return (big << 1n) ^ (big >> 63n);
};

/** Bytes that `writeVarlong` takes: 1 … 10. */
export function sizeOfVarlong(value: number | bigint): number {
  if (isInt32(value)) return sizeOfVarint(value);
  let size = 1;
  for (let rest = zigzag64(value) >> 7n; rest > 0n; rest >>= 7n) size += 1;
  return size;
}

/** Writes an int64 at `at`, and gives the index after it. */
export function writeVarlong(target: Uint8Array, at: number, value: number | bigint): number {
  if (isInt32(value)) return writeVarint(target, at, value);
  let rest = zigzag64(value);
  while (rest > 0x7fn) {
    target[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  target[at++] = Number(rest);
  return at;
}
