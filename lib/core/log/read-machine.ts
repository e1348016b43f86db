import { assert } from '../../std/assert.ts';
import type { Offset } from '../../std/brands.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { LogConfig } from './config.ts';
import { planFetch } from './fetch-plan.ts';
import { findNewest } from './find-newest.ts';
import type { FindInput, FindResult, FindState } from './find-newest.ts';
import type { Head, Position } from './head.ts';
import type { PartitionKey } from './partition-key.ts';
import { pause } from './requests.ts';
import type { LogReply, LogRequest } from './requests.ts';
import { isFull, replay } from './slot.ts';
import type { Replayed, Slot } from './slot.ts';
import { runBytes, runCount, runsOf } from './spill-group.ts';
import type { LogRun } from './spill-group.ts';

export interface ReadInput {
  readonly log: PartitionKey;
  readonly config: LogConfig;
  /** The first offset wanted. */
  readonly offset: Offset;
  /** Runs are taken until their bytes reach this; at least one is taken if there is one. */
  readonly bytesMax: number;
  /** The newest slot that this process has seen, however old. */
  readonly newest: Replayed | undefined;
}

export type ReadResult =
  | {
      readonly kind: 'read';
      /** A strong head: at least as new as all that was acknowledged before the read began. */
      readonly head: Head;
      /** Adjoining runs, the first of which holds `offset`. Empty at the end of the log. */
      readonly runs: readonly LogRun[];
      readonly newest: Replayed | undefined;
    }
  /** `offset` is below `start` or above `end` of this strong head. */
  | { readonly kind: 'out-of-range'; readonly head: Head; readonly newest: Replayed | undefined }
  | { readonly kind: 'closed' }
  | { readonly kind: 'expired' }
  /** Again and again not where a strong head says: the log is damaged. An alarm (I10). */
  | { readonly kind: 'missing'; readonly what: string };

export interface ReadState {
  readonly input: ReadInput;
  readonly at: 'tail' | 'finding' | 'group' | 'groups' | 'pause';
  readonly find: FindState | undefined;
  readonly newest: Replayed | undefined;
  readonly slots: readonly Slot[];
  /** The whole ring was queried. */
  readonly ring: boolean;
  readonly runs: readonly LogRun[];
  readonly bytes: number;
  /** The next offset wanted. */
  readonly next: Offset;
  /** Where the group taken last ends: the one after it begins exactly there. */
  readonly after: Position | undefined;
  readonly misses: number;
}

type ReadStep = Step<ReadState, LogRequest, ReadResult>;

/** Strong heads taken anew before a gap counts as damage. */
const missesMax = 8;
/** Groups asked for at once. A query ends at 1 MB of items anyway. */
const groupsMax = 8;

/**
 * Reads a stretch of a log: a strong head first, then what its bounds name (I10). Whatever does
 * not adjoin is a miss, and a miss is a reason for a new head, never for an answer.
 */
export const readMachine: Machine<ReadInput, ReadState, LogRequest, LogReply, ReadResult> = {
  start(input) {
    const state: ReadState = {
      input,
      at: 'tail',
      find: undefined,
      newest: input.newest,
      slots: [],
      ring: false,
      runs: [],
      bytes: 0,
      next: input.offset,
      after: undefined,
      misses: 0,
    };
    // Who knows the newest slot begins there: a read or two make a strong head of it.
    if (input.newest === undefined) return find(state);
    const { slot } = input.newest;
    // What is full does not change any more.
    return isFull(slot)
      ? askSlot({ ...state, slots: [slot] }, slot.seq + 1)
      : askSlot(state, slot.seq);
  },

  step(state, replies, expired) {
    switch (state.at) {
      case 'finding':
        assert(state.find !== undefined, 'finding');
        return afterFind(state, findNewest.step(state.find, replies, expired));
      case 'tail':
        return afterTail(state, replies, expired);
      case 'group':
        return afterGroup(state, replies, expired);
      case 'groups':
        return afterGroups(state, replies, expired);
      case 'pause':
        return find(state);
    }
  },
};

function askSlot(state: ReadState, seq: number): ReadStep {
  const { log, config } = state.input;
  const position = seq % config.ringSlots;
  return ask({ ...state, at: 'tail' }, { kind: 'get-slot', log, position });
}

function find(state: ReadState, by: FindInput['by'] = 'ring'): ReadStep {
  const { log, config } = state.input;
  return afterFind({ ...state, ring: by === 'ring' }, findNewest.start({ log, config, by }));
}

function afterFind(state: ReadState, step: ReturnType<typeof findNewest.step>): ReadStep {
  if (step.kind === 'ask') {
    return ask({ ...state, at: 'finding', find: step.state }, ...step.requests);
  }
  const result: FindResult = step.result;
  switch (result.kind) {
    case 'found': {
      const newest = replay(result.newest, state.input.config, state.newest);
      const slots = state.ring ? result.slots : [...state.slots, ...result.slots];
      return collect({ ...state, newest, slots });
    }
    case 'empty':
      return collect({ ...state, newest: undefined });
    case 'closed':
    case 'expired':
      return end(result);
  }
}

/**
 * A slot that is read not full has no successor, and so has one that is read full before its
 * successor's place is read without it: either is a strong head.
 */
