import * as fc from 'fast-check';
import type {
  Brought,
  Command,
  DataCommand,
  MarkerCommand,
  Place,
  Refusal,
  Run,
  Verdict,
} from '../../lib/core/log/command.ts';
import type { Head, Position, ProducedBatch, ProducerState } from '../../lib/core/log/head.ts';
import type { PartitionKey } from '../../lib/core/log/partition-key.ts';
import type { Slot } from '../../lib/core/log/slot.ts';
import type { LogRun, SpillGroup } from '../../lib/core/log/spill-group.ts';
import {
  commandId,
  leaderEpoch,
  offset,
  partition,
  producerId,
  topicId,
} from '../../lib/std/brands.ts';
import { commandBytes } from '../../lib/store/command-codec.ts';
import { stageEpochMax, stageKey } from '../../lib/store/object-keys.ts';

/*
 * Arbitraries for what a log stores (json-arbitraries.ts has the rest). Numbers are small mostly and at the edges of their
 * bounds sometimes, so that varints of all lengths occur.
 */

const int64Max = 2n ** 63n - 1n;

/** Objects as our code makes them, with a prototype. */
export function record<T extends object>(fields: {
  [Name in keyof T]: fc.Arbitrary<T[Name]>;
}): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

export const numbers = (max: number, min = 0): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min, max: Math.min(max, min + 300) }) },
    { weight: 1, arbitrary: fc.maxSafeInteger().map((n) => min + (Math.abs(n) % (max - min + 1))) },
    { weight: 1, arbitrary: fc.constant(max) },
  );
const int32 = numbers(2 ** 31 - 1);
export const safe = numbers(Number.MAX_SAFE_INTEGER);

const bigs = (max: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: max < 100_000n ? max : 100_000n }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max }) },
    { weight: 1, arbitrary: fc.constant(max) },
  );

export const offsets = bigs(int64Max).map(offset);
export const producerIds = bigs(int64Max).map(producerId);
const timestamps = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(-1n, 0n, int64Max, -int64Max - 1n) },
  { weight: 4, arbitrary: fc.bigInt({ min: 1_700_000_000_000n, max: 1_800_000_000_000n }) },
);
const producerEpochs = numbers(32_767);
const leaderEpochs = int32.map(leaderEpoch);
export const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((raw) => Buffer.from(raw).toString('hex'));
export const commandIds = hex(8).map(commandId);
export const topicIds = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((raw) => topicId(Buffer.from(raw).toString('base64url')));
export const logs: fc.Arbitrary<PartitionKey> = record({
  topicId: topicIds,
  partition: numbers(999).map(partition),
});
export const positions: fc.Arbitrary<Position> = record({ seq: safe, offset: offsets });
export const stageEpochs = numbers(stageEpochMax);
export const objectNames = hex(8);

/** Keys that a log may name: its own, shared ones, and others that nobody has shortened. */
function objectKeys(log: PartitionKey): fc.Arbitrary<string> {
  const staged = fc
    .tuple(stageEpochs, fc.constantFrom(log, 'shared' as const), objectNames)
    .map(([epoch, of, name]) => stageKey(epoch, of, name));
  return fc.oneof(
    { weight: 4, arbitrary: staged },
    { weight: 1, arbitrary: fc.stringMatching(/^seg\/[A-Za-z0-9_./-]{1,40}$/) },
  );
}

function places(log: PartitionKey): fc.Arbitrary<Place> {
  const inline = fc
    .uint8Array({ maxLength: 200 })
    .map((bytes): Place => ({ kind: 'inline', bytes: Buffer.from(bytes) }));
  const inObject = fc
    .tuple(objectKeys(log), numbers(2 ** 40), numbers(2 ** 30))
    .map(([key, from, length]): Place => ({ kind: 'object', key, from, length }));
  return fc.oneof(inline, inObject);
}

/** As a flush makes them: several in one object, one after the other. */
function withSharedObject(given: readonly Run[], key: string): readonly Run[] {
  let from = 0;
  return given.map((run, i) => {
    if (run.place.kind === 'inline' || i % 3 === 2) return run;
    const place: Place = { kind: 'object', key, from, length: run.place.length };
    from += run.place.length;
    return { ...run, place };
  });
}

const sequences = record({ baseSequence: int32, count: numbers(100_000, 1) });

function runs(log: PartitionKey): fc.Arbitrary<Run> {
  const producers = record({
    id: producerIds,
    epoch: producerEpochs,
    txn: safe,
    transactional: fc.boolean(),
    sequences: fc.array(sequences, { maxLength: 3 }),
  });
  return record({
    place: places(log),
    batches: numbers(1_000, 1),
    count: numbers(2 ** 31, 1),
    firstTimestamp: timestamps,
    maxTimestamp: timestamps,
    crc: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    producer: fc.option(producers, { nil: undefined }),
    simple: fc.boolean(),
  }).map(({ producer, simple, ...run }): Run => {
    if (producer === undefined) return run;
    if (!simple) return { ...run, producer };
    const one = { baseSequence: producer.sequences[0]?.baseSequence ?? 0, count: run.count };
    return { ...run, batches: 1, producer: { ...producer, sequences: [one] } };
  });
}

