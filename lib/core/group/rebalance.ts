import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { groupBounds } from './bounds.ts';
import { memberKey, partsOf } from './group.ts';
import type { GroupState, Member, MemberKey, Target, TopicView } from './group.ts';

import type { GroupReply, GroupRequest } from './requests.ts';
import { computeTarget, isSameAssignment } from './target.ts';

/** A member that is to be made: everything but what its join decides. */
export type Joiner = Omit<
  Member,
  'key' | 'former' | 'settledEpoch' | 'gone' | 'entries' | 'version'
> & {
  /** `memberName` of it. */
  readonly name: string;
};

export interface RebalanceInput {
  readonly group: string;
  /** Random, of 16 hex digits: new targets get ids that nobody has used. */
  readonly id: string;
  /** All topics that there are. */
  readonly topics: readonly TopicView[];
  /** Joins with this rebalance; it has no item that is not gone. */
  readonly joiner: Joiner | undefined;
  /** The store's time. */
  readonly nowMs: number;
}

export type RebalanceRefusal = 'group-full' | 'too-many-partitions';

export type RebalanceResult =
  /** `key`: of the member that joined. */
  | { readonly kind: 'rebalanced'; readonly state: GroupState; readonly key?: MemberKey }
  /** The target is as it should be; absent: there is no group, and nobody joins. */
  | { readonly kind: 'unchanged'; readonly state: GroupState | undefined }
  | { readonly kind: 'refused'; readonly reason: RebalanceRefusal }
  | { readonly kind: 'expired'; readonly sent: boolean };

interface Proposal {
  readonly state: GroupState;
  readonly target: Target;
  readonly member: Member | undefined;
}

export interface RebalanceState {
  readonly input: RebalanceInput;
  readonly phase: 'state' | 'members' | 'target' | 'propose' | 'tidy' | 'wait';
  /** Proposals made: each has a target id of its own. */
  readonly attempt: number;
  readonly state: GroupState | undefined;
  readonly proposal: Proposal | undefined;
  /** A proposal was sent and not answered. If it stands, what is read next says so. */
  readonly sent: boolean;
}

type RebalanceStep = Step<RebalanceState, GroupRequest, RebalanceResult>;

/**
 * A new epoch with a target of its own, for whoever joins, or because something changed: reads
 * `STATE`, then all members; puts the target; then puts `STATE` on the version read, a join in one
 * transaction with the member's item. 2 writes, 3 for a join, and 1 to delete the target before.
 */
export const rebalance: Machine<
  RebalanceInput,
  RebalanceState,
  GroupRequest,
  GroupReply,
  RebalanceResult
> = {
  start: (input) =>
    look({ input, phase: 'state', attempt: 0, state: undefined, proposal: undefined, sent: false }),

  step(state, replies, expired) {
    switch (state.phase) {
      case 'state':
        return afterState(state, replies, expired);
      case 'members':
        return afterMembers(state, replies, expired);
      case 'target': {
        const outcome = outcomeAt(replies, 0, 'put-target');
        return outcome.kind === 'done' ? propose(state) : again(state, expired);
      }
      case 'propose':
        return afterProposal(state, replies, expired);
      case 'tidy':
        return finish(state);
      case 'wait':
        return look(state);
    }
  },
};

function look(state: RebalanceState): RebalanceStep {
  return ask({ ...state, phase: 'state' }, { kind: 'get-state', group: state.input.group });
}

function again(state: RebalanceState, expired: boolean): RebalanceStep {
  if (expired) return end({ kind: 'expired', sent: state.sent });
  return ask({ ...state, phase: 'wait' }, pause);
}

function afterState(
  state: RebalanceState,
  replies: readonly GroupReply[],
  expired: boolean,
): RebalanceStep {
  const outcome = outcomeAt(replies, 0, 'get-state');
  if (outcome.kind !== 'done') return again(state, expired);
  const { group } = state.input;
  const read = outcome.value;
  const next = { ...state, state: read, proposal: undefined, phase: 'members' } as const;
  if (read === undefined) return ask(next, { kind: 'query-members', group });
  const { epoch, target: id } = read;
  return ask(next, { kind: 'query-members', group }, { kind: 'get-target', group, epoch, id });
}

