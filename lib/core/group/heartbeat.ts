import type { PartitionKey } from '../log/partition-key.ts';
import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { beatsPerSession, pendingIntervalMs } from './bounds.ts';
import {
  isBeatDue,
  isGivenUp,
  isToRevoke,
  numbered,
  refusalOf,
  toldEpoch,
  unsureVerdicts,
  withCommits,
  withOwnerships,
} from './decide.ts';
import type { CommitVerdict, MemberRefusal, OffsetCommit } from './decide.ts';
import { assignedTo, byPartition, entryOf, memberName, namesOf } from './group.ts';
import type { Entry, GroupState, Member, Subscription, Target } from './group.ts';
import { handOver } from './hand-over.ts';
import type { HandOverResult, HandOverState } from './hand-over.ts';
import { movesOf } from './moves.ts';

import type { GroupReply, GroupRequest } from './requests.ts';
import { isSameSubscription } from './subscription.ts';

export interface HeartbeatInput {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | undefined;
  /** The epoch that the member was told last; 0 and −1 are joins and leaves, not heartbeats. */
  readonly epoch: number;
  /** What the member still works on; undefined: as before, so nothing was given up. */
  readonly owned: readonly PartitionKey[] | undefined;
  /** Its last offsets, put together with what it gives up. */
  readonly offsets: readonly OffsetCommit[];
  /** Undefined: as before. */
  readonly subscription: Subscription | undefined;
  /** The store's time. */
  readonly nowMs: number;
}

/** Where a member begins: its own entry, as it was read or put in the same call. */
type OwnedPartition = PartitionKey & Pick<Entry, 'a' | 'committed'>;

export type HeartbeatResult =
  | {
      readonly kind: 'beat';
      /** The item as it was read or put. */
      readonly member: Member;
      readonly epoch: number;
      /** What the member may work on; it stops with everything else. */
      readonly assigned: readonly OwnedPartition[];
      /** By the offsets that it sent. */
      readonly verdicts: readonly CommitVerdict[];
      readonly intervalMs: number;
      /** Its subscription has changed: the target must be computed anew. */
      readonly rebalance: boolean;
      /** Of the group: whoever beats looks at all of them with probability 1/members. */
      readonly members: number;
    }
  | { readonly kind: 'refused'; readonly reason: MemberRefusal }
  /** `sent`: something was sent that was not answered. */
  | { readonly kind: 'expired'; readonly sent: boolean };

export interface HeartbeatState {
  readonly input: HeartbeatInput;
  readonly phase: 'look' | 'target' | 'hand-over' | 'put' | 'wait';
  readonly state: GroupState | undefined;
  readonly member: Member | undefined;
  readonly target: Target | undefined;
  readonly handOver: HandOverState | undefined;
  /** What this call may have granted to the member, and has not yet put into its item. */
  readonly granted: readonly PartitionKey[];
  /** The item that was put, what was told of the offsets, and whether all is as the target says. */
  readonly next: Outlook | undefined;
  readonly sent: boolean;
}

interface Outlook {
  readonly member: Member;
  readonly verdicts: readonly CommitVerdict[];
  readonly isSettled: boolean;
  readonly rebalance: boolean;
}

type HeartbeatStep = Step<HeartbeatState, GroupRequest, HeartbeatResult>;

/**
 * One heartbeat: beat, subscription and assignment in one call (KIP-848). Releases what the member
 * has given up, grants and delivers to it what the target gives it, drops what others own by now.
 * Nothing changed: 2 reads, and 1 write per third of a session. Else + 1 read of the target, of
 * each partition and its owner, 1 write per partition that moves, and 1 of the member.
 */
export const heartbeat: Machine<
  HeartbeatInput,
  HeartbeatState,
  GroupRequest,
  GroupReply,
  HeartbeatResult
> = {
  start(input) {
    const base = { state: undefined, member: undefined, target: undefined, sent: false };
    const none = { handOver: undefined, granted: [], next: undefined };
    return look({ ...base, ...none, input, phase: 'look' });
  },

  step(state, replies, expired) {
    switch (state.phase) {
      case 'look':
        return afterLook(state, replies, expired);
      case 'target':
        return afterTarget(state, replies, expired);
      case 'hand-over': {
        if (state.handOver === undefined) return look(state);
        return followHandOver(state, handOver.step(state.handOver, replies, expired));
      }
      case 'put':
        return afterPut(state, replies, expired);
      case 'wait':
        return look(state);
    }
  },
};

function look(state: HeartbeatState): HeartbeatStep {
  const { group, memberId, instanceId } = state.input;
  return ask(
    { ...state, phase: 'look', target: undefined, handOver: undefined, next: undefined },
    { kind: 'get-state', group },
    { kind: 'find-member', group, name: memberName(memberId, instanceId) },
  );
}

function again(state: HeartbeatState, expired: boolean): HeartbeatStep {
  if (expired) return end({ kind: 'expired', sent: state.sent });
  return ask({ ...state, phase: 'wait' }, pause);
}

function afterLook(
  state: HeartbeatState,
  replies: readonly GroupReply[],
  expired: boolean,
): HeartbeatStep {
  const [group, found] = [outcomeAt(replies, 0, 'get-state'), outcomeAt(replies, 1, 'find-member')];
  if (group.kind !== 'done' || found.kind !== 'done') return again(state, expired);
  const { input } = state;
  const member = found.value;
  const reason = refusalOf(member, input.memberId);
  // A copy with its offsets that is under way may have landed in the item before it went.
  const isUnsure = state.sent && input.offsets.length > 0;
  if (reason !== undefined && isUnsure) return end({ kind: 'expired', sent: true });
  if (reason !== undefined) return end({ kind: 'refused', reason });
  if (member === undefined || group.value === undefined) {
    return end({ kind: 'refused', reason: 'unknown-member' });
  }
  if (input.epoch > toldEpoch(group.value, member)) {
    return end({ kind: 'refused', reason: 'fenced-epoch' });
  }
  const { epoch, target } = group.value;
  const next: HeartbeatState = { ...state, state: group.value, member };
  if (isQuiet(next, group.value, member)) return put(next, []);
  return ask(
    { ...next, phase: 'target' },
    { kind: 'get-target', group: input.group, epoch, id: target },
  );
}

