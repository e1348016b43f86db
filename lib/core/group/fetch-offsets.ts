import type { PartitionKey } from '../log/partition-key.ts';
import { pause } from '../log/requests.ts';
import { ask, end, outcomeAt } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';
import { entryOf, partitionName } from './group.ts';
import type { Committed, Entry, Member, Ownership } from './group.ts';
import { valuesOf } from './requests.ts';
import type { GroupReply, GroupRequest } from './requests.ts';

export interface FetchOffsetsInput {
  readonly group: string;
  readonly partitions: readonly PartitionKey[];
}

export type FetchOffsetsResult =
  /** By partition; undefined: no offset is committed. */
  | { readonly kind: 'fetched'; readonly offsets: readonly (Committed | undefined)[] }
  | { readonly kind: 'expired' };

export interface FetchOffsetsState {
  readonly input: FetchOffsetsInput;
  readonly phase: 'members' | 'ownerships' | 'wait';
  readonly members: readonly Member[];
}

type FetchStep = Step<FetchOffsetsState, GroupRequest, FetchOffsetsResult>;

/**
 * Reads committed offsets: the members, and when that has ended, the ownerships. The other way
 * round, a partition could be granted between the two, and its offset be taken from before.
 * 1 query of the members and 1 read per partition, or 1 query of them all.
 */
export const fetchOffsets: Machine<
  FetchOffsetsInput,
  FetchOffsetsState,
  GroupRequest,
  GroupReply,
  FetchOffsetsResult
> = {
  start: (input) => lookAtMembers({ input, phase: 'members', members: [] }),
  step(state, replies, expired) {
    const { group, partitions } = state.input;
    switch (state.phase) {
      case 'members': {
        const outcome = outcomeAt(replies, 0, 'query-members');
        if (outcome.kind !== 'done') return again(state, expired);
        const members = outcome.value;
        if (partitions.length === 0) return end({ kind: 'fetched', offsets: [] });
        const next: FetchOffsetsState = { ...state, phase: 'ownerships', members };
        if (isCheaperWhole(members, partitions)) {
          return ask(next, { kind: 'query-ownerships', group });
        }
        const reads = partitions.map((of) => ({ kind: 'get-ownership', group, of }) as const);
        return ask(next, ...reads);
      }
      case 'ownerships': {
        const known = ownershipsIn(replies);
        if (known === undefined) return again(state, expired);
        const offsets = partitions.map((of) =>
          committedOf(of, state.members, known.get(partitionName(of))),
        );
        return end({ kind: 'fetched', offsets });
      }
      case 'wait':
        return lookAtMembers(state);
    }
  },
};

function lookAtMembers(state: FetchOffsetsState): FetchStep {
  const { group } = state.input;
  return ask({ ...state, phase: 'members' }, { kind: 'query-members', group });
}

function again(state: FetchOffsetsState, expired: boolean): FetchStep {
  return expired ? end({ kind: 'expired' }) : ask({ ...state, phase: 'wait' }, pause);
}

/** Ownerships that one unit of a query reads, at least. */
const perUnit = 20;
/** Units for those that no member names: some that nobody owns, as a rule. */
const unitsOfOthers = 8;

/** Whether all ownerships together cost less to read than these, as far as the members tell. */
function isCheaperWhole(members: readonly Member[], partitions: readonly PartitionKey[]): boolean {
  const owned = members.reduce((sum, { entries }) => sum + entries.length, 0);
  return unitsOfOthers + owned / perUnit < partitions.length;
}

function ownershipsIn(replies: readonly GroupReply[]): ReadonlyMap<string, Ownership> | undefined {
  const isWhole = replies[0]?.kind === 'query-ownerships';
  const found = isWhole
    ? valuesOf(replies, 'query-ownerships')?.[0]
    : valuesOf(replies, 'get-ownership');
  if (found === undefined) return undefined;
  const known = found.filter((one) => one !== undefined);
  return new Map(known.map((one) => [partitionName(one), one]));
}

/** The highest a wins, at equal a the member's entry. Members were read before the ownership. */
export function committedOf(
  of: PartitionKey,
  members: readonly Member[],
  ownership: Ownership | undefined,
): Committed | undefined {
  let newest: Entry | undefined;
  for (const member of members) {
    const entry = entryOf(member, of);
    if (entry !== undefined && entry.a > (newest?.a ?? 0)) newest = entry;
  }
  if (newest !== undefined && newest.a >= (ownership?.a ?? 0)) return newest.committed;
  return ownership?.committed;
}
