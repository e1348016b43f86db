import { must } from '../../std/assert.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import { go } from './append-state.ts';
import type { AppendState, Move } from './append-state.ts';
import type { Verdict } from './command.ts';
import type { Position } from './head.ts';

import type { LogReply } from './requests.ts';
import { decided, replay } from './slot.ts';

/** Times that a strong head is taken anew because something was not where the bounds said. */
const missesMax = 3;

/**
 * Reads the slot `next`, older than the newest, that may hold the id: in the ring, or in its
 * spill group once it is published. Overwritten is not absent (I6): where neither can say, the
 * answer is unknown.
 */
export function check(state: AppendState, next: Position): Move {
  const { log, config } = state.input;
  const { head } = must(state.sight, 'sight').replayed;
  if (next.seq >= head.spilled.seq) {
    const position = next.seq % config.ringSlots;
    return ask({ ...state, phase: { at: 'checking-slot' } }, { kind: 'get-slot', log, position });
  }
  // Groups below `start` or below `sealed` may be gone.
  if (next.offset < head.start || next.seq < head.sealed.seq) return unknown(state);
  return ask({ ...state, phase: { at: 'checking-group' } }, { kind: 'get-group', log, at: next });
}

export function afterCheck(state: AppendState, replies: readonly LogReply[]): Move {
  return state.phase.at === 'checking-slot'
    ? afterSlot(state, replies)
    : afterGroup(state, replies);
}

function afterSlot(state: AppendState, replies: readonly LogReply[]): Move {
  const { config, command } = state.input;
  const next = must(state.next, 'a slot to check');
  const outcome = outcomeAt(replies, 0, 'get-slot');
  if (outcome.kind !== 'done') return go('retry', state);
  const slot = outcome.value;
  if (slot === 'stub') return go('stub', state);
  if (slot === undefined || slot.seq !== next.seq) return miss(state);
  const replayed = replay(slot, config);
  const entry = decided(replayed.entries, command.id);
  if (entry !== undefined) return found(state, entry.verdicts);
  const after: Position = { seq: next.seq + 1, offset: replayed.head.end.offset };
  return go('look', checked(state, after));
}

function afterGroup(state: AppendState, replies: readonly LogReply[]): Move {
  const next = must(state.next, 'a slot to check');
  const outcome = outcomeAt(replies, 0, 'get-group');
  if (outcome.kind !== 'done') return go('retry', state);
  const group = outcome.value;
  if (group === undefined || group.from.seq > next.seq || group.to.seq <= next.seq) {
    return miss(state);
  }
  const entry = group.commands.find(({ id }) => id === state.input.command.id);
  if (entry !== undefined) return found(state, entry.verdicts);
  return go('look', checked(state, group.to));
}

/** Everything before `after` was read complete without the id: no copy sent there is alive. */
function checked(state: AppendState, after: Position): AppendState {
  const unsure = state.unsure.filter(({ seq }) => seq >= after.seq);
  return { ...state, next: after, unsure };
}

function found(state: AppendState, verdicts: readonly Verdict[]): Move {
  return end({ kind: 'decided', verdicts, sight: state.sight, opened: false });
}

/** A miss is never read as "absent": a new strong head decides where to look. */
function miss(state: AppendState): Move {
  if (state.misses >= missesMax) return unknown(state);
  return go('find', { ...state, misses: state.misses + 1 });
}

function unknown(state: AppendState): Move {
  return end({ kind: 'unknown', sight: state.sight });
}
