import type { MarkerCommand, Refusal, Verdict } from '../core/log/command.ts';
import type { Position } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { runCount } from '../core/log/spill-group.ts';
import type { AbortedTransaction, LogRun, SpillGroup } from '../core/log/spill-group.ts';
import { unreachable } from '../std/assert.ts';
import { leaderEpoch } from '../std/brands.ts';
import type { LeaderEpoch } from '../std/brands.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../std/bytes.ts';
import { readCommand, writeCommand } from './command-codec.ts';
import {
  checked,
  endOf,
  int32Max,
  readCommandId,
  readHash,
  readMany,
  readOffset,
  readOffsetBelow,
  readPosition,
  readProducerId,
  readTimestamp,
  readUint,
  writeCommandId,
  writeHash,
  writeMany,
  writeOffset,
  writeOffsetBelow,
  writePosition,
  writeProducerId,
  writeTimestamp,
  writeUint,
} from './fields.ts';
import { formatNumber, readFormat } from './format.ts';
import { readObjectKey, readRun, runContext, writeObjectKey, writeRun } from './run-codec.ts';
import type { RunContext } from './run-codec.ts';

/*
 * The body of a spill group: format, flags, `to` from `from`, object, runs, commands with their
 * verdicts, aborted transactions, lso below `to`, timestamps, hash. Its `from` and epoch are in
 * the item's key and version. A run takes about 20 bytes and a command 11: never more than they
 * took in the slots, so a group is hardly larger than the bytes that made it complete.
 */

const hasObject = 1;

