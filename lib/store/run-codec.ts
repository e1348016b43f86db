import type { Place, Run, RunProducer } from '../core/log/command.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { assert } from '../std/assert.ts';
import { MalformedBytes } from '../std/bytes.ts';
import type { ByteReader, ByteWriter } from '../std/bytes.ts';
import {
  checked,
  int32Max,
  readMany,
  readProducerEpoch,
  readProducerId,
  readTimestamp,
  readTxn,
  readUint,
  writeMany,
  writeProducerEpoch,
  writeProducerId,
  writeTimestamp,
  writeTxn,
  writeUint,
} from './fields.ts';
import { parseStageKey, stageEpochMax, stageKey } from './object-keys.ts';

/**
 * What the runs of one record have said so far: a run repeats of its predecessors neither the key
 * of their object nor where they ended in it, and little of their timestamp.
 */
export interface RunContext {
  /** The log whose stage keys are shortened. When writing, set by the first such key. */
  log: PartitionKey | undefined;
  /** Objects named so far: for the reader by index, for the writer by key. */
  readonly objects: NamedObject[];
  readonly byKey: Map<string, NamedObject>;
  timestamp: bigint;
}

interface NamedObject {
  readonly key: string;
  readonly index: number;
  /** Where the last run in it ended. */
  end: number;
}

export const runContext = (log?: PartitionKey): RunContext => ({
  log,
  objects: [],
  byKey: new Map(),
  timestamp: 0n,
});

/** First byte of a run. */
const inObject = 1;
/** It begins where the last run of this object ended; in an object not named before, at 0. */
const adjoining = 2;
const oneBatch = 4;
const hasProducer = 8;
const transactional = 16;
/** One sequence entry, with the run's count. */
const oneSequence = 32;
const allFlags = 63;

/**
 * One run: flags, batches, count, first and highest timestamp, CRC, producer, place. About 25
 * bytes beside inline batches; see DataCommand for what the fields mean.
 */
export function writeRun(writer: ByteWriter, run: Run, context: RunContext): void {
  const { place, producer, batches, count } = run;
  const flags =
    placeFlags(place, context) |
    (batches === 1 ? oneBatch : 0) |
    (producer === undefined ? 0 : producerFlags(producer, run));
  writer.u8(flags);
  if (batches !== 1) writeUint(writer, batches, int32Max, 1);
  writeUint(writer, count, Number.MAX_SAFE_INTEGER, 1);
  writeTimestamp(writer, run.firstTimestamp, context.timestamp);
  writeTimestamp(writer, run.maxTimestamp, run.firstTimestamp);
  context.timestamp = run.firstTimestamp;
  writer.u32(run.crc);
  if (producer !== undefined) writeRunProducer(writer, producer, flags);
  if (place.kind === 'inline') writer.bytes(place.bytes);
  else writeObject(writer, place, flags, context);
}

export function readRun(reader: ByteReader, context: RunContext): Run {
  const flags = checked(reader.u8(), 0, allFlags);
  if (isAtOdds(flags)) throw new MalformedBytes(`no run has these flags=${flags}`);
  const batches = (flags & oneBatch) === 0 ? readUint(reader, int32Max, 1) : 1;
  const count = readUint(reader, Number.MAX_SAFE_INTEGER, 1);
  const firstTimestamp = readTimestamp(reader, context.timestamp);
  const maxTimestamp = readTimestamp(reader, firstTimestamp);
  context.timestamp = firstTimestamp;
  const crc = reader.u32();
  const producer = (flags & hasProducer) === 0 ? undefined : readRunProducer(reader, flags, count);
  const place: Place =
    (flags & inObject) === 0
      ? { kind: 'inline', bytes: reader.bytes() }
      : readObject(reader, flags, context);
  const run: Run = { place, batches, count, firstTimestamp, maxTimestamp, crc };
  return producer === undefined ? run : { ...run, producer };
}

/** Flags that say something about what is not there. */
function isAtOdds(flags: number): boolean {
  const ofObject = (flags & inObject) === 0 && (flags & adjoining) !== 0;
  const ofProducer = (flags & hasProducer) === 0 && (flags & (transactional | oneSequence)) !== 0;
  return ofObject || ofProducer || ((flags & oneSequence) !== 0 && (flags & oneBatch) === 0);
}

function placeFlags(place: Place, context: RunContext): number {
  if (place.kind === 'inline') return 0;
  const end = context.byKey.get(place.key)?.end ?? 0;
  return place.from === end ? inObject | adjoining : inObject;
}

