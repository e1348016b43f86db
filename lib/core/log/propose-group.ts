import { must } from '../../std/assert.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { SpillCommand } from './command.ts';
import type { LogConfig } from './config.ts';
import type { Head } from './head.ts';
import type { PartitionKey } from './partition-key.ts';
import { isPassing, isUnsure, pause } from './requests.ts';
import type { LogReply, LogRequest, NewNames } from './requests.ts';
import { isFull, replay } from './slot.ts';
import type { Slot } from './slot.ts';
import { buildGroup } from './spill-group.ts';
import type { SpillGroup } from './spill-group.ts';

export interface ProposeInput {
  readonly log: PartitionKey;
  readonly config: LogConfig;
  /** A head with at least one complete group that is not published. */
  readonly head: Head;
}

export type ProposeResult =
  /** The proposal stands; this command publishes it. */
  | { readonly kind: 'proposed'; readonly command: SpillCommand }
  /** Somebody published it meanwhile (or the topic is gone). */
  | { readonly kind: 'gone' }
  | { readonly kind: 'expired' };

export interface ProposeState {
  readonly input: ProposeInput;
  readonly at: 'names' | 'slots' | 'object' | 'group' | 'pause';
  readonly names: NewNames | undefined;
  readonly group: SpillGroup | undefined;
  readonly bytes: readonly Uint8Array[];
}

type ProposeStep = Step<ProposeState, LogRequest, ProposeResult>;

/**
 * Makes the next spill group ready for publication: reads its slots, puts its object and awaits
 * it, and puts the proposal. A proposal that stands and is not below the floor is taken as it is:
 * all who build a group build the same one.
 */
export const proposeGroup: Machine<
  ProposeInput,
  ProposeState,
  LogRequest,
  LogReply,
  ProposeResult
> = {
  start(input) {
    const at = { input, at: 'names', names: undefined, group: undefined, bytes: [] } as const;
    return askNames(at);
  },

  step(state, replies, expired) {
    if (state.at === 'pause') return again(state);
    const passing = replies.some(({ outcome }) => isPassing(outcome) || isUnsure(outcome));
    if (passing && expired) return end({ kind: 'expired' });
    switch (state.at) {
      case 'names': {
        const names = outcomeAt(replies, 0, 'new-names');
        if (names.kind !== 'done') return ask({ ...state, at: 'pause' }, pause);
        return askSlots({ ...state, at: 'slots', names: names.value });
      }
      case 'slots':
        return afterSlots(state, replies);
      case 'object': {
        // The name is new, so what lies there is our own earlier copy.
        const put = outcomeAt(replies, 0, 'put-object');
        const there = put.kind === 'done' || put.kind === 'condition-failed';
        if (there) return askGroup({ ...state, at: 'group' });
        return isPassing(put) ? ask({ ...state, at: 'pause' }, pause) : askObject(state);
      }
      default:
        return afterGroup(state, replies);
    }
  },
};

function again(state: ProposeState): ProposeStep {
  return state.names === undefined
    ? askNames({ ...state, at: 'names' })
    : askSlots({ ...state, at: 'slots' });
}

function askNames(state: ProposeState): ProposeStep {
  const { log, head } = state.input;
  return ask(state, { kind: 'new-names', log, floor: head.floor });
}

/** One query, or two where the group goes round the end of the ring. */
function askSlots(state: ProposeState): ProposeStep {
  const { log, config, head } = state.input;
  const { ringSlots } = config;
  const from = head.spilled.seq % ringSlots;
  const to = (must(head.groups[0], 'a complete group').seq - 1) % ringSlots;
  if (from <= to) return ask(state, { kind: 'query-slots', log, from, to });
  return ask(
    state,
    { kind: 'query-slots', log, from, to: ringSlots - 1 },
    { kind: 'query-slots', log, from: 0, to },
  );
}

function afterSlots(state: ProposeState, replies: readonly LogReply[]): ProposeStep {
  const { config, head } = state.input;
  const slots: Slot[] = [];
  for (let i = 0; i < replies.length; i += 1) {
    const outcome = outcomeAt(replies, i, 'query-slots');
    if (outcome.kind !== 'done') return ask({ ...state, at: 'pause' }, pause);
    for (const slot of outcome.value) if (slot !== 'stub') slots.push(slot);
  }
  slots.sort((a, b) => a.seq - b.seq);
  const first = head.spilled.seq;
  const count = must(head.groups[0], 'a complete group').seq - first;
  const whole =
    slots.length === count && slots.every((slot, i) => slot.seq === first + i && isFull(slot));
  if (!whole) return end({ kind: 'gone' });
  const names = must(state.names, 'names');
  const replayed = slots.map((slot) => replay(slot, config));
  const { group, bytes } = buildGroup(replayed, names.epoch, names.object);
  const built: ProposeState = { ...state, group, bytes };
  return group.object === ''
    ? askGroup({ ...built, at: 'group' })
    : askObject({ ...built, at: 'object' });
}

function askObject(state: ProposeState): ProposeStep {
  const { object } = must(state.names, 'names');
  return ask(state, { kind: 'put-object', key: object, bytes: state.bytes });
}

function askGroup(state: ProposeState): ProposeStep {
  const { log, head } = state.input;
  const group = must(state.group, 'group');
  return ask(state, { kind: 'put-group', log, group, floor: head.floor });
}

function afterGroup(state: ProposeState, replies: readonly LogReply[]): ProposeStep {
  const put = outcomeAt(replies, 0, 'put-group');
  if (isPassing(put)) return ask({ ...state, at: 'pause' }, pause);
  if (isUnsure(put)) return askGroup(state);
  const own = must(state.group, 'group');
  const standing = put.kind === 'done' ? own : must(put.item, 'the standing proposal');
  const { from, to, epoch } = standing;
  const { id } = must(state.names, 'names');
  return end({ kind: 'proposed', command: { kind: 'spill', id, from, to, epoch } });
}
