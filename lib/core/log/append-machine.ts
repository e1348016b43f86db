import { assert, must } from '../../std/assert.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine } from '../machine.ts';
import {
  advance,
  afterAdvance,
  afterProducers,
  afterRoom,
  producerRequests,
  sendSlot,
} from './advance.ts';
import { go } from './append-state.ts';
import type {
  AppendInput,
  AppendResult,
  AppendState,
  AppendStep,
  Move,
  Phase,
} from './append-state.ts';
import { isBelowFloor } from './apply.ts';
import { withBrought } from './brought.ts';
import { afterCheck, check } from './check-older.ts';
import { findNewest } from './find-newest.ts';
import { backOff, isPassing, isUnsure, pause } from './requests.ts';
import type { LogReply, LogRequest } from './requests.ts';
import { seen } from './sight.ts';
import { decided, firstOpening, isFull } from './slot.ts';
import type { Entry, Opening, Replayed } from './slot.ts';

/** Lost races after which a process waits a little. */
const racesBeforePause = 3;
/** Slots read one after the other before the hint is asked where the newest is. */
const walkedMax = 2;

/**
 * Commits one command (I1, I5, I6): to the newest slot if it has room, else by opening the next.
 * An unanswered copy is followed by a read of its slot, then sent again under the same id; a
 * process goes on to slot n+1 only after slot n was read full without the id.
 */
export const appendMachine: Machine<AppendInput, AppendState, LogRequest, LogReply, AppendResult> =
  {
    start(input) {
      const state: AppendState = {
        input,
        phase: { at: 'waiting' },
        sight: input.sight,
        next: input.walk,
        unsure: [],
        brought: undefined,
        carry: input.carry,
        evictedFor: -1,
        races: 0,
        refusals: 0,
        misses: 0,
      };
      if (input.sight === undefined) return follow(go('find', state), false);
      // A walk is told from a strong head; a command of one's own may try the slot last seen.
      const reads = input.walk !== undefined || input.stale === true;
      const { seq } = input.sight.replayed.slot;
      return follow(reads ? peek(state, seq, 0) : go('look', state), false);
    },

    step(state, replies, expired) {
      return follow(answered(state, replies, expired), expired);
    },
  };

function answered(state: AppendState, replies: readonly LogReply[], expired: boolean): Move {
  switch (state.phase.at) {
    case 'finding':
      return afterFind(state, findNewest.step(state.phase.find, replies, expired));
    case 'checking-slot':
    case 'checking-group':
      return afterCheck(state, replies);
    case 'producers':
      return resume(state, state.phase.opening, replies);
    case 'appending':
      return afterAppend(state, replies);
    case 'making-room':
      return afterRoom(state, replies, expired);
    case 'advancing':
      return afterAdvance(state, replies);
    case 'reading':
      return afterRead(state, replies);
    case 'peeking':
      return afterPeek(state, state.phase, replies);
    case 'waiting':
      return expired ? go('look', state) : afterPause(state);
  }
}

function follow(move: Move, expired: boolean): AppendStep {
  let next = move;
  while (next.kind === 'go') next = moveTo(next, expired);
  return next;
}

function moveTo({ to, state }: Extract<Move, { kind: 'go' }>, expired: boolean): Move {
  const { log, config } = state.input;
  switch (to) {
    case 'look':
      return look(state, expired);
    case 'find':
      if (expired) return giveUp(state, 'not-committed');
      return afterFind(state, findNewest.start({ log, config, by: 'hint' }));
    case 'raced': {
      const races = state.races + 1;
      if (expired) return go('look', state);
      return races % racesBeforePause === 0
        ? wait({ ...state, races, refusals: 0 }, pause)
        : onward({ ...state, races, refusals: 0 });
    }
    case 'retry': {
      if (expired) return giveUp(state, 'not-committed');
      const refusals = state.refusals + 1;
      return wait({ ...state, refusals }, backOff(refusals));
    }
    case 'expire':
      return giveUp(state, 'not-committed');
    case 'stub':
      return giveUp(state, 'closed');
  }
}

function afterFind(state: AppendState, step: ReturnType<typeof findNewest.step>): Move {
  if (step.kind === 'ask') {
    return ask({ ...state, phase: { at: 'finding', find: step.state } }, ...step.requests);
  }
  const { result } = step;
  if (result.kind === 'expired') return go('expire', state);
  if (result.kind === 'closed') return go('stub', state);
  return go('look', result.kind === 'empty' ? state : seen(state, result.newest));
}

/** Decides what to do from what is known. Every answer leads here. */
function look(state: AppendState, expired: boolean): Move {
  const { input, sight } = state;
  if (sight === undefined) {
    // An empty log: the first slot that may come to hold the id is the very first.
    const at: AppendState = { ...state, next: state.next ?? firstOpening.snapshot.end };
    return expired ? go('expire', at) : advance(at);
  }
  const { slot, head } = sight.replayed;
  const mustCheck = input.walk !== undefined || state.unsure.length > 0;
  if (mustCheck && state.next !== undefined && state.next.seq < slot.seq) {
    return expired ? go('expire', state) : check(state, state.next);
  }
  const entry = decided(sight.replayed.entries, input.command.id);
  if (entry !== undefined) {
    const opened = isOpener(sight.replayed, entry);
    return end({ kind: 'decided', verdicts: entry.verdicts, sight, opened });
  }
  // Whatever copy is still under way lands behind the close, or not at all.
  if (head.closed) return end({ kind: 'closed', sight });
  // The floor has passed its epoch: every copy of it, wherever it is, is dead.
  if (isBelowFloor(head, input.command)) return end({ kind: 'restage', floor: head.floor, sight });
  const at: AppendState = { ...state, next: slot.snapshot.end, unsure: stillUnsure(state) };
  if (expired) return go('expire', at);
  return isFull(slot) ? advance(at) : prepareAppend(at);
}

