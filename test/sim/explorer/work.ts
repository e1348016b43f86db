import type { Machine, Step } from '../../../lib/core/machine.ts';
import { ask, end } from '../../../lib/core/machine.ts';
import type { Replayed, SlotOrStub } from '../../../lib/core/log/slot.ts';
import type { SpillGroup } from '../../../lib/core/log/spill-group.ts';
import { runsOf } from '../../../lib/core/log/spill-group.ts';
import { replay } from '../../../lib/core/log/slot.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import { log } from './commands.ts';
import type { SimReply, SimRequest } from './world.ts';

/**
 * What a process is doing: a machine, or several one after the other. `name` and `state` say all
 * about it that the operation itself does not.
 */
export interface Work<Result> {
  readonly name: string;
  readonly state: object;
  readonly step: (replies: readonly SimReply[], expired: boolean) => Move<Result>;
}

export type Move<Result> =
  | { readonly kind: 'ask'; readonly work: Work<Result>; readonly requests: readonly SimRequest[] }
  | { readonly kind: 'end'; readonly result: Result };

export function run<Input, State extends object, Request extends SimRequest, Reply, Inner, Result>(
  name: string,
  machine: Machine<Input, State, Request, Reply, Inner>,
  input: Input,
  then: (result: Inner) => Move<Result>,
): Move<Result> {
  const follow = (step: Step<State, Request, Inner>): Move<Result> => {
    if (step.kind === 'end') return then(step.result);
    const { state } = step;
    const work: Work<Result> = {
      name,
      state,
      // The replies are to requests that this very machine made.
      step: (replies, expired) => follow(machine.step(state, replies as readonly Reply[], expired)),
    };
    return { kind: 'ask', work, requests: step.requests };
  };
  return follow(machine.start(input));
}

const valueOf = (replies: readonly SimReply[]): unknown => {
  const outcome = replies[0]?.outcome;
  return outcome?.kind === 'done' && 'value' in outcome ? outcome.value : undefined;
};

/** The end of a topic's deletion: stubs for slots, then the rest goes. */
export const purgeMachine: Machine<
  LogConfig,
  { left: readonly number[] },
  SimRequest,
  SimReply,
  'purged'
> = {
  start: ({ ringSlots }) => nextStub(Array.from({ length: ringSlots }, (_, i) => i)),
  step: ({ left }, replies) =>
    replies[0]?.kind === 'delete-groups' ? end('purged') : nextStub(left),
};

function nextStub([position, ...left]: readonly number[]): Step<
  { left: readonly number[] },
  SimRequest,
  'purged'
> {
  if (position === undefined) return ask({ left }, { kind: 'delete-groups' });
  return ask({ left }, { kind: 'put-stub', position });
}

export interface SweepState {
  readonly config: LogConfig;
  readonly candidates: readonly string[];
  readonly named: readonly string[];
  /** Groups from here on are not published. */
  readonly spilled: number;
  readonly at: 'ring' | 'head' | 'groups' | 'delete';
}

export interface SweepInput {
  readonly config: LogConfig;
  /** What was listed before the floor was raised. */
  readonly candidates: readonly string[];
}

/** The end of a sweep, after its floor was accepted: slots, head, groups, then what none names. */
export const sweepMachine: Machine<SweepInput, SweepState, SimRequest, SimReply, 'swept'> = {
  start: ({ config, candidates }) =>
    askRing({ config, candidates, named: [], spilled: 0, at: 'ring' }),
  step: (state, replies) => {
    switch (state.at) {
      case 'ring': {
        const named = slotsOf(state, replies).flatMap((slot) => namesIn(runsOf(slot)));
        return askRing({ ...state, named, at: 'head' });
      }
      case 'head': {
        const newest = slotsOf(state, replies).toSorted((a, b) => b.slot.seq - a.slot.seq)[0];
        const spilled = newest?.head.spilled.seq ?? 0;
        return ask<SweepState, SimRequest>(
          { ...state, spilled, at: 'groups' },
          { kind: 'list-groups' },
        );
      }
      case 'groups': {
        const groups = valueOf(replies) as readonly SpillGroup[];
        const published = groups.filter(({ from }) => from.seq < state.spilled);
        const inGroups = published.flatMap((group) => [group.object, ...namesIn(group.runs)]);
        const named = new Set([...state.named, ...inGroups]);
        const keys = state.candidates.filter((key) => !named.has(key));
        const next: SweepState = { ...state, at: 'delete' };
        return ask<SweepState, SimRequest>(next, { kind: 'delete-objects', keys });
      }
      case 'delete':
        return end('swept');
    }
  },
};

function askRing(state: SweepState): Step<SweepState, SimRequest, 'swept'> {
  return ask(state, { kind: 'query-slots', log, from: 0, to: state.config.ringSlots - 1 });
}

function slotsOf({ config }: SweepState, replies: readonly SimReply[]): readonly Replayed[] {
  const slots = valueOf(replies) as readonly SlotOrStub[];
  return slots.flatMap((slot) => (slot === 'stub' ? [] : [replay(slot, config)]));
}

function namesIn(runs: readonly SpillGroup['runs'][number][]): string[] {
  return runs.flatMap(({ content }) =>
    content.kind === 'run' && content.run.place.kind === 'object' ? [content.run.place.key] : [],
  );
}

/** One request of the explorer's own, as a machine. */
export const single: Machine<SimRequest, object, SimRequest, SimReply, unknown> = {
  start: (request) => ask({}, request),
  step: (_, replies) => end(valueOf(replies)),
};
