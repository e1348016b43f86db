import { isPassing, pause } from '../log/requests.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { groupBounds } from './bounds.ts';
import { freedomOf, granted, metadataBytes } from './decide.ts';
import { ownersIn, partitionName } from './group.ts';
import type { Committed, GroupState, Member, MemberKey, Ownership } from './group.ts';
import { valuesOf } from './requests.ts';
import type { GroupReply, GroupRequest } from './requests.ts';

/** An offset that no member commits; undefined: that there is none (OffsetDelete). */
interface UnownedCommit extends PartitionKey {
  readonly committed: Committed | undefined;
}

export interface CommitUnownedInput {
  readonly group: string;
  /** A partition at most once. */
  readonly commits: readonly UnownedCommit[];
  /** Nothing is committed while the group has members: UNKNOWN_MEMBER_ID. */
  readonly needsEmpty: boolean;
}

/** `owned`: a member has the partition, or may have it. `unknown`: sent, and not answered. */
export type UnownedVerdict = 'accepted' | 'owned' | 'metadata-too-large' | 'unknown' | 'not-sent';

export interface CommitUnownedState {
  readonly input: CommitUnownedInput;
  readonly phase: 'state' | 'ownerships' | 'owners' | 'put' | 'wait';
  readonly state: GroupState | undefined;
  /** By commit, as the three below. */
  readonly verdicts: readonly UnownedVerdict[];
  /** Commits that are still to be made, by their places. */
  readonly open: readonly number[];
  readonly known: readonly (Ownership | undefined)[];
  /** Places of the puts that were asked for. */
  readonly sent: readonly number[];
}

type CommitStep = Step<CommitUnownedState, GroupRequest, readonly UnownedVerdict[]>;

/**
 * Standalone and admin commits: for partitions that nobody owns, each on its own record of
 * ownership. Where the last owner is free in the sense of a grant, and the target gives the
 * partition to nobody, they take its place in the same put. 1 read of the group, 1 of the target
 * where there are owners, and per partition 1 or 2 reads and 1 write.
 */
export const commitUnowned: Machine<
  CommitUnownedInput,
  CommitUnownedState,
  GroupRequest,
  GroupReply,
  readonly UnownedVerdict[]
> = {
  start(input) {
    const verdicts = input.commits.map(({ committed }): UnownedVerdict => {
      const isTooLarge = metadataBytes(committed) > groupBounds.metadataBytesMax;
      return isTooLarge ? 'metadata-too-large' : 'not-sent';
    });
    const open = [...verdicts.keys()].filter((i) => verdicts[i] === 'not-sent');
    const base = { input, verdicts, state: undefined, known: [], sent: [] };
    return look({ ...base, phase: 'state', open });
  },

  step(state, replies, expired) {
    switch (state.phase) {
      case 'state':
        return afterState(state, replies, expired);
      case 'ownerships':
        return afterOwnerships(state, replies, expired);
      case 'owners': {
        const owners = valuesOf(replies, 'get-member');
        const target = valuesOf(replies, 'get-target')?.[0];
        if (owners === undefined || target === undefined) return again(state, expired);
        const there = owners.filter((one) => one !== undefined);
        const byKey = new Map(there.map((one) => [one.key, one]));
        return put(state, { owners: byKey, next: ownersIn(target) }, expired);
      }
      case 'put':
        return afterPut(state, replies, expired);
      case 'wait':
        return look(state);
    }
  },
};

function look(state: CommitUnownedState): CommitStep {
  if (state.open.length === 0) return end(state.verdicts);
  return ask({ ...state, phase: 'state' }, { kind: 'get-state', group: state.input.group });
}

function again(state: CommitUnownedState, expired: boolean): CommitStep {
  return expired ? end(state.verdicts) : ask({ ...state, phase: 'wait' }, pause);
}

function afterState(
  state: CommitUnownedState,
  replies: readonly GroupReply[],
  expired: boolean,
): CommitStep {
  const outcome = outcomeAt(replies, 0, 'get-state');
  if (outcome.kind !== 'done') return again(state, expired);
  const { input, open } = state;
  if (input.needsEmpty && (outcome.value?.members ?? 0) > 0) {
    return end(refused(state, open).verdicts);
  }
  const reads = open.flatMap((i) => {
    const of = input.commits[i];
    return of === undefined ? [] : [{ kind: 'get-ownership', group: input.group, of } as const];
  });
  return ask({ ...state, state: outcome.value, phase: 'ownerships' }, ...reads);
}

