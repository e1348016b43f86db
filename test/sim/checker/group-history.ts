import type { Outcome } from './outcome.ts';

/**
 * What consumer groups asked for, were told and did, and what the world saw of their items. A log is
 * `<topic id>/<partition>` as in the rest of the history; a member is named by the id that it chose.
 */
export interface GroupHistory {
  /** How the members of a group work; a group that is not named has none. */
  readonly manners: Map<string, Manner>;
  /** One per partition and attempt, those of members in the order in which they set out. */
  readonly commits: OffsetAttempt[];
  /** What somebody was told that a group has committed. */
  readonly told: ToldOffset[];
  /** Records that members worked on. */
  readonly works: WorkDone[];
  /** What became of the groups' items, as the world saw it, in its order. */
  readonly events: GroupEvent[];
  /** After the last fault: who owns what, as everybody was told. */
  readonly ends: GroupEnd[];
  /** Writes under a lease, as the world saw them, in their order. */
  readonly guarded: GuardedWrite[];
}

interface Timed {
  readonly group: string;
  readonly invoked: number;
  /** Infinity: there was no answer. */
  readonly completed: number;
}

export interface OffsetAttempt extends Timed {
  /** Where it can be known: by name, a partition may be that of the next topic. */
  readonly log: string | undefined;
  /** `nobody`: without membership, or an admin. */
  readonly by: string;
  /** A static member is one, whichever process speaks for it. */
  readonly instance?: string;
  /** The epoch in which the member was told that the partition was granted to it; −1 of nobody. */
  readonly grant: number;
  /** The member's number of it; undefined: it has none. */
  readonly n: number | undefined;
  /** Undefined: that there is none. */
  readonly offset: bigint | undefined;
  /** Whoever asked for it was not told to what it came. */
  readonly unclear?: true;
  readonly outcome: Outcome;
}

export const nobody = 'nobody';

interface ToldOffset extends Timed {
  readonly client: string;
  readonly log: string | undefined;
  /** Undefined: nothing is committed. */
  readonly offset: bigint | undefined;
}

/** `before`: commits first, and works then on what it was told to be committed. */
export type Manner = 'after' | 'before';

export interface WorkDone {
  readonly group: string;
  readonly member: string;
  readonly log: string;
  readonly offset: bigint;
  readonly moment: number;
}

interface Seen {
  readonly group: string;
  readonly moment: number;
}

/** `item`: the key of a member's item, which no other join uses. `a`: the epoch of a grant. */
export type GroupEvent = Seen &
  (
    | { readonly kind: 'joined'; readonly item: string; readonly member: string }
    /** It left, or was evicted, or its item is not there any more. */
    | { readonly kind: 'gone'; readonly item: string }
    | OfPartition<'granted', { readonly owner: string | undefined }>
    /** The member's item came to say that it was granted. */
    | OfPartition<'delivered', { readonly item: string }>
    | OfPartition<'released', { readonly item: string }>
    | OfPartition<
        'committed',
        { readonly item: string; readonly member: string; readonly n: number }
      >
    /** By nobody. */
    | OfPartition<'set', object>
    /** Nobody had been there for so long. */
    | OfPartition<'expired', object>
  );

type OfPartition<Kind extends string, More> = More & {
  readonly kind: Kind;
  readonly log: string;
  readonly a: number;
  readonly offset: bigint | undefined;
};

export interface GroupEnd {
  readonly group: string;
  readonly status: string;
  /** Whether the list of groups has it. */
  readonly listed: boolean;
  /** Members that live, and the names of the topics that each has asked for. */
  readonly members: readonly { readonly member: string; readonly topics: readonly string[] }[];
  /** Every partition that there is, with those who say that they may work on it. */
  readonly partitions: readonly {
    readonly topic: string;
    readonly log: string;
    readonly owners: readonly string[];
    readonly end: bigint;
  }[];
}

export interface GuardedWrite {
  readonly resource: string;
  readonly owner: string;
  /** The fencing number of the lease under which it was made. */
  readonly epoch: number;
  /** What it counts on from, and to: a resource counts its writes. */
  readonly from: number;
  readonly to: number;
  readonly moment: number;
}

export const emptyGroups = (): GroupHistory => ({
  manners: new Map(),
  commits: [],
  told: [],
  works: [],
  events: [],
  ends: [],
  guarded: [],
});
