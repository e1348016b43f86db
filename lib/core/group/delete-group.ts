import type { PartitionKey } from '../log/partition-key.ts';
import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { commitUnowned } from './commit-unowned.ts';
import type { CommitUnownedState, UnownedVerdict } from './commit-unowned.ts';
import { lookAround } from './look-around.ts';
import type { LookAroundInput, LookAroundResult, LookAroundState } from './look-around.ts';

import type { GroupReply, GroupRequest } from './requests.ts';

export type DeleteGroupResult =
  /** Nothing of it is left but epochs and versions, which must not begin again. */
  | { readonly kind: 'deleted' }
  /** There was nothing to delete. */
  | { readonly kind: 'refused'; readonly reason: 'no-group' }
  /** There are members. If one joined meanwhile, `emptied` offsets are gone all the same. */
  | { readonly kind: 'refused'; readonly reason: 'non-empty'; readonly emptied: number }
  /** `sent`: some of it is deleted, or may be. To be begun again. */
  | { readonly kind: 'expired'; readonly sent: boolean };

export interface DeleteGroupState {
  readonly input: LookAroundInput;
  readonly phase: 'look' | 'check' | 'ownerships' | 'empty' | 'wait';
  /** Looks begun: each has target ids of its own. */
  readonly looks: number;
  readonly looking: LookAroundState | undefined;
  readonly emptying: CommitUnownedState | undefined;
  /** Partitions with an offset that are not yet being emptied. */
  readonly left: readonly PartitionKey[];
  readonly emptied: number;
  /** There was something of this group. */
  readonly found: boolean;
}

type DeleteStep = Step<DeleteGroupState, GroupRequest, DeleteGroupResult>;

/** Partitions emptied at once. */
const emptiedMax = 100;

/**
 * Empties a group without members: looks around until nothing of members that are gone is left,
 * then writes "no offset" where there is one, by the rule of commits without a member. `STATE` and
 * ownerships stay. A member that joins meanwhile ends it; what was cut short is begun again.
 * The looks, then 2 reads, 1 query, and per partition 1 or 2 reads and 1 write.
 */
export const deleteGroup: Machine<
  LookAroundInput,
  DeleteGroupState,
  GroupRequest,
  GroupReply,
  DeleteGroupResult
> = {
  start(input) {
    const base = { looks: 0, looking: undefined, emptying: undefined, left: [], emptied: 0 };
    return look({ ...base, input, phase: 'look', found: false });
  },

  step(state, replies, expired) {
    switch (state.phase) {
      case 'look':
        if (state.looking === undefined) return look(state);
        return followLook(state, lookAround.step(state.looking, replies, expired));
      case 'check':
        return afterCheck(state, replies, expired);
      case 'ownerships':
        return afterOwnerships(state, replies, expired);
      case 'empty':
        if (state.emptying === undefined) return look(state);
        return followCommit(state, commitUnowned.step(state.emptying, replies, expired), expired);
      case 'wait':
        return look(state);
    }
  },
};

function look(state: DeleteGroupState): DeleteStep {
  const id = `${state.input.id}${String(state.looks).padStart(4, '0')}`;
  const next: DeleteGroupState = { ...state, phase: 'look', looks: state.looks + 1 };
  return followLook(next, lookAround.start({ ...state.input, id }));
}

function again(state: DeleteGroupState, expired: boolean): DeleteStep {
  if (expired) return end({ kind: 'expired', sent: state.emptied > 0 });
  return ask({ ...state, phase: 'wait' }, pause);
}

function followLook(
  state: DeleteGroupState,
  step: Step<LookAroundState, GroupRequest, LookAroundResult>,
): DeleteStep {
  if (step.kind === 'ask') return { ...step, state: { ...state, looking: step.state } };
  const { group } = state.input;
  return ask(
    { ...state, phase: 'check', looking: undefined },
    { kind: 'get-state', group },
    { kind: 'query-members', group },
  );
}

function afterCheck(
  state: DeleteGroupState,
  replies: readonly GroupReply[],
  expired: boolean,
): DeleteStep {
  const group = outcomeAt(replies, 0, 'get-state');
  const members = outcomeAt(replies, 1, 'query-members');
  if (group.kind !== 'done' || members.kind !== 'done') return again(state, expired);
  if (members.value.some(({ gone }) => !gone)) return nonEmpty(state);
  const isLeft = (group.value?.members ?? 0) > 0 || members.value.length > 0;
  if (isLeft) return again({ ...state, found: true }, expired);
  const next: DeleteGroupState = { ...state, phase: 'ownerships' };
  return ask(next, { kind: 'query-ownerships', group: state.input.group });
}

const nonEmpty = ({ emptied }: DeleteGroupState): DeleteStep =>
  end({ kind: 'refused', reason: 'non-empty', emptied });

function afterOwnerships(
  state: DeleteGroupState,
  replies: readonly GroupReply[],
  expired: boolean,
): DeleteStep {
  const outcome = outcomeAt(replies, 0, 'query-ownerships');
  if (outcome.kind !== 'done') return again(state, expired);
  const left = outcome.value.filter(({ committed }) => committed !== undefined);
  if (left.length === 0 && !state.found) return end({ kind: 'refused', reason: 'no-group' });
  return empty({ ...state, left, found: true });
}

function empty(state: DeleteGroupState): DeleteStep {
  if (state.left.length === 0) return end({ kind: 'deleted' });
  const commits = state.left
    .slice(0, emptiedMax)
    .map(({ topicId, partition }) => ({ topicId, partition, committed: undefined }));
  const next: DeleteGroupState = { ...state, phase: 'empty', left: state.left.slice(emptiedMax) };
  const { group } = state.input;
  return followCommit(next, commitUnowned.start({ group, commits, needsEmpty: true }), false);
}

function followCommit(
  state: DeleteGroupState,
  step: Step<CommitUnownedState, GroupRequest, readonly UnownedVerdict[]>,
  expired: boolean,
): DeleteStep {
  if (step.kind === 'ask') return { ...step, state: { ...state, emptying: step.state } };
  const verdicts = step.result;
  const emptied = state.emptied + verdicts.filter((verdict) => verdict === 'accepted').length;
  const next: DeleteGroupState = { ...state, emptied, emptying: undefined };
  const isUnknown = verdicts.includes('unknown');
  if (isUnknown || verdicts.includes('not-sent')) {
    return end({ kind: 'expired', sent: isUnknown || emptied > 0 });
  }
  if (verdicts.includes('owned')) return nonEmpty(next);
  return expired && next.left.length > 0 ? again(next, expired) : empty(next);
}
