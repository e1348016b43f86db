import { unreachable } from '../std/assert.ts';
import { leaderEpoch, offset } from '../std/brands.ts';
import type { CommandId } from '../std/brands.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../std/bytes.ts';
import type { Brought, Command, DataCommand, MarkerCommand } from '../core/log/command.ts';
import type { Position } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import {
  endOf,
  int32Max,
  readCommandId,
  readMany,
  readOffset,
  readPosition,
  readProducerEpoch,
  readProducerId,
  readTimestamp,
  readTxn,
  readUint,
  writeCommandId,
  writeMany,
  writeOffset,
  writePosition,
  writeProducerEpoch,
  writeProducerId,
  writeTimestamp,
  writeTxn,
  writeUint,
} from './fields.ts';
import { readProducer, writeProducer } from './producer-codec.ts';
import { assertSameLog, readRun, runContext, writeRun } from './run-codec.ts';

/*
 * One command: kind and flags in a byte, 8 bytes of id, then the fields of its kind (command.ts
 * says what they mean). The format is that of the slot in which it lies.
 */

const kinds = ['data', 'marker', 'spill', 'seal', 'start', 'floor', 'close', 'raise'] as const;
const kindBits = 7;
const hasBrought = 8;
/** Data and seal. */
const hasEpoch = 16;
const isAbort = 32;
const isBump = 64;

/** The flags that a kind may carry. */
const flagsOf: Readonly<Record<Command['kind'], number>> = {
  data: hasBrought | hasEpoch,
  marker: hasBrought | isAbort | isBump,
  spill: 0,
  seal: hasEpoch,
  start: 0,
  floor: 0,
  close: 0,
  raise: 0,
};

const origin: Position = { seq: 0, offset: offset(0n) };

interface Encoded {
  readonly bytes: Buffer;
  /** The log whose objects it names, if it names any of one log. */
  readonly log: PartitionKey | undefined;
}

const encoded = new WeakMap<Command, Encoded>();

/** Bytes of a command, for `LogConfig`. Encodes a command once, whoever asks. */
export const commandBytes = (command: Command): number => encodeOnce(command).bytes.length;

/** Refuses, as a bug, to put a command into a log that names objects of another. */
export function encodeCommand(log: PartitionKey, command: Command): Buffer {
  const { bytes, log: named } = encodeOnce(command);
  if (named !== undefined) assertSameLog(log, named);
  return bytes;
}

function encodeOnce(command: Command): Encoded {
  const before = encoded.get(command);
  if (before !== undefined) return before;
  const writer = new ByteWriter(roomFor(command));
  const log = writeCommand(writer, command);
  const fresh = { bytes: writer.finish(), log };
  encoded.set(command, fresh);
  return fresh;
}

function roomFor(command: Command): number {
  if (command.kind !== 'data') return 64;
  return command.runs.reduce(
    (sum, { place }) => sum + 48 + (place.kind === 'inline' ? place.bytes.length : 48),
    command.brought === undefined ? 16 : 256,
  );
}

/** Gives the log whose objects it names, if it names any of one log. */
export function writeCommand(writer: ByteWriter, command: Command): PartitionKey | undefined {
  writer.u8(kinds.indexOf(command.kind) | flagsIn(command));
  writeCommandId(writer, command.id);
  switch (command.kind) {
    case 'data':
      return writeData(writer, command);
    case 'marker':
      writeMarker(writer, command);
      break;
    case 'spill':
    case 'seal':
      writePosition(writer, command.from, origin);
      writePosition(writer, command.to, command.from);
      if (command.epoch !== undefined) writeUint(writer, command.epoch);
      break;
    case 'start':
      writeOffset(writer, command.offset, 0n);
      break;
    case 'floor':
      writeUint(writer, command.epoch);
      break;
    case 'close':
      break;
    case 'raise':
      writeUint(writer, command.leaderEpoch, int32Max);
      break;
    default:
      unreachable(command);
  }
  return undefined;
}

function flagsIn(command: Command): number {
  switch (command.kind) {
    case 'data':
      return (
        (command.brought === undefined ? 0 : hasBrought) |
        (command.epoch === undefined ? 0 : hasEpoch)
      );
    case 'marker':
      return (
        (command.brought === undefined ? 0 : hasBrought) |
        (command.outcome === 'abort' ? isAbort : 0) |
        (command.bump ? isBump : 0)
      );
    case 'seal':
      return command.epoch === undefined ? 0 : hasEpoch;
    default:
      return 0;
  }
}

