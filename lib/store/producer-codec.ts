import { addSequence } from '../core/log/head.ts';
import type { ProducedBatch, ProducerState } from '../core/log/head.ts';
import { assert } from '../std/assert.ts';
import type { Offset } from '../std/brands.ts';
import type { ByteReader, ByteWriter } from '../std/bytes.ts';
import {
  checked,
  int32Max,
  readOffsetBelow,
  readOffsetFrom,
  readProducerEpoch,
  readProducerId,
  readTimestamp,
  readTxn,
  readUint,
  readWideId,
  writeOffsetBelow,
  writeOffsetFrom,
  writeProducerEpoch,
  writeProducerId,
  writeTimestamp,
  writeTxn,
  writeUint,
  writeWideId,
} from './fields.ts';

/** How a state is written within a head: relative to its end and its highest timestamp. */
export interface Anchor {
  readonly offset: Offset;
  readonly timestamp: bigint;
  /** Ids of 8 bytes. */
  readonly wide: boolean;
}

const batchesMax = 15;
/** Beside the number of batches: their sequence numbers follow each other, as they mostly do. */
const followsFlag = 16;

/**
 * A producer's state: batches and flags, id, epoch, txn, timestamp, then per batch sequence (of
 * the first, or of all), count, and how far it lies behind the one before.
 */
export function writeProducer(writer: ByteWriter, state: ProducerState, anchor?: Anchor): void {
  const { batches } = state;
  assert(batches.length <= batchesMax, `too many batches of a producer: ${batches.length}`);
  const follows = batches.every(
    (batch, i) => i === 0 || batch.baseSequence === sequenceAfter(batches[i - 1]),
  );
  writer.u8(batches.length | (follows ? followsFlag : 0));
  if (anchor?.wide === true) writeWideId(writer, state.producerId);
  else writeProducerId(writer, state.producerId);
  writeProducerEpoch(writer, state.epoch);
  writeTxn(writer, state.txn, state.epoch);
  writeTimestamp(writer, state.maxTimestamp, anchor?.timestamp ?? 0n);
  let end: bigint | undefined;
  for (const { baseSequence, count, baseOffset } of batches) {
    if (end === undefined || !follows) writeUint(writer, baseSequence, int32Max);
    writeUint(writer, count, int32Max, 1);
    if (end !== undefined) writeOffsetFrom(writer, baseOffset, end);
    else if (anchor === undefined) writeOffsetFrom(writer, baseOffset, 0n);
    else writeOffsetBelow(writer, baseOffset, anchor.offset);
    end = baseOffset + BigInt(count);
  }
}

export function readProducer(reader: ByteReader, anchor?: Anchor): ProducerState {
  const flags = checked(reader.u8(), 0, batchesMax | followsFlag);
  const follows = (flags & followsFlag) !== 0;
  const id = anchor?.wide === true ? readWideId(reader) : readProducerId(reader);
  const epoch = readProducerEpoch(reader);
  const txn = readTxn(reader, epoch);
  const maxTimestamp = readTimestamp(reader, anchor?.timestamp ?? 0n);
  const batches: ProducedBatch[] = [];
  for (let left = flags & batchesMax; left > 0; left -= 1) {
    const last = batches.at(-1);
    const given = last === undefined || !follows;
    const baseSequence = given ? readUint(reader, int32Max) : sequenceAfter(last);
    const count = readUint(reader, int32Max, 1);
    batches.push({ baseSequence, count, baseOffset: readBaseOffset(reader, last, anchor) });
  }
  return { producerId: id, epoch, txn, maxTimestamp, batches };
}

function readBaseOffset(
  reader: ByteReader,
  last: ProducedBatch | undefined,
  anchor: Anchor | undefined,
): Offset {
  if (last !== undefined) return readOffsetFrom(reader, last.baseOffset + BigInt(last.count));
  return anchor === undefined ? readOffsetFrom(reader, 0n) : readOffsetBelow(reader, anchor.offset);
}

function sequenceAfter(batch: ProducedBatch | undefined): number {
  return batch === undefined ? 0 : addSequence(batch.baseSequence, batch.count);
}
