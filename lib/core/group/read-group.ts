import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import type { GroupState, Member, Ownership, Target } from './group.ts';

import type { GroupReply, GroupRequest } from './requests.ts';

export interface ReadGroupInput {
  readonly group: string;
  /** Who owns what, and what was committed, is read too. */
  readonly withOwnerships: boolean;
}

/** A group as it was read, one kind of item after the other: not a snapshot. */
export interface GroupSight {
  /** Undefined: it never had a member. */
  readonly state: GroupState | undefined;
  /** Undefined before the first member. */
  readonly target: Target | undefined;
  readonly members: readonly Member[];
  /** Read after the members, as `committedOf` needs it. */
  readonly ownerships: readonly Ownership[];
}

export type ReadGroupResult =
  | { readonly kind: 'read'; readonly sight: GroupSight }
  | { readonly kind: 'expired' };

export interface ReadGroupState {
  readonly input: ReadGroupInput;
  readonly phase: 'state' | 'members' | 'ownerships' | 'wait';
  readonly sight: GroupSight;
}

type ReadStep = Step<ReadGroupState, GroupRequest, ReadGroupResult>;

/** Reads a group to tell of it: at most 1 read and 3 queries. */
export const readGroup: Machine<
  ReadGroupInput,
  ReadGroupState,
  GroupRequest,
  GroupReply,
  ReadGroupResult
> = {
  start: (input) => look(input),

  step(state, replies, expired) {
    const { input, sight } = state;
    switch (state.phase) {
      case 'state':
        return afterState(state, replies, expired);
      case 'members': {
        const members = outcomeAt(replies, 0, 'query-members');
        const target = sight.state && outcomeAt(replies, 1, 'get-target');
        if (members.kind !== 'done') return again(state, expired);
        if (target !== undefined && target.kind !== 'done') return again(state, expired);
        // Replaced since `STATE` was read.
        if (target !== undefined && target.value === undefined) return again(state, expired);
        const read = { ...sight, members: members.value, target: target?.value };
        if (!input.withOwnerships) return end({ kind: 'read', sight: read });
        const next: ReadGroupState = { ...state, phase: 'ownerships', sight: read };
        return ask(next, { kind: 'query-ownerships', group: input.group });
      }
      case 'ownerships': {
        const outcome = outcomeAt(replies, 0, 'query-ownerships');
        if (outcome.kind !== 'done') return again(state, expired);
        return end({ kind: 'read', sight: { ...sight, ownerships: outcome.value } });
      }
      case 'wait':
        return look(input);
    }
  },
};

function look(input: ReadGroupInput): ReadStep {
  const sight = { state: undefined, target: undefined, members: [], ownerships: [] };
  return ask({ input, phase: 'state', sight }, { kind: 'get-state', group: input.group });
}

function again(state: ReadGroupState, expired: boolean): ReadStep {
  return expired ? end({ kind: 'expired' }) : ask({ ...state, phase: 'wait' }, pause);
}

function afterState(
  state: ReadGroupState,
  replies: readonly GroupReply[],
  expired: boolean,
): ReadStep {
  const outcome = outcomeAt(replies, 0, 'get-state');
  if (outcome.kind !== 'done') return again(state, expired);
  const { group } = state.input;
  const read = outcome.value;
  const sight: GroupSight = { ...state.sight, state: read };
  const next: ReadGroupState = { ...state, phase: 'members', sight };
  if (read === undefined) return ask(next, { kind: 'query-members', group });
  const { epoch, target: id } = read;
  return ask(next, { kind: 'query-members', group }, { kind: 'get-target', group, epoch, id });
}