/** Throws MalformedBytes. Inline batches are views of `bytes`. */
export function decodeCommand(log: PartitionKey, bytes: Uint8Array): Command {
  const reader = new ByteReader(bytes);
  const command = readCommand(reader, log);
  endOf(reader);
  return command;
}

export function readCommand(reader: ByteReader, log: PartitionKey): Command {
  const first = reader.u8();
  const kind = kinds[first & kindBits] as Command['kind'];
  const flags = first & ~kindBits;
  if ((flags & ~flagsOf[kind]) !== 0) {
    throw new MalformedBytes(`a command has no such flags: kind=${kind} flags=${flags}`);
  }
  const id = readCommandId(reader);
  switch (kind) {
    case 'data':
      return readData(reader, id, flags, log);
    case 'marker':
      return readMarker(reader, id, flags);
    case 'spill':
    case 'seal': {
      const from = readPosition(reader, origin);
      const to = readPosition(reader, from);
      if (kind === 'spill') return { kind, id, from, to, epoch: readUint(reader) };
      if ((flags & hasEpoch) === 0) return { kind, id, from, to };
      return { kind, id, from, to, epoch: readUint(reader) };
    }
    case 'start':
      return { kind, id, offset: readOffset(reader, 0n) };
    case 'floor':
      return { kind, id, epoch: readUint(reader) };
    case 'close':
      return { kind, id };
    case 'raise':
      return { kind, id, leaderEpoch: leaderEpoch(readUint(reader, int32Max)) };
    default:
      return unreachable(kind);
  }
}

function writeData(writer: ByteWriter, command: DataCommand): PartitionKey | undefined {
  if (command.epoch !== undefined) writeUint(writer, command.epoch);
  const context = runContext();
  writeMany(writer, command.runs, (run) => writeRun(writer, run, context));
  if (command.brought !== undefined) writeBrought(writer, command.brought);
  return context.log;
}

function readData(
  reader: ByteReader,
  id: CommandId,
  flags: number,
  log: PartitionKey,
): DataCommand {
  const epoch = (flags & hasEpoch) === 0 ? undefined : readUint(reader);
  const context = runContext(log);
  const runs = readMany(reader, () => readRun(reader, context));
  const brought = (flags & hasBrought) === 0 ? undefined : readBrought(reader);
  const command: DataCommand = { kind: 'data', id, runs };
  const withEpoch = epoch === undefined ? command : { ...command, epoch };
  return brought === undefined ? withEpoch : { ...withEpoch, brought };
}

/** The fields of a marker beside its id; `flagsIn` has the rest. */
function writeMarker(writer: ByteWriter, marker: MarkerCommand): void {
  writeNamed(writer, marker);
  // −1 where an administrator aborts (KIP-664).
  writeUint(writer, marker.coordinatorEpoch + 1, int32Max + 1);
  writeTimestamp(writer, marker.timestamp, 0n);
  if (marker.brought !== undefined) writeBrought(writer, marker.brought);
}

function readMarker(reader: ByteReader, id: CommandId, flags: number): MarkerCommand {
  const marker: MarkerCommand = {
    kind: 'marker',
    id,
    ...readNamed(reader),
    outcome: (flags & isAbort) === 0 ? 'commit' : 'abort',
    coordinatorEpoch: readUint(reader, int32Max + 1) - 1,
    timestamp: readTimestamp(reader, 0n),
    bump: (flags & isBump) !== 0,
  };
  return (flags & hasBrought) === 0 ? marker : { ...marker, brought: readBrought(reader) };
}

function writeBrought(writer: ByteWriter, brought: Brought): void {
  writeUint(writer, brought.slot);
  writeMany(writer, brought.states, (state) => writeProducer(writer, state));
  writeMany(writer, brought.absent, (id) => writeProducerId(writer, id));
  writeMany(writer, brought.verified, (named) => writeNamed(writer, named));
}

function readBrought(reader: ByteReader): Brought {
  return {
    slot: readUint(reader),
    states: readMany(reader, () => readProducer(reader)),
    absent: readMany(reader, () => readProducerId(reader)),
    verified: readMany(reader, () => readNamed(reader)),
  };
}

/** Names a transaction. */
type Named = Brought['verified'][number];

function writeNamed(writer: ByteWriter, { producerId, epoch, txn }: Named): void {
  writeProducerId(writer, producerId);
  writeProducerEpoch(writer, epoch);
  writeTxn(writer, txn, epoch);
}

function readNamed(reader: ByteReader): Named {
  const producerId = readProducerId(reader);
  const epoch = readProducerEpoch(reader);
  return { producerId, epoch, txn: readTxn(reader, epoch) };
}
