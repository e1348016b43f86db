import { assert } from '../../std/assert.ts';
import type { CommandId, LeaderEpoch, Offset, ProducerId } from '../../std/brands.ts';
import type { MarkerCommand, Place, Run, Verdict } from './command.ts';
import { lastStableOffset } from './head.ts';
import type { Position } from './head.ts';
import { decided } from './slot.ts';
import type { Entry, Replayed } from './slot.ts';

/** A stretch of offsets with its bytes: an accepted run, or the control batch of a marker. */
export interface LogRun {
  readonly baseOffset: Offset;
  readonly leaderEpoch: LeaderEpoch;
  readonly content:
    | { readonly kind: 'run'; readonly run: Run }
    | { readonly kind: 'marker'; readonly marker: MarkerCommand };
}

export interface AbortedTransaction {
  readonly producerId: ProducerId;
  readonly firstOffset: Offset;
  /** Offset of its abort marker. */
  readonly lastOffset: Offset;
}

/** A published (or proposed) spill group: full slots, whose inline batches share one object. */
export interface SpillGroup {
  readonly from: Position;
  readonly to: Position;
  /** Stage epoch of its object; the proposal counts while it is not below the floor. */
  readonly epoch: number;
  /** Empty if none of its runs was inline. */
  readonly object: string;
  readonly runs: readonly LogRun[];
  /** Ids of the data and marker commands that were decided here, with their verdicts (I6). */
  readonly commands: readonly { readonly id: CommandId; readonly verdicts: readonly Verdict[] }[];
  readonly aborted: readonly AbortedTransaction[];
  /** Last stable offset at the group's end. */
  readonly lso: Offset;
  /** Highest timestamp of its own runs; −1 if none. */
  readonly maxTimestamp: bigint;
  /** Highest timestamp of the log up to its end. */
  readonly runningMaxTimestamp: bigint;
  readonly hash: string;
}

export const runCount = (run: LogRun): number =>
  run.content.kind === 'run' ? run.content.run.count : 1;

/** Bytes of the run as stored; a control batch is written out when it is read. */
export const runBytes = (run: LogRun): number => {
  if (run.content.kind === 'marker') return controlBatchBytes;
  const { place } = run.content.run;
  return place.kind === 'inline' ? place.bytes.length : place.length;
};

/** A record batch with one control record: 61 bytes of header, 17 of record. */
const controlBatchBytes = 78;

/** −1 for a marker: it is not a record that a look-up by time could find. */
export const runMaxTimestamp = (run: LogRun): bigint =>
  run.content.kind === 'run' ? run.content.run.maxTimestamp : -1n;

/** The runs that a replayed slot added to the log, in order. */
export function runsOf(replayed: Replayed): LogRun[] {
  const runs: LogRun[] = [];
  for (const { command, verdicts } of firstCopies(replayed)) {
    if (command.kind !== 'data' && command.kind !== 'marker') continue;
    verdicts.forEach((verdict, i) => {
      if (verdict.kind !== 'accepted') return;
      const { baseOffset, leaderEpoch } = verdict;
      const content =
        command.kind === 'marker'
          ? ({ kind: 'marker', marker: withoutBrought(command) } as const)
          : ({ kind: 'run', run: command.runs[i] as Run } as const);
      runs.push({ baseOffset, leaderEpoch, content });
    });
  }
  return runs;
}

/** What a marker brought has done its work. */
function withoutBrought(marker: MarkerCommand): MarkerCommand {
  const { brought: _, ...rest } = marker;
  return rest;
}

/** The entries that decided something: without repetitions of an id, and copies below the floor. */
function firstCopies({ entries }: Replayed): readonly Entry[] {
  return entries.filter((entry) => decided(entries, entry.command.id) === entry);
}

/**
 * Builds the group of these full slots, and the bytes of its object. Inline runs move into the
 * object; large ones stay in the objects in which they are.
 */
export function buildGroup(
  slots: readonly Replayed[],
  epoch: number,
  object: string,
): { group: SpillGroup; bytes: readonly Uint8Array[] } {
  const first = slots[0];
  const last = slots.at(-1);
  assert(first !== undefined && last !== undefined, 'a spill group has at least one slot');
  const bytes: Uint8Array[] = [];
  let at = 0;
  const runs = slots.flatMap(runsOf).map((run) => {
    if (run.content.kind !== 'run' || run.content.run.place.kind !== 'inline') return run;
    const inline = run.content.run.place.bytes;
    const place: Place = { kind: 'object', key: object, from: at, length: inline.length };
    bytes.push(inline);
    at += inline.length;
    return { ...run, content: { kind: 'run' as const, run: { ...run.content.run, place } } };
  });
  const own = runs.reduce(
    (max, run) => (runMaxTimestamp(run) > max ? runMaxTimestamp(run) : max),
    -1n,
  );
  const group: SpillGroup = {
    from: first.slot.snapshot.end,
    to: { seq: last.slot.seq + 1, offset: last.head.end.offset },
    epoch,
    object: bytes.length === 0 ? '' : object,
    runs,
    commands: slots.flatMap(commandsOf),
    aborted: slots.flatMap(abortedOf),
    lso: lastStableOffset(last.head),
    maxTimestamp: own,
    runningMaxTimestamp: last.head.maxTimestamp,
    hash: last.head.hash,
  };
  return { group, bytes };
}

function commandsOf(replayed: Replayed): SpillGroup['commands'] {
  return firstCopies(replayed)
    .filter(({ command }) => command.kind === 'data' || command.kind === 'marker')
    .map(({ command, verdicts }) => ({ id: command.id, verdicts }));
}

function abortedOf(replayed: Replayed): AbortedTransaction[] {
  const aborted: AbortedTransaction[] = [];
  let before = replayed.slot.snapshot;
  for (const { command, verdicts, after } of replayed.entries) {
    const [verdict] = verdicts;
    const isAbort = command.kind === 'marker' && command.outcome === 'abort';
    if (isAbort && after !== before && verdict?.kind === 'accepted') {
      const open = before.open.find((entry) => entry.producerId === command.producerId);
      if (open !== undefined) {
        const { producerId, firstOffset } = open;
        aborted.push({ producerId, firstOffset, lastOffset: verdict.baseOffset });
      }
    }
    before = after;
  }
  return aborted;
}
