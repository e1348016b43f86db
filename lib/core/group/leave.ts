import { isPassing, pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { numbered, refusalOf, unsureVerdicts, withCommits } from './decide.ts';
import type { CommitVerdict, MemberRefusal, OffsetCommit } from './decide.ts';
import { memberName } from './group.ts';
import type { Member } from './group.ts';

import type { GroupReply, GroupRequest } from './requests.ts';

export interface LeaveInput {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | undefined;
  readonly epoch: number;
  /** Its last offsets, put together with the leave. */
  readonly offsets: readonly OffsetCommit[];
}

export type LeaveResult =
  /** Its item is gone: nothing of it is accepted any more. The target is to be computed anew. */
  | { readonly kind: 'left'; readonly verdicts: readonly CommitVerdict[] }
  | { readonly kind: 'refused'; readonly reason: MemberRefusal }
  | { readonly kind: 'expired'; readonly sent: boolean };

export interface LeaveState {
  readonly input: LeaveInput;
  readonly phase: 'look' | 'put' | 'wait';
  readonly put: Member | undefined;
  readonly verdicts: readonly CommitVerdict[];
  readonly sent: boolean;
}

type LeaveStep = Step<LeaveState, GroupRequest, LeaveResult>;

/** A member leaves: its item is marked gone, with its last offsets in the same put. */
export const leaveGroup: Machine<LeaveInput, LeaveState, GroupRequest, GroupReply, LeaveResult> = {
  start: (input) => look({ input, phase: 'look', put: undefined, verdicts: [], sent: false }),
  step(state, replies, expired) {
    if (state.phase === 'wait') return look(state);
    if (state.phase === 'look') {
      const outcome = outcomeAt(replies, 0, 'find-member');
      return outcome.kind === 'done' ? leave(state, outcome.value) : again(state, expired);
    }
    const outcome = outcomeAt(replies, 0, 'put-member');
    if (outcome.kind === 'done') return end({ kind: 'left', verdicts: state.verdicts });
    if (isPassing(outcome) || outcome.kind !== 'indeterminate' || state.put === undefined) {
      return again(state, expired);
    }
    const offsets = numbered(state.input.offsets, state.put, state.verdicts);
    return again({ ...state, input: { ...state.input, offsets }, sent: true }, expired);
  },
};

function look(state: LeaveState): LeaveStep {
  const { group, memberId, instanceId } = state.input;
  const name = memberName(memberId, instanceId);
  return ask({ ...state, phase: 'look' }, { kind: 'find-member', group, name });
}

function again(state: LeaveState, expired: boolean): LeaveStep {
  if (expired) return end({ kind: 'expired', sent: state.sent });
  return ask({ ...state, phase: 'wait' }, pause);
}

function leave(state: LeaveState, found: Member | undefined): LeaveStep {
  const { memberId, offsets, epoch } = state.input;
  const reason = refusalOf(found, memberId);
  if (reason !== undefined || found === undefined) {
    // Gone, by this call's copy or by an eviction: what of the offsets counted, nobody knows.
    const verdicts = offsets.map((): CommitVerdict => 'unknown');
    if (state.sent) return end({ kind: 'left', verdicts });
    return end({ kind: 'refused', reason: reason ?? 'unknown-member' });
  }
  const { member, verdicts } = withCommits(found, offsets, epoch);
  const put = { ...member, gone: true, version: found.version + 1 };
  const told = state.sent ? unsureVerdicts(verdicts) : verdicts;
  const next: LeaveState = { ...state, phase: 'put', put, verdicts: told };
  return ask(next, { kind: 'put-member', member: put });
}