/** What was sent and not answered may count, whatever is found now. */
function refused(state: CommitUnownedState, all: readonly number[]): CommitUnownedState {
  const places = new Set(all);
  const verdicts = state.verdicts.map((verdict, i): UnownedVerdict => {
    if (!places.has(i)) return verdict;
    return verdict === 'unknown' ? 'unknown' : 'owned';
  });
  return { ...state, verdicts, open: state.open.filter((i) => !places.has(i)) };
}

function afterOwnerships(
  state: CommitUnownedState,
  replies: readonly GroupReply[],
  expired: boolean,
): CommitStep {
  const known = valuesOf(replies, 'get-ownership');
  if (known === undefined) return again(state, expired);
  const keys = new Set<MemberKey>();
  for (const ownership of known) {
    if (ownership?.owner !== undefined) keys.add(ownership.owner);
  }
  const next: CommitUnownedState = { ...state, known, phase: 'owners' };
  if (keys.size === 0 || state.state === undefined) return put(next, undefined, expired);
  const { group } = state.input;
  const { epoch, target: id } = state.state;
  const reads = [...keys].map((key): GroupRequest => ({ kind: 'get-member', group, key }));
  return ask(next, { kind: 'get-target', group, epoch, id }, ...reads);
}

/** Whose partitions they were, and who is to have them. */
interface Owners {
  readonly owners: ReadonlyMap<MemberKey, Member>;
  /** By partition, as the target says. */
  readonly next: ReadonlyMap<string, MemberKey>;
}

function put(state: CommitUnownedState, read: Owners | undefined, expired: boolean): CommitStep {
  const { input, open, known } = state;
  const held: number[] = [];
  const sent: number[] = [];
  const puts: GroupRequest[] = [];
  for (const [at, i] of open.entries()) {
    const commit = input.commits[i];
    if (commit === undefined) continue;
    const ownership = taken(state, commit, known[at], read);
    if (ownership === undefined) {
      held.push(i);
      continue;
    }
    sent.push(i);
    puts.push({ kind: 'put-ownership', ownership });
  }
  const next = refused({ ...state, sent, phase: 'put' }, held);
  return puts.length === 0 ? again(next, expired || next.open.length === 0) : ask(next, ...puts);
}

/** The ownership with the commit in it; undefined if somebody owns the partition. */
function taken(
  { input, state }: CommitUnownedState,
  commit: UnownedCommit,
  before: Ownership | undefined,
  read: Owners | undefined,
): Ownership | undefined {
  const { topicId, partition, committed } = commit;
  const key = { group: input.group, topicId, partition };
  if (before?.owner === undefined) {
    const [a, version] = before === undefined ? [0, 0] : [before.a, before.version + 1];
    return { ...key, a, owner: undefined, committed, version };
  }
  // A grant against the target could not be followed by one that is as the target says.
  if (read === undefined || read.next.has(partitionName(commit))) return undefined;
  const owner = read.owners.get(before.owner);
  if (freedomOf(before, owner).kind !== 'free') return undefined;
  return granted(key, before, state?.epoch ?? 0, undefined, committed);
}

function afterPut(
  state: CommitUnownedState,
  replies: readonly GroupReply[],
  expired: boolean,
): CommitStep {
  const verdicts = [...state.verdicts];
  const open: number[] = [];
  for (const [at, i] of state.sent.entries()) {
    const outcome = outcomeAt(replies, at, 'put-ownership');
    if (outcome.kind === 'done') {
      verdicts[i] = 'accepted';
      continue;
    }
    open.push(i);
    const isSure = outcome.kind === 'condition-failed' || isPassing(outcome);
    if (!isSure) verdicts[i] = 'unknown';
  }
  const next: CommitUnownedState = { ...state, verdicts, open, phase: 'wait' };
  return open.length === 0 ? end(verdicts) : again(next, expired);
}
