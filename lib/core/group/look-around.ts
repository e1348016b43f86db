import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { isOverdue, mayDrop } from './decide.ts';
import { namesOf, ownersIn, partitionName } from './group.ts';
import type { Entry, GroupState, Member, Ownership, Target } from './group.ts';
import { handOver } from './hand-over.ts';
import type { HandOverResult, HandOverState, Move } from './hand-over.ts';
import { movesMax } from './moves.ts';
import { rebalance } from './rebalance.ts';
import type { RebalanceInput, RebalanceResult, RebalanceState } from './rebalance.ts';

import type { GroupReply, GroupRequest } from './requests.ts';
import { computeTarget, isSameAssignment } from './target.ts';

export interface LookAroundInput extends RebalanceInput {
  readonly joiner: undefined;
  /** The local clock and the store's agree: else nobody is evicted. */
  readonly trustsClock: boolean;
}

/** What was done; whatever was not will be found again by the next look. */
export interface LookAroundResult {
  readonly evicted: number;
  readonly rebalanced: boolean;
  readonly deleted: number;
}

export interface LookAroundState {
  readonly input: LookAroundInput;
  readonly phase:
    | 'state'
    | 'members'
    | 'evict'
    | 'rebalance'
    | 'ownerships'
    | 'hand-over'
    | 'delete';
  readonly state: GroupState | undefined;
  /** Items of members that are gone, read before their ownerships. */
  readonly gone: readonly Member[];
  readonly target: Target | undefined;
  /** Ownerships by partition, read after those items. */
  readonly known: ReadonlyMap<string, Ownership>;
  /** What is still to be nobody's. */
  readonly moves: readonly Move[];
  readonly evicted: number;
  readonly inner: RebalanceState | undefined;
  readonly handOver: HandOverState | undefined;
}

type LookStep = Step<LookAroundState, GroupRequest, LookAroundResult>;

/**
 * Looks at all members of a group: marks gone who is overdue, computes the target anew, and if
 * that is as it was, moves on what members that are gone still hold, and deletes their items.
 * 3 reads if there is nothing to do, 1 query more while there are items of members that are gone.
 */
export const lookAround: Machine<
  LookAroundInput,
  LookAroundState,
  GroupRequest,
  GroupReply,
  LookAroundResult
> = {
  start(input) {
    const base = { state: undefined, gone: [], target: undefined, evicted: 0 };
    const none = { known: new Map(), moves: [], inner: undefined, handOver: undefined };
    const { group } = input;
    return ask({ ...base, ...none, input, phase: 'state' }, { kind: 'get-state', group });
  },

  step(state, replies, expired) {
    switch (state.phase) {
      case 'state':
        return afterState(state, replies);
      case 'members':
        return afterMembers(state, replies);
      case 'evict': {
        const done = replies.filter(({ outcome }) => outcome.kind === 'done');
        return startRebalance({ ...state, evicted: done.length });
      }
      case 'rebalance':
        if (state.inner === undefined) return finish(state);
        return followRebalance(state, rebalance.step(state.inner, replies, expired));
      case 'ownerships':
        return afterOwnerships(state, replies);
      case 'hand-over':
        if (state.handOver === undefined) return finish(state);
        return followHandOver(state, handOver.step(state.handOver, replies, expired), expired);
      case 'delete': {
        const done = replies.filter(({ outcome }) => outcome.kind === 'done');
        return finish(state, { deleted: done.length });
      }
    }
  },
};

function finish(
  { evicted }: LookAroundState,
  more: { readonly rebalanced?: boolean; readonly deleted?: number } = {},
): LookStep {
  return end({ evicted, rebalanced: more.rebalanced ?? false, deleted: more.deleted ?? 0 });
}

function afterState(state: LookAroundState, replies: readonly GroupReply[]): LookStep {
  const outcome = outcomeAt(replies, 0, 'get-state');
  if (outcome.kind !== 'done' || outcome.value === undefined) return finish(state);
  const { group, epoch, target: id } = outcome.value;
  return ask(
    { ...state, state: outcome.value, phase: 'members' },
    { kind: 'query-members', group },
    { kind: 'get-target', group, epoch, id },
  );
}

