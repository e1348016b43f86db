import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { groupBounds } from './bounds.ts';
import { isStatic } from './group.ts';
import type { Member, MemberKey } from './group.ts';
import { rebalance } from './rebalance.ts';
import type { Joiner, RebalanceInput, RebalanceResult, RebalanceState } from './rebalance.ts';

import type { GroupReply, GroupRequest } from './requests.ts';
import { isSameSubscription } from './subscription.ts';

export interface JoinInput extends RebalanceInput {
  readonly joiner: Joiner;
}

export type JoinResult =
  /** `rebalance`: the subscription has changed, so the target must be computed anew. */
  | { readonly kind: 'joined'; readonly key: MemberKey; readonly rebalance: boolean }
  /** Another process has taken this one's place since. */
  | { readonly kind: 'refused'; readonly reason: 'fenced-instance' }
  | Extract<RebalanceResult, { readonly kind: 'refused' | 'expired' }>;

export interface JoinState {
  readonly input: JoinInput;
  readonly phase: 'look' | 'rejoin' | 'rebalance' | 'wait';
  readonly put: { readonly member: Member; readonly rebalance: boolean } | undefined;
  readonly inner: RebalanceState | undefined;
  readonly sent: boolean;
  /** Rebalances begun: each has target ids of its own. */
  readonly rebalances: number;
}

type JoinStep = Step<JoinState, GroupRequest, JoinResult>;

/**
 * A member joins (its epoch is 0). Where its item is still there, it takes it up with all that it
 * owns: a static member's new process by its instance id, or a join that was sent again by its
 * member id. Else it joins by a rebalance, under a key that was never used.
 */
export const joinGroup: Machine<JoinInput, JoinState, GroupRequest, GroupReply, JoinResult> = {
  start: (input) =>
    look({ input, phase: 'look', put: undefined, inner: undefined, sent: false, rebalances: 0 }),

  step(state, replies, expired) {
    switch (state.phase) {
      case 'look': {
        const outcome = outcomeAt(replies, 0, 'find-member');
        return outcome.kind === 'done' ? afterFind(state, outcome.value) : again(state, expired);
      }
      case 'rejoin': {
        const outcome = outcomeAt(replies, 0, 'put-member');
        if (outcome.kind !== 'done' || state.put === undefined) {
          const sent = state.sent || outcome.kind === 'indeterminate';
          return again({ ...state, sent }, expired);
        }
        const { member, rebalance: isNew } = state.put;
        return end({ kind: 'joined', key: member.key, rebalance: isNew });
      }
      case 'rebalance':
        if (state.inner === undefined) return look(state);
        return follow(state, rebalance.step(state.inner, replies, expired));
      case 'wait':
        return look(state);
    }
  },
};

function look(state: JoinState): JoinStep {
  const { group, joiner } = state.input;
  return ask({ ...state, phase: 'look' }, { kind: 'find-member', group, name: joiner.name });
}

function again(state: JoinState, expired: boolean): JoinStep {
  if (expired) return end({ kind: 'expired', sent: state.sent });
  return ask({ ...state, phase: 'wait' }, pause);
}

function afterFind(state: JoinState, found: Member | undefined): JoinStep {
  const { joiner } = state.input;
  const isOwn = found?.memberId === joiner.memberId;
  if (found === undefined || found.gone || !(isOwn || isStatic(found))) {
    const id = `${state.input.id}${String(state.rebalances).padStart(4, '0')}`;
    const next: JoinState = { ...state, phase: 'rebalance', rebalances: state.rebalances + 1 };
    return follow(next, rebalance.start({ ...state.input, id }));
  }
  if (found.former.includes(joiner.memberId)) {
    return end({ kind: 'refused', reason: 'fenced-instance' });
  }
  const { name: _, ...rest } = joiner;
  const former = isOwn
    ? found.former
    : [...found.former, found.memberId].slice(-groupBounds.formerMax);
  // Another process counts its commits anew; a join that comes late begins nothing anew.
  const entries = isOwn ? found.entries : found.entries.map((entry) => ({ ...entry, n: 0 }));
  const version = found.version + 1;
  const member = { ...found, ...rest, former, entries, settledEpoch: 0, version };
  const isNew =
    !isSameSubscription(found.subscription, joiner.subscription) ||
    found.assignor !== joiner.assignor;
  const next: JoinState = { ...state, phase: 'rejoin', put: { member, rebalance: isNew } };
  return ask(next, { kind: 'put-member', member });
}

function follow(
  state: JoinState,
  step: Step<RebalanceState, GroupRequest, RebalanceResult>,
): JoinStep {
  if (step.kind === 'ask') return { ...step, state: { ...state, inner: step.state } };
  const { result } = step;
  if (result.kind === 'refused' || result.kind === 'expired') return end(result);
  // A join always changes the target: there is a member more.
  if (result.kind === 'unchanged' || result.key === undefined) return look(state);
  return end({ kind: 'joined', key: result.key, rebalance: false });
}
