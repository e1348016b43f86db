import { isPassing, pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { numbered, refusalOf, unsureVerdicts, withCommits } from './decide.ts';
import type { CommitVerdict, MemberRefusal, OffsetCommit } from './decide.ts';
import { memberName } from './group.ts';
import type { Member } from './group.ts';

import type { GroupReply, GroupRequest } from './requests.ts';

export interface CommitInput {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | undefined;
  /** The member epoch or generation that the member was told last. */
  readonly epoch: number;
  /** A partition at most once. */
  readonly commits: readonly OffsetCommit[];
  /**
   * The item as it was put last, which may be old: saves the read. It is only taken for what it is
   * if a put on its version ends well; nothing is refused on its word.
   */
  readonly member: Member | undefined;
  /** The store's time. */
  readonly nowMs: number;
}

export type CommitResult =
  /** By the commits. `member`: the item as it was put, if it was. */
  | {
      readonly kind: 'judged';
      readonly verdicts: readonly CommitVerdict[];
      readonly member: Member | undefined;
    }
  | { readonly kind: 'refused'; readonly reason: MemberRefusal }
  /** `sent`: something was sent that was not answered, so nobody knows; else nothing happened. */
  | { readonly kind: 'expired'; readonly sent: boolean };

export interface CommitState {
  readonly input: CommitInput;
  readonly phase: 'look' | 'put' | 'wait';
  readonly put: Member | undefined;
  readonly verdicts: readonly CommitVerdict[];
  readonly sent: boolean;
}

type CommitStep = Step<CommitState, GroupRequest, CommitResult>;

/**
 * Commits offsets of one member: 1 write for all its partitions, and 1 read unless the item is
 * known. After a lost race everything is checked again on the item that stood in the way.
 */
export const commitOffsets: Machine<
  CommitInput,
  CommitState,
  GroupRequest,
  GroupReply,
  CommitResult
> = {
  start(input) {
    const state = { input, phase: 'look', put: undefined, verdicts: [], sent: false } as const;
    if (input.member === undefined) return look(state);
    const step = judge(state, input.member);
    return step.kind === 'end' ? look(state) : step;
  },

  step(state, replies, expired) {
    if (state.phase === 'wait') return look(state);
    if (state.phase === 'look') {
      const outcome = outcomeAt(replies, 0, 'find-member');
      return outcome.kind === 'done' ? judge(state, outcome.value) : again(state, expired);
    }
    const outcome = outcomeAt(replies, 0, 'put-member');
    if (outcome.kind === 'done') {
      return end({ kind: 'judged', verdicts: state.verdicts, member: state.put });
    }
    if (outcome.kind === 'condition-failed') {
      // Deleted, or about to be: another item of this name may be there.
      const isOver = outcome.item === undefined || outcome.item.gone;
      return isOver || expired ? again(state, expired) : judge(state, outcome.item);
    }
    if (isPassing(outcome) || state.put === undefined) return again(state, expired);
    const commits = numbered(state.input.commits, state.put, state.verdicts);
    return again({ ...state, input: { ...state.input, commits }, sent: true }, expired);
  },
};

function look(state: CommitState): CommitStep {
  const { group, memberId, instanceId } = state.input;
  const name = memberName(memberId, instanceId);
  return ask({ ...state, phase: 'look' }, { kind: 'find-member', group, name });
}

function again(state: CommitState, expired: boolean): CommitStep {
  if (expired) return end({ kind: 'expired', sent: state.sent });
  return ask({ ...state, phase: 'wait' }, pause);
}

function judge(state: CommitState, found: Member | undefined): CommitStep {
  const { memberId, commits, epoch, nowMs } = state.input;
  const reason = refusalOf(found, memberId);
  if (reason !== undefined || found === undefined) {
    // A copy that is under way may have landed in the item before it went.
    if (state.sent) return end({ kind: 'expired', sent: true });
    return end({ kind: 'refused', reason: reason ?? 'unknown-member' });
  }
  const { member, verdicts: judged } = withCommits(found, commits, epoch);
  const verdicts = state.sent ? unsureVerdicts(judged) : judged;
  if (!judged.includes('accepted')) return end({ kind: 'judged', verdicts, member: undefined });
  const put = { ...member, beatMs: Math.max(found.beatMs, nowMs), version: found.version + 1 };
  return ask({ ...state, phase: 'put', put, verdicts }, { kind: 'put-member', member: put });
}