/** The command that opened its slot is the first in it, or follows the spill it carried. */
function isOpener({ entries }: Replayed, entry: Entry): boolean {
  const first = entries.find(({ command }) => command.kind !== 'spill');
  return first === entry;
}

/** Copies that may still land, or may have landed unseen, after this sight of the newest slot. */
function stillUnsure(state: AppendState): AppendState['unsure'] {
  const { slot } = must(state.sight, 'sight').replayed;
  return state.unsure.filter(({ seq, by }) => {
    // A put is dead once its slot exists; an append only once its slot was read full.
    if (seq !== slot.seq) return seq > slot.seq;
    return by === 'append' && !isFull(slot);
  });
}

function prepareAppend(state: AppendState): Move {
  const { slot, head } = must(state.sight, 'sight').replayed;
  const here: Opening = { snapshot: head, leaving: [] };
  assert(head.end.seq === slot.seq, 'a head knows its slot');
  const requests = producerRequests(state, here);
  if (requests.length === 0) return sendAppend(state);
  return ask({ ...state, phase: { at: 'producers', opening: undefined } }, ...requests);
}

/** The producers' states are there: on to the append or the advance that wanted them. */
function resume(
  state: AppendState,
  opened: Opening | undefined,
  replies: readonly LogReply[],
): Move {
  const { head } = state.sight?.replayed ?? { head: undefined };
  const target = opened ?? { snapshot: must(head, 'head'), leaving: [] };
  const ready = afterProducers(state, replies, target);
  if (ready === undefined) return go('retry', state);
  return opened === undefined ? sendAppend(ready) : sendSlot(ready, opened);
}

function sendAppend(state: AppendState): Move {
  const { seq } = must(state.sight, 'sight').replayed.slot;
  return ask(
    { ...state, phase: { at: 'appending' } },
    { kind: 'append', log: state.input.log, seq, command: withBrought(state, seq) },
  );
}

function afterAppend(state: AppendState, replies: readonly LogReply[]): Move {
  const outcome = outcomeAt(replies, 0, 'append');
  const { seq } = must(state.sight, 'sight').replayed.slot;
  if (outcome.kind === 'done') return go('look', seen(state, outcome.value));
  if (isPassing(outcome)) return go('retry', state);
  if (isUnsure(outcome)) {
    const { log, config } = state.input;
    const unsure = [...state.unsure, { seq, by: 'append' as const }];
    const position = seq % config.ringSlots;
    return ask({ ...state, unsure, phase: { at: 'reading' } }, { kind: 'get-slot', log, position });
  }
  const item = must(outcome.item, 'slots are never deleted');
  return item === 'stub' ? go('stub', state) : go('raced', seen(state, item));
}

/** Reads the slot to which a copy was sent that was not answered. */
function afterRead(state: AppendState, replies: readonly LogReply[]): Move {
  const outcome = outcomeAt(replies, 0, 'get-slot');
  if (outcome.kind !== 'done') return go('retry', state);
  if (outcome.value === 'stub') return go('stub', state);
  return go('look', outcome.value === undefined ? state : seen(state, outcome.value));
}

/** After a lost race: a slot that others have filled has probably been followed by another. */
function onward(state: AppendState): Move {
  const slot = state.sight?.replayed.slot;
  return slot !== undefined && isFull(slot) ? peek(state, slot.seq + 1, 0) : go('look', state);
}

/**
 * Reads a slot that others may have opened: a lost race would cost several times as much. What is
 * read not full, or full before its successor's place is read without it, is a strong head.
 */
function peek(state: AppendState, seq: number, walked: number): Move {
  const { log, config } = state.input;
  const position = seq % config.ringSlots;
  return ask(
    { ...state, phase: { at: 'peeking', seq, walked } },
    { kind: 'get-slot', log, position },
  );
}

function afterPeek(
  state: AppendState,
  { seq, walked }: Extract<Phase, { at: 'peeking' }>,
  replies: readonly LogReply[],
): Move {
  const outcome = outcomeAt(replies, 0, 'get-slot');
  if (outcome.kind !== 'done') return go('retry', state);
  if (outcome.value === 'stub') return go('stub', state);
  const at = outcome.value === undefined ? state : seen(state, outcome.value);
  const { slot } = must(at.sight, 'sight').replayed;
  // Not full, or without its successor: the newest there is.
  if (!isFull(slot) || slot.seq < seq) return go('look', at);
  return walked < walkedMax ? peek(at, slot.seq + 1, walked + 1) : go('find', at);
}

/** What was seen before a pause is old: a read costs a fifth of a race that is lost. */
function afterPause(state: AppendState): Move {
  const slot = state.sight?.replayed.slot;
  if (slot === undefined) return go('look', state);
  return peek(state, isFull(slot) ? slot.seq + 1 : slot.seq, 0);
}

function wait(state: AppendState, how: LogRequest): Move {
  return ask({ ...state, phase: { at: 'waiting' } }, how);
}

/** Only an id of a single process may be declared not committed, and only if no copy is left. */
function giveUp(state: AppendState, promise: 'not-committed' | 'closed'): Move {
  const { sight, unsure, input } = state;
  const certain = unsure.length === 0 && input.walk === undefined;
  return end({ kind: certain ? promise : 'unknown', sight });
}