function afterTail(state: ReadState, replies: readonly LogReply[], expired: boolean): ReadStep {
  const outcome = outcomeAt(replies, 0, 'get-slot');
  if (outcome.kind !== 'done') {
    return expired ? end({ kind: 'expired' }) : ask({ ...state, at: 'pause' }, pause);
  }
  const slot = outcome.value;
  if (slot === 'stub') return end({ kind: 'closed' });
  const last = state.slots.at(-1);
  const wanted = last === undefined ? state.newest?.slot.seq : last.seq + 1;
  if (slot === undefined || slot.seq !== wanted) {
    const isNewest = last !== undefined && (slot === undefined || slot.seq < last.seq);
    return isNewest ? collect(state) : find({ ...state, slots: [] });
  }
  const { config } = state.input;
  const newest = replay(slot, config, state.newest);
  const walked: ReadState = { ...state, newest, slots: [...state.slots, slot] };
  return isFull(slot) ? find(walked, { near: slot.seq }) : collect(walked);
}

/** Takes what the head's bounds name for the next offset, until there is enough. */
function collect(state: ReadState): ReadStep {
  const { newest } = state;
  // Whether its slots are still there, or stubs already, must make no difference to a reader.
  if (newest?.head.closed === true) return end({ kind: 'closed' });
  const plan = planFetch(newest?.head, state.next);
  switch (plan.level) {
    case 'out-of-range':
      // Retention may pass by while one reads: what was read before it still stands.
      return state.runs.length > 0
        ? finish(state)
        : end({ kind: 'out-of-range', head: plan.head, newest });
    case 'end':
      return finish(state);
    case 'segments':
      return end({
        kind: 'missing',
        what: `segments are unknown to this release, offset=${state.next}`,
      });
    case 'groups':
      return askGroups(state, plan.head);
    case 'ring':
      return collectRing(state);
  }
}

function finish(state: ReadState): ReadStep {
  const plan = planFetch(state.newest?.head, state.next);
  return end({ kind: 'read', head: plan.head, runs: state.runs, newest: state.newest });
}

/** The group that holds the next offset; the ones that adjoin it then come in one query. */
function askGroups(state: ReadState, head: Head): ReadStep {
  const { log } = state.input;
  const { after, next } = state;
  if (after === undefined || after.seq >= head.spilled.seq) {
    const at = { offset: next, seq: Number.MAX_SAFE_INTEGER };
    return ask({ ...state, at: 'group' }, { kind: 'get-group', log, at });
  }
  const before = head.spilled;
  return ask(
    { ...state, at: 'groups' },
    { kind: 'query-groups', log, from: after, before, limit: groupsMax },
  );
}

function afterGroups(state: ReadState, replies: readonly LogReply[], expired: boolean): ReadStep {
  const outcome = outcomeAt(replies, 0, 'query-groups');
  if (outcome.kind !== 'done') {
    return expired ? end({ kind: 'expired' }) : ask({ ...state, at: 'pause' }, pause);
  }
  let taken = state;
  for (const group of outcome.value) {
    const adjoins = group.from.seq === taken.after?.seq && group.from.offset === taken.after.offset;
    if (!adjoins || taken.bytes >= state.input.bytesMax) break;
    taken = { ...take(taken, group.runs), after: group.to };
  }
  if (taken === state) return miss(state, `spill group of offset=${state.next}`);
  return go(taken);
}

function afterGroup(state: ReadState, replies: readonly LogReply[], expired: boolean): ReadStep {
  const outcome = outcomeAt(replies, 0, 'get-group');
  if (outcome.kind !== 'done') {
    return expired ? end({ kind: 'expired' }) : ask({ ...state, at: 'pause' }, pause);
  }
  const group = outcome.value;
  const covers =
    group !== undefined && group.from.offset <= state.next && state.next < group.to.offset;
  if (!covers) return miss(state, `spill group of offset=${state.next}`);
  return go({ ...take(state, group.runs), after: group.to });
}

function collectRing(state: ReadState): ReadStep {
  const runs = ringRuns(state);
  if (runs === undefined) {
    // Only the tail was read so far: the rest of the ring comes in one query.
    if (!state.ring) return find(state);
    return miss(state, `ring slot of offset=${state.next}`);
  }
  return go(take(state, runs));
}

function go(state: ReadState): ReadStep {
  return state.bytes >= state.input.bytesMax ? finish(state) : collect(state);
}

/**
 * The runs of the slots seen, from the one that holds the next offset on. Slots are read one after
 * the other: one that was read before it was full does not adjoin the next, and is a miss.
 */
function ringRuns(state: ReadState): readonly LogRun[] | undefined {
  const { newest, slots, input } = state;
  if (newest === undefined) return undefined;
  let runs: readonly LogRun[] = runsOf(newest);
  let first = newest.slot;
  while (first.snapshot.end.offset > state.next) {
    const { seq } = first;
    const before = slots.find((slot) => slot.seq === seq - 1);
    if (before === undefined) return undefined;
    const replayed = replay(before, input.config);
    if (replayed.head.end.offset !== first.snapshot.end.offset) return undefined;
    runs = [...runsOf(replayed), ...runs];
    first = before;
  }
  return runs;
}

/** Adds runs from the next offset on, in order, until there are bytes enough. */
function take(state: ReadState, runs: readonly LogRun[]): ReadState {
  const taken: LogRun[] = [];
  let { bytes, next } = state;
  for (const run of runs) {
    const after = (run.baseOffset + BigInt(runCount(run))) as Offset;
    if (after <= next) continue;
    if (taken.length + state.runs.length > 0 && bytes >= state.input.bytesMax) break;
    assert(run.baseOffset <= next, `I2: hole before offset=${run.baseOffset}`);
    taken.push(run);
    bytes += runBytes(run);
    next = after;
  }
  return { ...state, runs: [...state.runs, ...taken], bytes, next };
}

function miss(state: ReadState, what: string): ReadStep {
  if (state.misses >= missesMax) return end({ kind: 'missing', what });
  return find({ ...state, misses: state.misses + 1, slots: [], after: undefined });
}
