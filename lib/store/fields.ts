import { assert } from '../std/assert.ts';
import { commandId, offset, producerId } from '../std/brands.ts';
import type { CommandId, Offset, ProducerId } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import type { ByteReader, ByteWriter } from '../std/bytes.ts';
import type { Position } from '../core/log/head.ts';

/*
 * Fields that several records share, as pairs of write and read. Both check the same bounds: a
 * record that could be written and never read again would close its log for ever.
 */

const int64Max = 2n ** 63n - 1n;

/** One above Kafka's highest: a marker fences by raising the epoch. */
const producerEpochMax = 2 ** 15;
export const int32Max = 2 ** 31 - 1;

function inBounds(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

/** An unsigned number of `min … max`. */
export function writeUint(
  writer: ByteWriter,
  value: number,
  max: number = Number.MAX_SAFE_INTEGER,
  min = 0,
): void {
  assert(inBounds(value, min, max), `field is out of bounds: value=${value} max=${max}`);
  writer.uvarint(value);
}

export function readUint(
  reader: ByteReader,
  max: number = Number.MAX_SAFE_INTEGER,
  min = 0,
): number {
  return checked(reader.uint(), min, max);
}

export function checked(value: number, min: number, max: number): number {
  if (inBounds(value, min, max)) return value;
  throw new MalformedBytes(`field is out of bounds: value=${value} min=${min} max=${max}`);
}

/** How many elements follow, of which each takes at least one byte. */
function readCount(reader: ByteReader): number {
  return readUint(reader, reader.remaining);
}

/** `count` elements, in the order in which they were written. */
export function readMany<T>(reader: ByteReader, read: () => T): T[] {
  const count = readCount(reader);
  const values: T[] = [];
  for (let i = 0; i < count; i += 1) values.push(read());
  return values;
}

export function writeMany<T>(
  writer: ByteWriter,
  values: readonly T[],
  write: (value: T) => void,
): void {
  writer.uvarint(values.length);
  for (const value of values) write(value);
}

export function writeProducerEpoch(writer: ByteWriter, epoch: number): void {
  writeUint(writer, epoch, producerEpochMax);
}

export function readProducerEpoch(reader: ByteReader): number {
  return readUint(reader, producerEpochMax);
}

/** A transaction's number, near its epoch: both rise with every decision (KIP-890). */
export function writeTxn(writer: ByteWriter, txn: number, epoch: number): void {
  assert(inBounds(txn, 0, Number.MAX_SAFE_INTEGER), `txn is out of bounds: txn=${txn}`);
  writer.varint(txn - epoch);
}

export function readTxn(reader: ByteReader, epoch: number): number {
  return checked(epoch + reader.int(), 0, Number.MAX_SAFE_INTEGER);
}

export function writeProducerId(writer: ByteWriter, id: ProducerId): void {
  assert(id <= int64Max, `producer id is out of bounds: id=${id}`);
  writer.uvarint(id);
}

export function readProducerId(reader: ByteReader): ProducerId {
  return producerId(checkedInt64(reader.ubigint(), 0n));
}

/** In 8 bytes: shorter where ids are random numbers of 63 bits. */
export function writeWideId(writer: ByteWriter, id: ProducerId): void {
  assert(id >= 0n && id <= int64Max, `producer id is out of bounds: id=${id}`);
  writer.u32(Number(id >> 32n)).u32(Number(id & 0xffff_ffffn));
}

export function readWideId(reader: ByteReader): ProducerId {
  const high = BigInt(reader.u32());
  return producerId(checkedInt64((high << 32n) | BigInt(reader.u32()), 0n));
}

/** From here on a varint takes 9 bytes. */
export const wideIdMin = 2n ** 56n;

function checkedInt64(value: bigint, min: bigint): bigint {
  if (value >= min && value <= int64Max) return value;
  throw new MalformedBytes(`field is beyond 64 bits: value=${value}`);
}

/** Milliseconds since 1970 (any int64), as what it is later than another time. */
export function writeTimestamp(writer: ByteWriter, value: bigint, since: bigint): void {
  assert(value >= -int64Max - 1n && value <= int64Max, `timestamp is out of bounds: ms=${value}`);
  writer.varint(value - since);
}

export function readTimestamp(reader: ByteReader, since: bigint): bigint {
  return checkedInt64(since + reader.bigint(), -int64Max - 1n);
}

function assertOffset(value: bigint): void {
  assert(value >= 0n && value <= int64Max, `offset is out of bounds: offset=${value}`);
}

/** An offset on either side of another. */
export function writeOffset(writer: ByteWriter, value: Offset, anchor: bigint): void {
  assertOffset(value);
  writer.varint(value - anchor);
}

export function readOffset(reader: ByteReader, anchor: bigint): Offset {
  return offset(checkedInt64(anchor + reader.bigint(), 0n));
}

/** An offset at or above another, which bounds it from below. */
export function writeOffsetFrom(writer: ByteWriter, value: Offset, bound: bigint): void {
  assertOffset(value);
  writer.uvarint(value - bound);
}

export function readOffsetFrom(reader: ByteReader, bound: bigint): Offset {
  return offset(checkedInt64(bound + reader.ubigint(), 0n));
}

/** An offset at or below another; `min` is 0, or −1 where there may be none. */
export function writeOffsetBelow(writer: ByteWriter, value: Offset, bound: bigint, min = 0n): void {
  assert(value >= min, `offset is out of bounds: offset=${value}`);
  writer.uvarint(bound - value);
}

export function readOffsetBelow(reader: ByteReader, bound: bigint, min = 0n): Offset {
  return offset(checkedInt64(bound - reader.ubigint(), min));
}

/** A position on either side of another. */
export function writePosition(writer: ByteWriter, value: Position, anchor: Position): void {
  assert(inBounds(value.seq, 0, Number.MAX_SAFE_INTEGER), `seq is out of bounds: ${value.seq}`);
  writer.varint(value.seq - anchor.seq);
  writeOffset(writer, value.offset, anchor.offset);
}

export function readPosition(reader: ByteReader, anchor: Position): Position {
  const seq = checked(anchor.seq + reader.int(), 0, Number.MAX_SAFE_INTEGER);
  return { seq, offset: readOffset(reader, anchor.offset) };
}

const commandIdPattern = /^[0-9a-f]{16}$/;

export function writeCommandId(writer: ByteWriter, id: CommandId): void {
  assert(commandIdPattern.test(id), `a command id is 16 hex digits: id=${id}`);
  writer.hex(id);
}

export function readCommandId(reader: ByteReader): CommandId {
  return commandId(reader.hex(8));
}

const hashPattern = /^[0-9a-f]{32}$/;

export function writeHash(writer: ByteWriter, hash: string): void {
  assert(hashPattern.test(hash), `a hash is 32 hex digits: hash=${hash}`);
  writer.hex(hash);
}

export const readHash = (reader: ByteReader): string => reader.hex(16);

/** All bytes must have been read: what is left over was meant to say something. */
export function endOf(reader: ByteReader): void {
  if (reader.remaining === 0) return;
  throw new MalformedBytes(`bytes are left over: count=${reader.remaining}`);
}
