import type { Head, OpenTransaction, Position } from '../core/log/head.ts';
import { assert } from '../std/assert.ts';
import { leaderEpoch, offset } from '../std/brands.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../std/bytes.ts';
import {
  checked,
  endOf,
  int32Max,
  readHash,
  readMany,
  readOffset,
  readOffsetBelow,
  readOffsetFrom,
  readProducerEpoch,
  readProducerId,
  readTimestamp,
  readTxn,
  readUint,
  readWideId,
  writeHash,
  writeMany,
  writeOffset,
  writeOffsetBelow,
  writeOffsetFrom,
  writeProducerEpoch,
  writeProducerId,
  writeTimestamp,
  wideIdMin,
  writeTxn,
  writeUint,
  writeWideId,
} from './fields.ts';
import { formatNumber, readFormat } from './format.ts';
import { readProducer, writeProducer } from './producer-codec.ts';

/*
 * The snapshot of a slot: format, flags, then every field relative to one that is near to it:
 *
 *     end · spilled and sealed below it · start · groups above spilled · filling
 *     highest timestamp, and how far its offset lies below end · leader epoch · floor · hash
 *     open transactions, by first offset · producers, least recently used first
 *
 * At most 800 bytes where the design's bounds hold (32 transactions, 8 producers of 5 batches).
 */

const isClosed = 1;
/** Producer ids take 8 bytes each: they are random numbers rather than counted. */
const hasWideIds = 2;

const origin: Position = { seq: 0, offset: offset(0n) };
const encoded = new WeakMap<Head, Buffer>();

/** Bytes of a snapshot, for `LogConfig`. Encodes a head once, whoever asks. */
export const snapshotBytes = (head: Head): number => encodeHead(head).length;

export function encodeHead(head: Head): Buffer {
  const known = encoded.get(head);
  if (known !== undefined) return known;
  const bytes = write(head);
  encoded.set(head, bytes);
  return bytes;
}

function write(head: Head): Buffer {
  const fault = faultOf(head);
  assert(fault === undefined, `a head that nobody could read: ${fault}`);
  const { end, spilled, sealed } = head;
  const writer = new ByteWriter(512).u8(formatNumber);
  const wide = isWide(head);
  writer.u8((head.closed ? isClosed : 0) | (wide ? hasWideIds : 0));
  writePositionFrom(writer, end, origin);
  writePositionFrom(writer, end, spilled);
  writePositionFrom(writer, spilled, sealed);
  writeOffset(writer, head.start, sealed.offset);
  let bound = spilled;
  writeMany(writer, head.groups, (group) => {
    writePositionFrom(writer, group, bound);
    bound = group;
  });
  writeUint(writer, head.filling.slots);
  writeUint(writer, head.filling.bytes);
  writeTimestamp(writer, head.maxTimestamp, 0n);
  writeOffsetBelow(writer, head.maxTimestampOffset, end.offset, -1n);
  writeUint(writer, head.leaderEpoch, int32Max);
  writeUint(writer, head.floor);
  writeHash(writer, head.hash);
  let last: bigint | undefined;
  writeMany(writer, head.open, (transaction) => {
    if (wide) writeWideId(writer, transaction.producerId);
    else writeProducerId(writer, transaction.producerId);
    writeProducerEpoch(writer, transaction.epoch);
    writeTxn(writer, transaction.txn, transaction.epoch);
    if (last === undefined) writeOffsetBelow(writer, transaction.firstOffset, end.offset);
    else writeOffsetFrom(writer, transaction.firstOffset, last);
    last = transaction.firstOffset;
  });
  const anchor = { offset: end.offset, timestamp: head.maxTimestamp, wide };
  writeMany(writer, head.producers, (producer) => writeProducer(writer, producer, anchor));
  return writer.finish();
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeHead(bytes: Uint8Array): Head {
  const reader = new ByteReader(bytes);
  readFormat(reader);
  const flags = checked(reader.u8(), 0, isClosed | hasWideIds);
  const closed = (flags & isClosed) !== 0;
  const wide = (flags & hasWideIds) !== 0;
  const end = readPositionFrom(reader, origin);
  const spilled = readPositionBelow(reader, end);
  const sealed = readPositionBelow(reader, spilled);
  const start = readOffset(reader, sealed.offset);
  let bound = spilled;
  const groups = readMany(reader, () => {
    bound = readPositionFrom(reader, bound);
    return bound;
  });
  const filling = { slots: readUint(reader), bytes: readUint(reader) };
  const maxTimestamp = readTimestamp(reader, 0n);
  const maxTimestampOffset = readOffsetBelow(reader, end.offset, -1n);
  const epoch = leaderEpoch(readUint(reader, int32Max));
  const floor = readUint(reader);
  const hash = readHash(reader);
  let last: bigint | undefined;
  const open = readMany(reader, (): OpenTransaction => {
    const id = wide ? readWideId(reader) : readProducerId(reader);
    const producerEpoch = readProducerEpoch(reader);
    const txn = readTxn(reader, producerEpoch);
    const firstOffset =
      last === undefined ? readOffsetBelow(reader, end.offset) : readOffsetFrom(reader, last);
    last = firstOffset;
    return { producerId: id, epoch: producerEpoch, txn, firstOffset };
  });
  const anchor = { offset: end.offset, timestamp: maxTimestamp, wide };
  const producers = readMany(reader, () => readProducer(reader, anchor));
  endOf(reader);
  const bounds = { start, sealed, spilled, end, maxTimestamp, maxTimestampOffset };
  const rest = { leaderEpoch: epoch, floor, hash, closed, open, producers, groups, filling };
  const head: Head = { ...bounds, ...rest };
  const fault = faultOf(head);
  if (fault !== undefined) throw new MalformedBytes(`no head is like this: ${fault}`);
  return head;
}

/** Whether more than half of the ids are shorter in 8 bytes than as varints. */
function isWide({ open, producers }: Head): boolean {
  const ids = [...open, ...producers];
  return ids.filter((each) => each.producerId >= wideIdMin).length * 2 > ids.length;
}

/** The bounds that the encoding itself does not keep. */
function faultOf(head: Head): string | undefined {
  const { end } = head;
  if (head.start > end.offset) return 'start is beyond end';
  const group = head.groups.at(-1);
  if (group !== undefined && (group.seq > end.seq || group.offset > end.offset)) {
    return 'a group is beyond end';
  }
  const transaction = head.open.at(-1);
  if (transaction !== undefined && transaction.firstOffset > end.offset) {
    return 'a transaction is beyond end';
  }
  const beyond = head.producers.some(({ batches }) => {
    const last = batches.at(-1);
    return last !== undefined && last.baseOffset + BigInt(last.count) > end.offset;
  });
  return beyond ? 'a batch is beyond end' : undefined;
}

/** How far `upper` lies above `lower`, written with either of them known. */
function writePositionFrom(writer: ByteWriter, upper: Position, lower: Position): void {
  writeUint(writer, upper.seq - lower.seq);
  writeOffsetFrom(writer, upper.offset, lower.offset);
}

function readPositionFrom(reader: ByteReader, lower: Position): Position {
  const seq = checked(lower.seq + reader.uint(), 0, Number.MAX_SAFE_INTEGER);
  return { seq, offset: readOffsetFrom(reader, lower.offset) };
}

function readPositionBelow(reader: ByteReader, upper: Position): Position {
  const seq = upper.seq - readUint(reader, upper.seq);
  return { seq, offset: readOffsetBelow(reader, upper.offset) };
}