function afterMembers(state: LookAroundState, replies: readonly GroupReply[]): LookStep {
  const members = outcomeAt(replies, 0, 'query-members');
  const target = outcomeAt(replies, 1, 'get-target');
  const { state: group, input } = state;
  if (group === undefined || members.kind !== 'done') return finish(state);
  if (target.kind !== 'done' || target.value === undefined) return finish(state);
  const read = target.value;
  const byKey = new Map(read.members.map(({ key, partitions }) => [key, partitions]));
  const assigned = ({ key }: Member): ReadonlySet<string> => namesOf(byKey.get(key) ?? []);
  const overdue = input.trustsClock
    ? members.value.filter((member) => isOverdue(member, group, assigned(member), input.nowMs))
    : [];
  if (overdue.length > 0) {
    const puts = overdue.map((member) => {
      const put = { ...member, gone: true, version: member.version + 1 };
      return { kind: 'put-member', member: put } as const;
    });
    return ask({ ...state, phase: 'evict' }, ...puts);
  }
  const computed = computeTarget(members.value, input.topics, read);
  const isSame = computed.kind === 'computed' && isSameAssignment(computed.members, read.members);
  if (!isSame) return startRebalance(state);
  return startTidying({ ...state, target: read, gone: members.value.filter(({ gone }) => gone) });
}

function startRebalance(state: LookAroundState): LookStep {
  return followRebalance({ ...state, phase: 'rebalance' }, rebalance.start(state.input));
}

function followRebalance(
  state: LookAroundState,
  step: Step<RebalanceState, GroupRequest, RebalanceResult>,
): LookStep {
  if (step.kind === 'ask') return { ...step, state: { ...state, inner: step.state } };
  return finish(state, { rebalanced: step.result.kind === 'rebalanced' });
}

/** Items of members that are gone do not change any more: their ownerships may be read now. */
function startTidying(state: LookAroundState): LookStep {
  if (state.gone.every(({ entries }) => entries.length === 0)) return deleteEmpty(state);
  return ask(
    { ...state, phase: 'ownerships' },
    { kind: 'query-ownerships', group: state.input.group },
  );
}

/** What the target gives to a member, that member takes over itself; the rest goes to nobody. */
function afterOwnerships(state: LookAroundState, replies: readonly GroupReply[]): LookStep {
  const outcome = outcomeAt(replies, 0, 'query-ownerships');
  const { state: group, target } = state;
  if (outcome.kind !== 'done' || group === undefined || target === undefined) return finish(state);
  const known = new Map(outcome.value.map((one) => [partitionName(one), one]));
  const owners = ownersIn(target);
  // Two items of one member may hold the same partition.
  const moves = new Map<string, Move>();
  for (const entry of state.gone.flatMap(({ entries }) => entries)) {
    const name = partitionName(entry);
    if (owners.has(name) || isDropped(entry, known)) continue;
    const { topicId, partition } = entry;
    moves.set(name, { topicId, partition, to: undefined });
  }
  return moveOn({ ...state, known, moves: [...moves.values()] });
}

/** The next hundred. */
function moveOn(state: LookAroundState): LookStep {
  const { input, state: group, moves } = state;
  if (moves.length === 0 || group === undefined) return deleteEmpty(state);
  const base = { group: input.group, epoch: group.epoch, self: undefined, looks: [] };
  const step = handOver.start({ ...base, moves: moves.slice(0, movesMax) });
  const next: LookAroundState = { ...state, phase: 'hand-over', moves: moves.slice(movesMax) };
  return followHandOver(next, step, false);
}

const isDropped = (entry: Entry, known: LookAroundState['known']): boolean => {
  const ownership = known.get(partitionName(entry));
  return ownership !== undefined && mayDrop(entry, ownership);
};

function followHandOver(
  state: LookAroundState,
  step: Step<HandOverState, GroupRequest, HandOverResult>,
  expired: boolean,
): LookStep {
  if (step.kind === 'ask') return { ...step, state: { ...state, handOver: step.state } };
  const known = new Map(state.known);
  for (const one of step.result.known) known.set(partitionName(one), one);
  const next: LookAroundState = { ...state, known, handOver: undefined };
  return expired ? deleteEmpty(next) : moveOn(next);
}

/** Deletes the items that nobody needs any more. */
function deleteEmpty(state: LookAroundState): LookStep {
  const empty = state.gone.filter(({ entries }) =>
    entries.every((entry) => isDropped(entry, state.known)),
  );
  if (empty.length === 0) return finish(state);
  const deletes = empty.map((member) => ({ kind: 'delete-member', member }) as const);
  return ask({ ...state, phase: 'delete' }, ...deletes);
}
