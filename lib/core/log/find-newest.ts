import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { LogConfig } from './config.ts';
import type { PartitionKey } from './partition-key.ts';
import { isPassing, pause } from './requests.ts';
import type { LogReply, LogRequest } from './requests.ts';
import type { Slot, SlotOrStub } from './slot.ts';

export interface FindInput {
  readonly log: PartitionKey;
  readonly config: LogConfig;
  /**
   * `hint` reads few slots, after a cheap read (who appends needs only the newest); `ring` reads
   * them all in one query (who reads needs them anyway); `near` reads a few from `seq` on, a slot
   * that was read full not long ago, and all of them if that does not reach the newest.
   */
  readonly by: 'hint' | 'ring' | { readonly near: number };
}

export type FindResult =
  | { readonly kind: 'found'; readonly newest: Slot; readonly slots: readonly Slot[] }
  /** No slot was ever opened. */
  | { readonly kind: 'empty' }
  /** A stub: the topic is deleted. */
  | { readonly kind: 'closed' }
  /** Time ran out. */
  | { readonly kind: 'expired' };

export interface FindState {
  readonly input: FindInput;
  readonly at: 'hint' | 'range' | 'ring' | 'walk' | 'pause';
  readonly from: number;
  readonly to: number;
  /** The newest slot seen so far, in the walk. */
  readonly newest: Slot | undefined;
  readonly slots: readonly Slot[];
}

/** Positions read behind the hint: a sole writer puts it only when it opens every 16th slot. */
const hintReach = 18;
/** Positions read behind a slot that was the newest a moment ago. */
const nearReach = 8;

type FindStep = Step<FindState, LogRequest, FindResult>;

/**
 * Finds the newest slot: a *strong head*, since the position after it was read in this search and
 * did not hold its successor. The hint only says where to begin.
 */
export const findNewest: Machine<FindInput, FindState, LogRequest, LogReply, FindResult> = {
  start(input) {
    const last = input.config.ringSlots - 1;
    const state: FindState = { input, at: 'hint', from: 0, to: last, newest: undefined, slots: [] };
    if (input.by === 'hint') return ask(state, { kind: 'get-hint', log: input.log });
    if (input.by === 'ring') return query({ ...state, at: 'ring' });
    const from = input.by.near % input.config.ringSlots;
    return query({ ...state, at: 'range', from, to: Math.min(from + nearReach, last) });
  },

  step(state, replies, expired) {
    if (state.at === 'pause') return findNewest.start(state.input);
    const [reply] = replies;
    if (reply !== undefined && isPassing(reply.outcome)) {
      return expired ? end({ kind: 'expired' }) : ask({ ...state, at: 'pause' }, pause);
    }
    if (state.at === 'hint') return afterHint(state, replies);
    return afterSlots(state, replies);
  },
};

function query(state: FindState): FindStep {
  const { log } = state.input;
  return ask(state, { kind: 'query-slots', log, from: state.from, to: state.to });
}

function afterHint(state: FindState, replies: readonly LogReply[]): FindStep {
  const outcome = outcomeAt(replies, 0, 'get-hint');
  const hint = outcome.kind === 'done' ? outcome.value : undefined;
  const last = state.input.config.ringSlots - 1;
  const from = (hint ?? 0) % (last + 1);
  return query({ ...state, at: 'range', from, to: Math.min(from + hintReach, last) });
}

function afterSlots(state: FindState, replies: readonly LogReply[]): FindStep {
  const found = slotsOf(replies);
  if (found.includes('stub')) return end({ kind: 'closed' });
  const slots = found.filter((slot) => slot !== 'stub');
  let newest = state.newest;
  for (const slot of slots) {
    if (newest === undefined || slot.seq > newest.seq) newest = slot;
  }
  const seen = [...state.slots, ...slots];
  if (newest === undefined) return afterNothing(state);
  if (state.at === 'walk' && newest === state.newest) {
    return end({ kind: 'found', newest, slots: seen });
  }
  const next = (newest.seq + 1) % state.input.config.ringSlots;
  const walked: FindState = { ...state, at: 'walk', newest, slots: seen };
  const covered = state.at !== 'walk' && state.from <= next && next <= state.to;
  if (covered) return end({ kind: 'found', newest, slots: seen });
  const near = typeof state.input.by === 'object' && state.at === 'range';
  if (near) return query({ ...state, at: 'ring', from: 0, to: state.input.config.ringSlots - 1 });
  return ask(walked, { kind: 'get-slot', log: state.input.log, position: next });
}

/** Nothing where the hint pointed: it was never trusted, so the whole ring is read. */
function afterNothing(state: FindState): FindStep {
  const last = state.input.config.ringSlots - 1;
  if (state.from === 0) return end({ kind: 'empty' });
  return query({ ...state, at: 'ring', from: 0, to: last });
}

function slotsOf(replies: readonly LogReply[]): readonly SlotOrStub[] {
  const [reply] = replies;
  if (reply?.kind === 'get-slot') {
    const { outcome } = reply;
    return outcome.kind === 'done' && outcome.value !== undefined ? [outcome.value] : [];
  }
  const outcome = outcomeAt(replies, 0, 'query-slots');
  return outcome.kind === 'done' ? outcome.value : [];
}