export function encodeGroupBody(log: PartitionKey, group: SpillGroup): Buffer {
  const { from, to, object, runs } = group;
  const writer = new ByteWriter(4096).u8(formatNumber).u8(object === '' ? 0 : hasObject);
  writePosition(writer, to, from);
  const context = runContext(log);
  if (object !== '') writeObjectKey(writer, object, context);
  const place: RunPlace = { next: from.offset, epoch: leaderEpoch(0) };
  writeMany(writer, runs, (run) => writeLogRun(writer, run, place, context));
  const named: Named = { runs, count: 0 };
  writeMany(writer, group.commands, (command) => {
    writeCommandId(writer, command.id);
    writeMany(writer, command.verdicts, (verdict) => writeVerdict(writer, verdict, named, from));
  });
  writeMany(writer, group.aborted, (aborted) => writeAborted(writer, aborted, from));
  writeOffsetBelow(writer, group.lso, to.offset);
  writeTimestamp(writer, group.runningMaxTimestamp, 0n);
  writeTimestamp(writer, group.maxTimestamp, group.runningMaxTimestamp);
  writeHash(writer, group.hash);
  return writer.finish();
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeGroupBody(
  log: PartitionKey,
  from: Position,
  epoch: number,
  body: Uint8Array,
): SpillGroup {
  const reader = new ByteReader(body);
  readFormat(reader);
  const flags = checked(reader.u8(), 0, hasObject);
  const to = readPosition(reader, from);
  const context = runContext(log);
  const object = flags === 0 ? '' : readObjectKey(reader, context).key;
  const place: RunPlace = { next: from.offset, epoch: leaderEpoch(0) };
  const runs = readMany(reader, () => readLogRun(reader, log, place, context));
  const named: Named = { runs, count: 0 };
  const commands = readMany(reader, () => ({
    id: readCommandId(reader),
    verdicts: readMany(reader, () => readVerdict(reader, named, from)),
  }));
  const aborted = readMany(reader, () => readAborted(reader, from));
  const lso = readOffsetBelow(reader, to.offset);
  const runningMaxTimestamp = readTimestamp(reader, 0n);
  const maxTimestamp = readTimestamp(reader, runningMaxTimestamp);
  const hash = readHash(reader);
  endOf(reader);
  const content = { from, to, epoch, object, runs, commands, aborted, lso };
  return { ...content, maxTimestamp, runningMaxTimestamp, hash };
}

/** What the next run is expected to say. */
interface RunPlace {
  /** Where the run before it ended: the log is dense (I2). */
  next: bigint;
  epoch: LeaderEpoch;
}

/** First byte of a run. */
const ofMarker = 1;
const newEpoch = 2;

function writeLogRun(writer: ByteWriter, run: LogRun, place: RunPlace, context: RunContext): void {
  const { baseOffset, leaderEpoch: epoch, content } = run;
  const raised = epoch !== place.epoch;
  writer.u8((content.kind === 'marker' ? ofMarker : 0) | (raised ? newEpoch : 0));
  if (raised) writeUint(writer, epoch, int32Max);
  writeOffset(writer, baseOffset, place.next);
  if (content.kind === 'run') writeRun(writer, content.run, context);
  else writeCommand(writer, content.marker);
  pass(place, run);
}

function readLogRun(
  reader: ByteReader,
  log: PartitionKey,
  place: RunPlace,
  context: RunContext,
): LogRun {
  const flags = checked(reader.u8(), 0, ofMarker | newEpoch);
  const raised = (flags & newEpoch) !== 0;
  const epoch = raised ? leaderEpoch(readUint(reader, int32Max)) : place.epoch;
  const baseOffset = readOffset(reader, place.next);
  const content: LogRun['content'] =
    (flags & ofMarker) === 0
      ? { kind: 'run', run: readRun(reader, context) }
      : { kind: 'marker', marker: readMarker(reader, log) };
  const run = { baseOffset, leaderEpoch: epoch, content };
  pass(place, run);
  return run;
}

function pass(place: RunPlace, run: LogRun): void {
  place.next = run.baseOffset + BigInt(runCount(run));
  place.epoch = run.leaderEpoch;
}

function readMarker(reader: ByteReader, log: PartitionKey): MarkerCommand {
  const command = readCommand(reader, log);
  if (command.kind === 'marker') return command;
  throw new MalformedBytes(`not a run of a log: kind=${command.kind}`);
}

/** First byte of a verdict; from `firstRefusal` on, a reason. */
const isDone = 0;
/** At the offset of the next run that no verdict has named yet. */
const isNextRun = 1;
const isAccepted = 2;
const isDuplicate = 3;
const firstRefusal = 4;

const reasonCodes: Readonly<Record<Refusal, number>> = {
  closed: 0,
  floor: 1,
  'out-of-order-sequence': 2,
  'invalid-producer-epoch': 3,
  'producer-unknown': 4,
  'transaction-unverified': 5,
  'transaction-finished': 6,
  'concurrent-transactions': 7,
  'not-next': 8,
  'offset-out-of-range': 9,
};
const reasons = Object.keys(reasonCodes) as Refusal[];

/** The runs of a group, of which each accepted verdict names the next. */
interface Named {
  readonly runs: readonly LogRun[];
  count: number;
}

function writeVerdict(writer: ByteWriter, verdict: Verdict, named: Named, from: Position): void {
  switch (verdict.kind) {
    case 'done':
      writer.u8(isDone);
      break;
    case 'accepted': {
      const { baseOffset, leaderEpoch: epoch } = verdict;
      const run = named.runs[named.count];
      if (run?.baseOffset === baseOffset && run.leaderEpoch === epoch) {
        named.count += 1;
        writer.u8(isNextRun);
        break;
      }
      writer.u8(isAccepted);
      writeOffset(writer, baseOffset, from.offset);
      writeUint(writer, epoch, int32Max);
      break;
    }
    case 'duplicate':
      writer.u8(isDuplicate);
      writeOffset(writer, verdict.baseOffset, from.offset);
      break;
    case 'refused':
      writer.u8(firstRefusal + reasonCodes[verdict.reason]);
      break;
    default:
      unreachable(verdict);
  }
}

function readVerdict(reader: ByteReader, named: Named, from: Position): Verdict {
  const code = reader.u8();
  switch (code) {
    case isDone:
      return { kind: 'done' };
    case isNextRun: {
      const run = named.runs[named.count];
      if (run === undefined) throw new MalformedBytes('a verdict names a run that is not there');
      named.count += 1;
      return { kind: 'accepted', baseOffset: run.baseOffset, leaderEpoch: run.leaderEpoch };
    }
    case isAccepted: {
      const baseOffset = readOffset(reader, from.offset);
      return { kind: 'accepted', baseOffset, leaderEpoch: leaderEpoch(readUint(reader, int32Max)) };
    }
    case isDuplicate:
      return { kind: 'duplicate', baseOffset: readOffset(reader, from.offset) };
    default: {
      const reason = reasons[code - firstRefusal];
      if (reason === undefined) throw new MalformedBytes(`there is no verdict=${code}`);
      return { kind: 'refused', reason };
    }
  }
}

function writeAborted(writer: ByteWriter, aborted: AbortedTransaction, from: Position): void {
  writeProducerId(writer, aborted.producerId);
  writeOffset(writer, aborted.lastOffset, from.offset);
  writeOffsetBelow(writer, aborted.firstOffset, aborted.lastOffset);
}

function readAborted(reader: ByteReader, from: Position): AbortedTransaction {
  const id = readProducerId(reader);
  const lastOffset = readOffset(reader, from.offset);
  return { producerId: id, firstOffset: readOffsetBelow(reader, lastOffset), lastOffset };
}