function afterMembers(
  state: RebalanceState,
  replies: readonly GroupReply[],
  expired: boolean,
): RebalanceStep {
  const members = outcomeAt(replies, 0, 'query-members');
  const before = state.state === undefined ? undefined : outcomeAt(replies, 1, 'get-target');
  if (members.kind !== 'done') return again(state, expired);
  if (before !== undefined && (before.kind !== 'done' || before.value === undefined)) {
    return again(state, expired);
  }
  const { input, state: read, attempt } = state;
  const epoch = (read?.epoch ?? 0) + 1;
  const joining = input.joiner === undefined ? undefined : joined(input.joiner, epoch);
  if (read === undefined && joining === undefined) return end({ kind: 'unchanged', state: read });
  const there = members.value.filter(({ gone }) => !gone);
  // Another process of the same member, or an unanswered copy of this join, was first: there is
  // an item to take up.
  if (joining !== undefined && there.some(({ key }) => isNamed(key, joining))) {
    return end({ kind: 'unchanged', state: read });
  }
  const live = joining === undefined ? there : [...there, joining];
  if (joining !== undefined && live.length > groupBounds.membersMax) {
    return end({ kind: 'refused', reason: 'group-full' });
  }
  const computed = computeTarget(live, input.topics, before?.value);
  if (computed.kind !== 'computed') return end({ kind: 'refused', reason: computed.kind });
  const isSame = before?.value && isSameAssignment(before.value.members, computed.members);
  if (isSame === true) return end({ kind: 'unchanged', state: read });
  const { group, nowMs } = input;
  const id = `${input.id}${String(attempt).padStart(4, '0')}`;
  const target: Target = { group, epoch, id, members: computed.members };
  const next: GroupState = { group, epoch, target: id, sinceMs: nowMs, members: live.length };
  const proposal = { state: next, target, member: joining };
  return ask(
    { ...state, phase: 'target', attempt: attempt + 1, proposal },
    { kind: 'put-target', target },
  );
}

const isNamed = (key: MemberKey, joining: Member): boolean =>
  partsOf(key).name === partsOf(joining.key).name;

function joined({ name, ...rest }: Joiner, epoch: number): Member {
  const key = memberKey(name, epoch);
  return { ...rest, key, former: [], settledEpoch: 0, gone: false, entries: [], version: 0 };
}

function propose(state: RebalanceState): RebalanceStep {
  const { proposal } = state;
  if (proposal === undefined) return look(state);
  const next: RebalanceState = { ...state, phase: 'propose' };
  const { member } = proposal;
  if (member === undefined) return ask(next, { kind: 'put-state', state: proposal.state });
  return ask(next, { kind: 'join', state: proposal.state, member });
}

function afterProposal(
  state: RebalanceState,
  replies: readonly GroupReply[],
  expired: boolean,
): RebalanceStep {
  const { member } = state.proposal ?? {};
  const outcome =
    member === undefined ? outcomeAt(replies, 0, 'put-state') : outcomeAt(replies, 0, 'join');
  if (outcome.kind === 'done') return tidy(state);
  return again({ ...state, sent: state.sent || outcome.kind === 'indeterminate' }, expired);
}

/** The target before is named by nothing any more, and never will be. */
function tidy(state: RebalanceState): RebalanceStep {
  const before = state.state;
  if (before === undefined) return finish(state);
  const { group, epoch, target: id } = before;
  return ask({ ...state, phase: 'tidy' }, { kind: 'delete-target', group, epoch, id });
}

function finish({ proposal }: RebalanceState): RebalanceStep {
  if (proposal === undefined) return end({ kind: 'unchanged', state: undefined });
  const { state, member } = proposal;
  if (member === undefined) return end({ kind: 'rebalanced', state });
  return end({ kind: 'rebalanced', state, key: member.key });
}