function producerFlags(producer: RunProducer, run: Run): number {
  const { sequences } = producer;
  const simple = run.batches === 1 && sequences.length === 1 && sequences[0]?.count === run.count;
  return hasProducer | (producer.transactional ? transactional : 0) | (simple ? oneSequence : 0);
}

function writeRunProducer(writer: ByteWriter, producer: RunProducer, flags: number): void {
  const { sequences } = producer;
  writeProducerId(writer, producer.id);
  writeProducerEpoch(writer, producer.epoch);
  writeTxn(writer, producer.txn, producer.epoch);
  if ((flags & oneSequence) !== 0) {
    writeUint(writer, sequences[0]?.baseSequence ?? 0, int32Max);
    return;
  }
  writeMany(writer, sequences, ({ baseSequence, count }) => {
    writeUint(writer, baseSequence, int32Max);
    writeUint(writer, count);
  });
}

function readRunProducer(reader: ByteReader, flags: number, runCount: number): RunProducer {
  const id = readProducerId(reader);
  const epoch = readProducerEpoch(reader);
  const txn = readTxn(reader, epoch);
  const sequences =
    (flags & oneSequence) === 0
      ? readMany(reader, () => ({
          baseSequence: readUint(reader, int32Max),
          count: readUint(reader),
        }))
      : [{ baseSequence: readUint(reader, int32Max), count: runCount }];
  return { id, epoch, txn, transactional: (flags & transactional) !== 0, sequences };
}

type ObjectPlace = Extract<Place, { kind: 'object' }>;

function writeObject(
  writer: ByteWriter,
  place: ObjectPlace,
  flags: number,
  context: RunContext,
): void {
  const object = writeObjectKey(writer, place.key, context);
  if ((flags & adjoining) === 0) writeUint(writer, place.from);
  writeUint(writer, place.length, Number.MAX_SAFE_INTEGER - place.from);
  object.end = place.from + place.length;
}

function readObject(reader: ByteReader, flags: number, context: RunContext): ObjectPlace {
  const object = readObjectKey(reader, context);
  const from = (flags & adjoining) === 0 ? readUint(reader) : object.end;
  const length = readUint(reader, Number.MAX_SAFE_INTEGER - from);
  object.end = from + length;
  return { kind: 'object', key: object.key, from, length };
}

/** How a key is written; from `named` on, the index of one that was named before. */
const asText = 0;
const ofLog = 1;
const shared = 2;
const named = 3;

const keyPattern = /^[A-Za-z0-9!\-_.*'()/]{1,1024}$/;

/** Names an object, in 10 bytes or so if it is new and staged, else by its index. */
export function writeObjectKey(writer: ByteWriter, key: string, context: RunContext): NamedObject {
  const before = context.byKey.get(key);
  if (before !== undefined) {
    writer.uvarint(named + before.index);
    return before;
  }
  const stage = parseStageKey(key);
  if (stage === undefined) {
    assert(keyPattern.test(key), `object key is out of bounds: key=${key}`);
    writer.u8(asText).string(key);
  } else {
    if (stage.log !== 'shared') {
      context.log ??= stage.log;
      assertSameLog(context.log, stage.log);
    }
    writer
      .u8(stage.log === 'shared' ? shared : ofLog)
      .uvarint(stage.epoch)
      .hex(stage.name);
  }
  const object: NamedObject = { key, index: context.byKey.size, end: 0 };
  context.byKey.set(key, object);
  return object;
}

/** The sweep of an object asks the log in its key, and no other, whether it is named. */
export function assertSameLog(log: PartitionKey, other: PartitionKey): void {
  assert(
    log.topicId === other.topicId && log.partition === other.partition,
    `an object of another log: topic_id=${other.topicId} partition=${other.partition}`,
  );
}

export function readObjectKey(reader: ByteReader, context: RunContext): NamedObject {
  const code = reader.uint();
  if (code >= named) {
    const before = context.objects[code - named];
    if (before === undefined) throw new MalformedBytes(`no object was named so: code=${code}`);
    return before;
  }
  const key = readNewKey(reader, code, context);
  const object: NamedObject = { key, index: context.objects.length, end: 0 };
  context.objects.push(object);
  return object;
}

function readNewKey(reader: ByteReader, code: number, context: RunContext): string {
  if (code === asText) {
    const key = reader.string();
    const fits = keyPattern.test(key) && parseStageKey(key) === undefined;
    if (!fits) throw new MalformedBytes('object key is out of bounds');
    return key;
  }
  const epoch = readUint(reader, stageEpochMax);
  const name = reader.hex(8);
  if (code === shared) return stageKey(epoch, 'shared', name);
  if (context.log === undefined) throw new MalformedBytes('an object of no log');
  return stageKey(epoch, context.log, name);
}