/** Whether the target need not be read: nothing is to be moved, given up or dropped. */
function isQuiet(
  { input, granted }: HeartbeatState,
  { epoch }: GroupState,
  member: Member,
): boolean {
  if (member.settledEpoch !== epoch || granted.length > 0) return false;
  const isDropping = isBeatDue(member, input.nowMs) && member.entries.some((one) => one.released);
  const owned = input.owned && namesOf(input.owned);
  const { entries } = member;
  return !isDropping && !entries.some((entry) => isGivenUp(entry, owned, epoch, input.epoch));
}

function afterTarget(
  state: HeartbeatState,
  replies: readonly GroupReply[],
  expired: boolean,
): HeartbeatStep {
  const outcome = outcomeAt(replies, 0, 'get-target');
  if (outcome.kind !== 'done') return again(state, expired);
  // Replaced since `STATE` was read.
  if (outcome.value === undefined) return again(state, expired);
  const { state: group, member } = state;
  if (group === undefined || member === undefined) return look(state);
  const target = outcome.value;
  const input = { group: group.group, epoch: group.epoch, self: member };
  const start = handOver.start({
    ...input,
    ...movesOf(member, target, state.granted, state.input.nowMs),
  });
  return followHandOver({ ...state, target, phase: 'hand-over' }, start);
}

function followHandOver(
  state: HeartbeatState,
  step: Step<HandOverState, GroupRequest, HandOverResult>,
): HeartbeatStep {
  if (step.kind === 'ask') return { ...step, state: { ...state, handOver: step.state } };
  const { known, granted } = step.result;
  return put({ ...state, granted: [...state.granted, ...granted], handOver: undefined }, known);
}

/** Puts the item if it says something new, or the beat is due. */
function put(state: HeartbeatState, known: HandOverResult['known']): HeartbeatStep {
  const { input, state: group, member, target } = state;
  if (group === undefined || member === undefined) return look(state);
  const committed = withCommits(member, input.offsets, input.epoch);
  const owned = input.owned && namesOf(input.owned);
  const entries = committed.member.entries.map((entry) =>
    isGivenUp(entry, owned, group.epoch, input.epoch) ? { ...entry, released: true } : entry,
  );
  const { subscription = member.subscription } = input;
  const changed = withOwnerships({ ...member, entries, subscription }, known);
  const isSettled = target === undefined || isSettledBy(changed, target);
  const rebalance = !isSameSubscription(subscription, member.subscription);
  const isNew =
    isBeatDue(member, input.nowMs) ||
    committed.verdicts.includes('accepted') ||
    rebalance ||
    changed.entries.length !== member.entries.length ||
    changed.entries.some((entry, i) => {
      const before = member.entries[i];
      if (before === undefined || byPartition(entry, before) !== 0) return true;
      return entry.a !== before.a || entry.released !== before.released;
    });
  const next: Outlook = {
    verdicts: state.sent ? unsureVerdicts(committed.verdicts) : committed.verdicts,
    isSettled,
    rebalance,
    member: {
      ...changed,
      beatMs: Math.max(input.nowMs, member.beatMs),
      settledEpoch: isSettled ? group.epoch : 0,
      version: member.version + 1,
    },
  };
  if (!isNew) return finish({ ...state, next: { ...next, member } });
  return ask({ ...state, phase: 'put', next }, { kind: 'put-member', member: next.member });
}

/** Whether it owns what the target gives it, and nothing else. */
function isSettledBy(member: Member, target: Target): boolean {
  const wanted = assignedTo(target, member.key);
  const owned = member.entries.filter(({ released }) => !released);
  return (
    owned.length === wanted.length &&
    wanted.every((one) => entryOf(member, one)?.released === false)
  );
}

function afterPut(
  state: HeartbeatState,
  replies: readonly GroupReply[],
  expired: boolean,
): HeartbeatStep {
  const outcome = outcomeAt(replies, 0, 'put-member');
  if (outcome.kind === 'done') return finish(state);
  if (outcome.kind !== 'indeterminate' || state.next === undefined) return again(state, expired);
  const offsets = numbered(state.input.offsets, state.next.member, state.next.verdicts);
  return again({ ...state, input: { ...state.input, offsets }, sent: true }, expired);
}

function finish({ state, target, next }: HeartbeatState): HeartbeatStep {
  if (next === undefined || state === undefined) {
    return end({ kind: 'refused', reason: 'unknown-member' });
  }
  const { member, verdicts, isSettled, rebalance } = next;
  const wanted = target && namesOf(assignedTo(target, member.key));
  const assigned = member.entries.filter(
    (entry) => !entry.released && (wanted === undefined || !isToRevoke(entry, state.epoch, wanted)),
  );
  return end({
    kind: 'beat',
    member,
    epoch: toldEpoch(state, member),
    assigned: assigned.map(({ topicId, partition, a, committed }) => ({
      topicId,
      partition,
      a,
      committed,
    })),
    verdicts,
    intervalMs: isSettled ? member.sessionMs / beatsPerSession : pendingIntervalMs,
    rebalance,
    members: state.members,
  });
}