/** A state as it lies outside a head: its batches anywhere, in order. */
export const producerStates: fc.Arbitrary<ProducerState> = record({
  producerId: producerIds,
  epoch: producerEpochs,
  txn: safe,
  maxTimestamp: timestamps,
  first: bigs(2n ** 62n),
  batches: fc.array(record({ ...sequenceFields(), gap: numbers(2 ** 40) }), { maxLength: 5 }),
  follows: fc.boolean(),
}).map(({ first, batches, follows, ...state }) => {
  let next = first;
  const placed = batches.map(({ baseSequence, count, gap }): ProducedBatch => {
    const baseOffset = offset(next + BigInt(gap));
    next = baseOffset + BigInt(count);
    return { baseSequence, count, baseOffset };
  });
  return { ...state, batches: follows ? following(placed) : placed };
});

function sequenceFields() {
  return { baseSequence: int32, count: numbers(100_000, 1) };
}

/** The same batches, each with the sequence number after the one before (they wrap at 2^31). */
function following(batches: readonly ProducedBatch[]): readonly ProducedBatch[] {
  let next = batches[0]?.baseSequence ?? 0;
  return batches.map((batch) => {
    const placed = { ...batch, baseSequence: next };
    next = (next + batch.count) % 2 ** 31;
    return placed;
  });
}

/** The state with its batches moved below a log's end; those that do not fit are dropped. */
function below(state: ProducerState, end: bigint): ProducerState {
  const batches: ProducedBatch[] = [];
  let next = end;
  for (const batch of state.batches.toReversed()) {
    const base = next - BigInt(batch.count) - BigInt(batch.baseSequence % 1000);
    if (base < 0n) break;
    batches.unshift({ ...batch, baseOffset: offset(base) });
    next = base;
  }
  return { ...state, batches };
}

const steps = record({ seq: numbers(2 ** 40), offset: numbers(2 ** 50) });
const step = (from: Position, by: { seq: number; offset: number }): Position => ({
  seq: from.seq + by.seq,
  offset: offset(from.offset + BigInt(by.offset)),
});

export const heads: fc.Arbitrary<Head> = record({
  bounds: fc.array(steps, { minLength: 3, maxLength: 6 }),
  start: bigs(int64Max),
  maxTimestamp: timestamps,
  maxTimestampOffset: bigs(int64Max),
  leaderEpoch: leaderEpochs,
  floor: safe,
  hash: hex(16),
  closed: fc.boolean(),
  open: fc.array(
    record({ producerId: producerIds, epoch: producerEpochs, txn: safe, first: offsets }),
    { maxLength: 32 },
  ),
  producers: fc.array(producerStates, { maxLength: 10 }),
  filling: record({ slots: numbers(32), bytes: safe }),
}).map(({ bounds, start, maxTimestampOffset, open, producers, ...rest }): Head => {
  const [sealed, spilled, ...above] = cumulated(bounds);
  const end = above.at(-1);
  if (sealed === undefined || spilled === undefined || end === undefined) throw new Error('3');
  const firsts = open.map(({ first }) => offset(first % (end.offset + 1n)));
  firsts.sort((a, b) => (a < b ? -1 : 1));
  return {
    ...rest,
    sealed,
    spilled,
    end,
    start: offset(start % (end.offset + 1n)),
    maxTimestampOffset: offset((maxTimestampOffset % (end.offset + 2n)) - 1n),
    open: open.map(({ producerId: id, epoch, txn }, i) => ({
      producerId: id,
      epoch,
      txn,
      firstOffset: firsts[i] ?? end.offset,
    })),
    producers: producers.map((producer) => below(producer, end.offset)),
    groups: above.slice(0, -1),
  };
});

function cumulated(bounds: readonly { seq: number; offset: number }[]): Position[] {
  let at: Position = { seq: 0, offset: offset(0n) };
  return bounds.map((by) => (at = step(at, by)));
}

const broughts: fc.Arbitrary<Brought> = record({
  slot: safe,
  states: fc.array(producerStates, { maxLength: 3 }),
  absent: fc.array(producerIds, { maxLength: 3 }),
  verified: fc.array(record({ producerId: producerIds, epoch: producerEpochs, txn: safe }), {
    maxLength: 3,
  }),
});
const optionalBrought = fc.option(broughts, { nil: undefined });

function dataCommands(log: PartitionKey): fc.Arbitrary<DataCommand> {
  return record({
    id: commandIds,
    runs: fc.array(runs(log), { maxLength: 5 }),
    key: objectKeys(log),
    epoch: fc.option(safe, { nil: undefined }),
    brought: optionalBrought,
  }).map(({ id, runs: given, key, epoch, brought }) => ({
    kind: 'data',
    id,
    runs: withSharedObject(given, key),
    ...(epoch === undefined ? {} : { epoch }),
    ...(brought === undefined ? {} : { brought }),
  }));
}

