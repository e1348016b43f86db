import type {
  Brought,
  Command,
  DataCommand,
  MarkerCommand,
  Run,
  Verdict,
} from '../../../lib/core/log/command.ts';
import { checkConfig, formatOne } from '../../../lib/core/log/config.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import { apply } from '../../../lib/core/log/apply.ts';
import type { Head } from '../../../lib/core/log/head.ts';
import { commandId, producerId } from '../../../lib/std/brands.ts';
import type { CommandId } from '../../../lib/std/brands.ts';

/** Format 1, with commands that weigh ten bytes and snapshots that weigh nothing. */
/** A slot that others write to holds what `sharedBytes` says, and each of them puts the hint. */
export const config = (shape: Partial<LogConfig> = {}): LogConfig =>
  checkConfig({
    ...formatOne,
    sharedHintEvery: 1,
    snapshotBytes: () => 0,
    commandBytes: () => 10,
    ...shape,
  });

export interface RunShape {
  readonly count?: number;
  readonly pid?: number;
  readonly epoch?: number;
  readonly txn?: number;
  readonly sequence?: number;
  /** Several batches: `[base sequence, records]` each. */
  readonly batches?: readonly (readonly [number, number])[];
  readonly timestamp?: number;
}

export function run(shape: RunShape = {}): Run {
  const { count = 1, pid, epoch = 0, txn = 0, sequence = 0, timestamp = 1 } = shape;
  const batches = shape.batches ?? [[sequence, count] as const];
  const base: Run = {
    place: { kind: 'inline', bytes: Buffer.from('data') },
    batches: batches.length,
    count: batches.reduce((sum, [, records]) => sum + records, 0),
    firstTimestamp: BigInt(timestamp),
    maxTimestamp: BigInt(timestamp),
    crc: 7,
  };
  if (pid === undefined) return base;
  const sequences = batches.map(([baseSequence, records]) => ({ baseSequence, count: records }));
  const id = producerId(BigInt(pid));
  return { ...base, producer: { id, epoch, txn, transactional: txn > 0, sequences } };
}

let ids = 0;

/** An id that no other command of this process has. */
export function newId(): CommandId {
  ids += 1;
  return commandId(`c${ids}`);
}

export function data(runs: readonly Run[], more: Partial<DataCommand> = {}): DataCommand {
  return { kind: 'data', id: newId(), runs, ...more };
}

export function marker(more: Partial<MarkerCommand>): MarkerCommand {
  return {
    kind: 'marker',
    id: newId(),
    producerId: producerId(1n),
    epoch: 0,
    txn: 1,
    outcome: 'commit',
    coordinatorEpoch: 0,
    timestamp: 1n,
    bump: true,
    ...more,
  };
}

/** What a command brings to a slot for these producers, none of whom is remembered. */
export function absent(slot: number, ...pids: readonly number[]): Brought {
  return { slot, states: [], absent: pids.map((pid) => producerId(BigInt(pid))), verified: [] };
}

export function verified(slot: number, pid: number, epoch: number, txn: number): Brought {
  const entry = { producerId: producerId(BigInt(pid)), epoch, txn };
  return { ...absent(slot, pid), verified: [entry] };
}

/** Applies commands one after the other: the last head, and each one's verdicts in words. */
export function applyAll(
  head: Head,
  commands: readonly Command[],
  shape: LogConfig = config(),
): { readonly head: Head; readonly told: readonly string[] } {
  const told: string[] = [];
  for (const command of commands) {
    const applied = apply(head, command, shape);
    ({ head } = applied);
    told.push(applied.verdicts.map(verdictText).join(', '));
  }
  return { head, told };
}

export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'accepted':
      return `accepted ${verdict.baseOffset}`;
    case 'duplicate':
      return `duplicate ${verdict.baseOffset}`;
    case 'refused':
      return `refused ${verdict.reason}`;
    case 'done':
      return 'done';
  }
}
