import type { Offset, Partition, TopicId } from '../../std/brands.ts';
import type { PartitionKey } from '../log/partition-key.ts';

declare const brand: unique symbol;

/**
 * Which member item: `<name>@<join epoch>`, where the name is `m:<member id>` or, of a static
 * member, `i:<instance id>`. Made by one join, never again.
 */
export type MemberKey = string & { readonly [brand]: 'MemberKey' };

export const memberName = (memberId: string, instanceId: string | undefined): string =>
  instanceId === undefined ? `m:${memberId}` : `i:${instanceId}`;

export const memberKey = (name: string, joinEpoch: number): MemberKey =>
  `${name}@${joinEpoch}` as MemberKey;

/** A name may hold an @ itself. */
export function partsOf(key: MemberKey): { readonly name: string; readonly joinEpoch: number } {
  const at = key.lastIndexOf('@');
  return { name: key.slice(0, at), joinEpoch: Number(key.slice(at + 1)) };
}

export const isStatic = ({ key }: Pick<Member, 'key'>): boolean => key.startsWith('i:');

/** Where a group will go on, as it was committed. */
export interface Committed {
  readonly offset: Offset;
  /** −1: not told. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** `STATE`. Its version is the epoch: every change adds 1, and it is never deleted. */
export interface GroupState {
  readonly group: string;
  /** 1 … : rises with every change of members, subscriptions, or their topics. */
  readonly epoch: number;
  /** The id of this epoch's target assignment. */
  readonly target: string;
  /** When the epoch began, ms: members must have given up what they lose `rebalanceMs` later. */
  readonly sinceMs: number;
  /** Members of the target. */
  readonly members: number;
}

export interface Assigned {
  readonly key: MemberKey;
  /** In the order of `byPartition`. */
  readonly partitions: readonly PartitionKey[];
}

/** `A#…`: who is to own what. Put once under a new id, before `STATE` names it. */
export interface Target {
  readonly group: string;
  readonly epoch: number;
  readonly id: string;
  /** All members, in the order of their keys, also those that get nothing. */
  readonly members: readonly Assigned[];
}

/** What a member reads: topics by name, or those whose whole name a pattern matches. */
export type Subscription =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: string };

export type AssignorName = 'range' | 'round-robin' | 'sticky' | 'uniform';

/** One partition that a member owns, or has given up and nobody has taken over yet. */
export interface Entry extends PartitionKey {
  /** The epoch in which it was granted. */
  readonly a: number;
  /** The member's number of its last commit; 0 before the first. */
  readonly n: number;
  /** Undefined: nothing was ever committed. */
  readonly committed: Committed | undefined;
  /** For ever: what is granted again has another a. */
  readonly released: boolean;
}

/** `M#<member>@<join epoch>`. Every change is made on the version before. */
export interface Member {
  readonly group: string;
  readonly key: MemberKey;
  /** The process that is this member; another one may take a static member's place. */
  readonly memberId: string;
  /** Whose place was taken, the last of them: a copy of their joins that comes late takes nothing back. */
  readonly former: readonly string[];
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscription: Subscription;
  /** Undefined: whatever the others want. */
  readonly assignor: AssignorName | undefined;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  /** The last beat that was written, ms, by the store's clock. */
  readonly beatMs: number;
  /** The epoch in which it was last put owning what the target gives it, and nothing else; or 0. */
  readonly settledEpoch: number;
  /** It left or was evicted: its entries are frozen, and none is ever added. */
  readonly gone: boolean;
  /** In the order of `byPartition`, one per partition. */
  readonly entries: readonly Entry[];
  readonly version: number;
}

/** `O#<topic id>#<partition>`: the record of ownership. Every change is made on the version before. */
export interface Ownership extends PartitionKey {
  readonly group: string;
  /** Only rises. */
  readonly a: number;
  readonly owner: MemberKey | undefined;
  /** Counts unless the owner's item has an entry with this a. */
  readonly committed: Committed | undefined;
  readonly version: number;
}

/** A topic as groups see it. */
export interface TopicView {
  readonly name: string;
  readonly id: TopicId;
  readonly partitions: number;
}

/** A partition as a key of maps. */
export const partitionName = ({ topicId, partition }: PartitionKey): string =>
  `${topicId}#${partition}`;

export function byPartition(a: PartitionKey, b: PartitionKey): number {
  if (a.topicId !== b.topicId) return a.topicId < b.topicId ? -1 : 1;
  return a.partition - b.partition;
}

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const partitionKey = (topicId: TopicId, partition: number): PartitionKey => ({
  topicId,
  partition: partition as Partition,
});

/** By halves: members may own thousands. */
export function entryOf({ entries }: Member, key: PartitionKey): Entry | undefined {
  let [from, to] = [0, entries.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const entry = entries[middle];
    if (entry === undefined) return undefined;
    const order = byPartition(entry, key);
    if (order === 0) return entry;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return undefined;
}

/** Partitions as keys of maps. */
export const namesOf = (partitions: readonly PartitionKey[]): ReadonlySet<string> =>
  new Set(partitions.map((one) => partitionName(one)));

/** What the target gives a member: nothing if it does not know it. */
export const assignedTo = (target: Target, key: MemberKey): readonly PartitionKey[] =>
  target.members.find((one) => one.key === key)?.partitions ?? [];

export function ownersIn(target: Target): ReadonlyMap<string, MemberKey> {
  return new Map(
    target.members.flatMap(({ key, partitions }) =>
      partitions.map((one) => [partitionName(one), key] as const),
    ),
  );
}