const markers: fc.Arbitrary<MarkerCommand> = record({
  id: commandIds,
  producerId: producerIds,
  epoch: producerEpochs,
  txn: safe,
  outcome: fc.constantFrom('commit' as const, 'abort' as const),
  coordinatorEpoch: numbers(2 ** 31 - 1, -1),
  timestamp: timestamps,
  bump: fc.boolean(),
  brought: optionalBrought,
}).map(({ brought, ...marker }) => ({
  kind: 'marker',
  ...marker,
  ...(brought === undefined ? {} : { brought }),
}));

export function commands(log: PartitionKey): fc.Arbitrary<Command> {
  const of = <K extends string, T extends object>(kind: K, fields: fc.Arbitrary<T>) =>
    fc.tuple(commandIds, fields).map(([id, rest]) => ({ kind, id, ...rest }));
  const stretch = record({ from: positions, to: positions });
  const withEpoch = record({ from: positions, to: positions, epoch: safe });
  return fc.oneof(
    { weight: 6, arbitrary: dataCommands(log) },
    { weight: 2, arbitrary: markers },
    of('spill', withEpoch),
    of('seal', withEpoch),
    of('seal', stretch),
    of('start', record({ offset: offsets })),
    of('floor', record({ epoch: safe })),
    of('close', fc.constant({})),
    of('raise', record({ leaderEpoch: leaderEpochs })),
  );
}

export function slots(log: PartitionKey): fc.Arbitrary<Slot> {
  const content = fc.array(commands(log), { maxLength: 6 });
  return fc.tuple(heads, content, numbers(3_000)).map(([snapshot, given, limit]): Slot => {
    const bytes = given.reduce((sum, command) => sum + commandBytes(command), 0);
    return { seq: snapshot.end.seq, snapshot, commands: given, bytes, limit };
  });
}

/** The `Record` makes sure that none is forgotten. */
const reasons: Readonly<Record<Refusal, true>> = {
  closed: true,
  floor: true,
  'out-of-order-sequence': true,
  'invalid-producer-epoch': true,
  'producer-unknown': true,
  'transaction-unverified': true,
  'transaction-finished': true,
  'concurrent-transactions': true,
  'not-next': true,
  'offset-out-of-range': true,
};
const refusals = Object.keys(reasons) as Refusal[];

const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constant<Verdict>({ kind: 'done' }),
  fc
    .tuple(offsets, leaderEpochs)
    .map(([baseOffset, epoch]): Verdict => ({ kind: 'accepted', baseOffset, leaderEpoch: epoch })),
  offsets.map((baseOffset): Verdict => ({ kind: 'duplicate', baseOffset })),
  fc.constantFrom(...refusals).map((reason): Verdict => ({ kind: 'refused', reason })),
);

function logRuns(log: PartitionKey): fc.Arbitrary<LogRun> {
  const contents = fc.oneof(
    runs(log).map((run): LogRun['content'] => ({ kind: 'run', run })),
    markers.map((marker): LogRun['content'] => ({ kind: 'marker', marker })),
  );
  return record({ baseOffset: offsets, leaderEpoch: leaderEpochs, content: contents });
}

const acceptedAs = ({ baseOffset, leaderEpoch: epoch }: LogRun): Verdict => ({
  kind: 'accepted',
  baseOffset,
  leaderEpoch: epoch,
});

/** The content of a group needs not make sense; half of the runs lie next to each other. */
export function groups(log: PartitionKey): fc.Arbitrary<SpillGroup> {
  return record({
    from: positions,
    to: positions,
    epoch: stageEpochs,
    object: fc.oneof(fc.constant(''), objectKeys(log)),
    runs: fc.array(logRuns(log), { maxLength: 6 }),
    dense: fc.boolean(),
    commands: fc.array(record({ id: commandIds, verdicts: fc.array(verdicts, { maxLength: 3 }) }), {
      maxLength: 6,
    }),
    aborted: fc.array(record({ producerId: producerIds, a: offsets, b: offsets }), {
      maxLength: 3,
    }),
    lso: offsets,
    maxTimestamp: timestamps,
    runningMaxTimestamp: timestamps,
    hash: hex(16),
  }).map(({ dense, ...group }): SpillGroup => {
    const placed = dense ? denseRuns(group.runs, group.from) : group.runs;
    return {
      ...group,
      runs: placed,
      commands: group.commands.map((command, i) => {
        const run = placed[i];
        const own = dense && run !== undefined ? [acceptedAs(run)] : [];
        return { ...command, verdicts: [...own, ...command.verdicts] };
      }),
      aborted: group.aborted.map(({ producerId: id, a, b }) => ({
        producerId: id,
        firstOffset: a < b ? a : b,
        lastOffset: a < b ? b : a,
      })),
      lso: group.lso < group.to.offset ? group.lso : group.to.offset,
    };
  });
}

/** Runs from a position on, as far as offsets go. */
function denseRuns(given: readonly LogRun[], from: Position): LogRun[] {
  const placed: LogRun[] = [];
  let next: bigint = from.offset;
  for (const run of given) {
    if (next > int64Max) break;
    placed.push({ ...run, baseOffset: offset(next), leaderEpoch: leaderEpoch(7) });
    next += BigInt(run.content.kind === 'run' ? run.content.run.count : 1);
  }
  return placed;
}
