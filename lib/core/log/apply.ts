import { unreachable } from '../../std/assert.ts';
import { applyData } from './apply-data.ts';
import type { Applied } from './apply-data.ts';
import { applyMarker } from './apply-marker.ts';
import { refused } from './command.ts';
import type { Command, ControlCommand, Verdict } from './command.ts';
import type { LogConfig } from './config.ts';
import { assertSuccessor } from './head.ts';
import type { Head, Position } from './head.ts';

/**
 * The log's one decision: what a command does to a head, and its verdicts. Pure, and frozen per
 * format (I11). `data` has one verdict per run, every other command exactly one.
 *
 * A command refused for its floor, or by a closed partition, leaves no trace.
 */
export function apply(head: Head, command: Command, config: LogConfig): Applied {
  const applied = decide(head, command, config);
  if (applied.head !== head) assertSuccessor(head, applied.head);
  return applied;
}

function decide(head: Head, command: Command, config: LogConfig): Applied {
  const refusal = refusalOfAll(head, command);
  if (refusal !== undefined) {
    const verdicts = command.kind === 'data' ? command.runs.map(() => refusal) : [refusal];
    return { head, verdicts };
  }
  switch (command.kind) {
    case 'data':
      return applyData(head, command, config);
    case 'marker':
      return single(applyMarker(head, command));
    default:
      return single(applyControl(head, command));
  }
}

function refusalOfAll(head: Head, command: Command): Verdict | undefined {
  if (head.closed && command.kind !== 'close') return refused('closed');
  return isBelowFloor(head, command) ? refused('floor') : undefined;
}

/** True if the command names an object that the sweep may already have deleted. */
export function isBelowFloor(head: Head, command: Command): boolean {
  switch (command.kind) {
    case 'data':
    case 'spill':
    case 'seal':
      return command.epoch !== undefined && command.epoch < head.floor;
    default:
      return false;
  }
}

function single(applied: { head: Head; verdict: Verdict }): Applied {
  return { head: applied.head, verdicts: [applied.verdict] };
}

const took = (head: Head): { head: Head; verdict: Verdict } => ({
  head,
  verdict: { kind: 'done' },
});

function applyControl(head: Head, command: ControlCommand): { head: Head; verdict: Verdict } {
  switch (command.kind) {
    case 'spill': {
      const next = head.groups[0];
      const isNext =
        next !== undefined && same(command.from, head.spilled) && same(command.to, next);
      if (!isNext) return { head, verdict: refused('not-next') };
      return took({ ...head, spilled: command.to, groups: head.groups.slice(1) });
    }
    case 'seal':
      return seal(head, command);
    case 'start':
      if (command.offset > head.end.offset) {
        return { head, verdict: refused('offset-out-of-range') };
      }
      return took(command.offset > head.start ? { ...head, start: command.offset } : head);
    case 'floor':
      return took(command.epoch > head.floor ? { ...head, floor: command.epoch } : head);
    case 'close':
      return took({ ...head, closed: true });
    case 'raise':
      return took(
        command.leaderEpoch > head.leaderEpoch
          ? { ...head, leaderEpoch: command.leaderEpoch }
          : head,
      );
    default:
      return unreachable(command);
  }
}

function seal(
  head: Head,
  command: Extract<ControlCommand, { kind: 'seal' }>,
): { head: Head; verdict: Verdict } {
  const { from, to } = command;
  const fits =
    same(from, head.sealed) && from.offset < to.offset && to.offset <= head.spilled.offset;
  if (!fits || to.seq > head.spilled.seq) return { head, verdict: refused('not-next') };
  if (command.epoch === undefined && to.offset > head.start) {
    return { head, verdict: refused('offset-out-of-range') };
  }
  return took({ ...head, sealed: to });
}

function same(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.offset === b.offset;
}
