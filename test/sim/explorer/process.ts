import { appendMachine } from '../../../lib/core/log/append-machine.ts';
import type { AppendResult, Sight } from '../../../lib/core/log/append-state.ts';
import type { Command } from '../../../lib/core/log/command.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import { findNewest } from '../../../lib/core/log/find-newest.ts';
import type { Position } from '../../../lib/core/log/head.ts';
import { proposeGroup } from '../../../lib/core/log/propose-group.ts';
import { readMachine } from '../../../lib/core/log/read-machine.ts';
import type { ReadResult } from '../../../lib/core/log/read-machine.ts';
import { replay } from '../../../lib/core/log/slot.ts';
import { commandId } from '../../../lib/std/brands.ts';
import type { Offset, ProducerId } from '../../../lib/std/brands.ts';
import { log } from './commands.ts';
import { purgeMachine, run, single, sweepMachine } from './work.ts';
import type { Move, Work } from './work.ts';
import type { SimReply, SimRequest } from './world.ts';

/** One thing that a process does after another. */
export type Op =
  | {
      readonly do: 'append';
      readonly command: Command;
      /** The id is shared: check every slot from here on. */
      readonly walk?: Position;
      /** Below: expired (ms). */
      readonly expiredBefore?: bigint;
    }
  /** Publishes the next spill group, if there is one. */
  | { readonly do: 'spill' }
  | { readonly do: 'read'; readonly offset: Offset; readonly bytesMax: number }
  /** Replaces slots by stubs, as the deletion of a topic does after its close. */
  | { readonly do: 'purge' }
  /** List, floor, read, delete (design: sweep). */
  | { readonly do: 'sweep'; readonly floor: number; readonly id: string }
  | { readonly do: 'forget'; readonly producerId: ProducerId; readonly before: bigint };

/** What a process was told at the end of an operation. */
export type Told =
  | { readonly kind: 'append'; readonly command: Command; readonly result: AppendResult }
  | { readonly kind: 'read'; readonly offset: Offset; readonly result: ReadResult }
  | { readonly kind: 'other' };

export interface Pending {
  readonly request: SimRequest;
  readonly reply?: SimReply;
  /** Of a query that is under way: what was read so far, up to `next`. */
  readonly partial?: { readonly read: readonly unknown[]; readonly next: number };
}

export interface Process {
  readonly name: string;
  /** Index of the operation under way; as many as there are when it has ended. */
  readonly at: number;
  readonly work: Work<Finished> | undefined;
  readonly pending: readonly Pending[];
  readonly sight: Sight | undefined;
  readonly expired: boolean;
  readonly mayExpire: boolean;
  readonly mayDie: boolean;
  /** Names handed out. */
  readonly names: number;
  /** Offsets below this were acknowledged, to anyone, when the operation began. */
  readonly acknowledged: Offset;
}

export interface Finished {
  readonly told: Told;
  readonly sight: Sight | undefined;
  /** The same operation again, with objects of this epoch. */
  readonly restage?: { readonly command: Command; readonly floor: number };
}

export function startOp(
  process: Process,
  op: Op,
  config: LogConfig,
  stage: number,
): Move<Finished> {
  const { sight } = process;
  switch (op.do) {
    case 'append':
      return append(process, op.command, config, op);
    case 'spill':
      return spill(process, config);
    case 'read': {
      const { offset, bytesMax } = op;
      const input = { log, config, offset, bytesMax, newest: sight?.replayed };
      return run('read', readMachine, input, (result) => {
        const newest = 'newest' in result ? result.newest : undefined;
        const next = newest === undefined ? sight : { replayed: newest, ownBefore: 0 };
        return finish({ kind: 'read', offset, result }, next);
      });
    }
    case 'purge':
      return run('purge', purgeMachine, config, () => finish({ kind: 'other' }, sight));
    case 'sweep':
      return sweep(process, op, config, stage);
    case 'forget': {
      const { producerId, before } = op;
      const request = { kind: 'forget-producer', producerId, before } as const;
      return run('forget', single, request, () => finish({ kind: 'other' }, sight));
    }
  }
}

export function append(
  process: Process,
  command: Command,
  config: LogConfig,
  options: { readonly walk?: Position; readonly expiredBefore?: bigint } = {},
): Move<Finished> {
  const { expiredBefore = 0n, walk } = options;
  const base = { log, config, command, prefix: process.name, sight: process.sight, expiredBefore };
  const input = walk === undefined ? base : { ...base, walk };
  return run('append', appendMachine, input, (result) => {
    const told: Told = { kind: 'append', command, result };
    const finished = { told, sight: result.sight ?? process.sight };
    return result.kind === 'restage'
      ? { kind: 'end', result: { ...finished, restage: { command, floor: result.floor } } }
      : { kind: 'end', result: finished };
  });
}

function finish(told: Told, sight: Sight | undefined): Move<Finished> {
  return { kind: 'end', result: { told, sight } };
}

function spill(process: Process, config: LogConfig): Move<Finished> {
  return run('find', findNewest, { log, config, by: 'ring' }, (found) => {
    if (found.kind !== 'found') return finish({ kind: 'other' }, process.sight);
    const replayed = replay(found.newest, config);
    const sight = { replayed, ownBefore: 0 };
    if (replayed.head.groups.length === 0) return finish({ kind: 'other' }, sight);
    return run('propose', proposeGroup, { log, config, head: replayed.head }, (proposed) =>
      proposed.kind === 'proposed'
        ? append({ ...process, sight }, proposed.command, config)
        : finish({ kind: 'other' }, sight),
    );
  });
}

function sweep(
  process: Process,
  op: Extract<Op, { do: 'sweep' }>,
  config: LogConfig,
  stage: number,
): Move<Finished> {
  const raise = { kind: 'raise-stage', to: Math.max(stage, op.floor) } as const;
  return run('raise', single, raise, () =>
    run('list', single, { kind: 'list-objects', below: op.floor }, (listed) => {
      const candidates = listed as readonly string[];
      const floor = { kind: 'floor', id: commandId(op.id), epoch: op.floor } as const;
      const appended = append(process, floor, config);
      return after(
        appended,
        (finished) => {
          const { told } = finished;
          const decided = told.kind === 'append' && told.result.kind === 'decided';
          if (!decided) return { kind: 'end', result: finished };
          return run('sweep', sweepMachine, { config, candidates }, () => ({
            kind: 'end',
            result: finished,
          }));
        },
        candidates,
      );
    }),
  );
}

/** Goes on from a move's end; `kept` is what the continuation remembers. */
function after(
  move: Move<Finished>,
  then: (finished: Finished) => Move<Finished>,
  kept: object,
): Move<Finished> {
  if (move.kind === 'end') return then(move.result);
  const { work } = move;
  return {
    ...move,
    work: {
      name: work.name,
      state: { inner: work.state, kept },
      step: (replies, expired) => after(work.step(replies, expired), then, kept),
    },
  };
}
