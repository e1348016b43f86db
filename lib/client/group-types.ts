import type {
  FetchedOffset,
  GroupDescription,
  GroupListing,
  OffsetReset,
  OffsetToCommit,
  PartitionLag,
  PartitionOutcome,
} from '../broker/group-types.ts';
import type { AssignorName } from '../core/group/group.ts';
import type {
  Reader,
  ReadOptions,
  Record,
  RecordBatch,
  Timestamp,
  TopicPartition,
} from './types.ts';
import type { WaitOptions } from './until-aborted.ts';

/** Topics by their names, or all whose whole name a pattern matches (RE2's syntax, no lookaround). */
export type Topics = readonly string[] | { readonly pattern: string };

/**
 * Told what came or went, one after the other: for each partition assigned, then revoked or lost.
 * What it throws ends the iteration, or the run, with it.
 */
export type RebalanceListener<K, V> = (
  partitions: readonly TopicPartition[],
  consumer: GroupConsumer<K, V>,
) => Promise<void> | void;

export interface GroupConsumerOptions<K, V> extends ReadOptions<K, V> {
  /** Its name: Kafka's group.id. */
  readonly group: string;
  /** As `subscribe`. */
  readonly topics?: Topics;
  /** Of a static member: whoever comes back under it within the session keeps its partitions (KIP-345). */
  readonly instanceId?: string;
  /** Shown with the member: `tailrace` by default. */
  readonly clientId?: string;
  /** Not heard of for so long, it is taken for dead: 45 s by default, 6 s … 30 min. */
  readonly sessionTimeoutMs?: number;
  /** How long it may work on what it is to give up: 5 min by default, up to a day. */
  readonly rebalanceTimeoutMs?: number;
  /** 5 s by default; sooner if the group says so. */
  readonly heartbeatIntervalMs?: number;
  /** Who gets what: the group's, or `uniform`, by default. */
  readonly assignor?: AssignorName;
  /** Commits what was processed by itself: true by default. */
  readonly autoCommit?: boolean;
  /** How often: 5 s by default. */
  readonly autoCommitIntervalMs?: number;
  /** Before the first record of them is handed out: the place to `seek`. */
  readonly onAssigned?: RebalanceListener<K, V>;
  /** When work on them has ended, before they are let go: the last chance to `commit`. */
  readonly onRevoked?: RebalanceListener<K, V>;
  /** They are another member's already, or may be: nothing can be committed any more. */
  readonly onLost?: RebalanceListener<K, V>;
}

/** One of the two handlers. A partition's records are handled one after the other, in order. */
export type RunOptions<K, V> = WaitOptions & {
  /** Partitions that are worked on at the same time: 1 by default. */
  readonly concurrency?: number;
} & (
    | {
        readonly eachRecord: (record: Record<K, V>) => Promise<void> | void;
        readonly eachBatch?: never;
      }
    | {
        readonly eachBatch: (batch: RecordBatch<K, V>) => Promise<void> | void;
        readonly eachRecord?: never;
      }
  );

/**
 * A member of a group, from the first iteration or `run` until `close`. What was processed is
 * committed every five seconds, when a partition goes, and at the end; what a member that died had
 * not committed, another one gets again.
 *
 * Within an iteration a record, or batch, counts as processed when the next one is asked for; in a
 * run, when its handler has resolved.
 */
export interface GroupConsumer<K, V> extends Reader<K, V> {
  /** Replaces what it wants to read. Malformed patterns are refused when it joins. */
  subscribe(topics: Topics): void;
  readonly subscription: Topics | undefined;
  /**
   * Hands records to a handler until `close`, or until `signal` aborts, with its reason. What a
   * handler throws is thrown when the others have ended; its record is the first of the next run.
   * A handler that waits for `close` waits for itself.
   */
  run(options: RunOptions<K, V>): Promise<void>;
  /**
   * All that was handed out by an iterator, which says that it is processed; in a run, what its
   * handlers are done with. Or these offsets, of partitions that it owns: of the next record to be
   * processed. Repeated for a minute; rejects with what Kafka calls it: UNKNOWN_MEMBER_ID,
   * STALE_MEMBER_EPOCH if they are not its own any more, `OutcomeUnknown` if nobody knows.
   */
  commit(offsets?: readonly OffsetToCommit[], options?: WaitOptions): Promise<void>;
  /** What the group has committed: of its own partitions if none are named. */
  committed(
    partitions?: readonly TopicPartition[],
    options?: WaitOptions,
  ): Promise<readonly FetchedOffset[]>;
  /**
   * Ends iteration, waits for handlers, calls `onRevoked`, commits what was processed unless
   * `autoCommit` is off, and leaves the group. If nobody answers for ten seconds it is over all the
   * same: the group finds out by itself.
   */
  close(): Promise<void>;
}

/** Where to: within the log, by what is committed for `shift`. */
export type ResetTo =
  | 'beginning'
  | 'end'
  | { readonly offset: bigint | number }
  /** The first record at or after it, the end if there is none. */
  | { readonly timestamp: Timestamp }
  | { readonly shift: bigint | number };

export interface ResetOffsets {
  readonly group: string;
  /** A topic without partitions: all of them. By default all that the group has offsets of. */
  readonly of?: readonly { readonly topic: string; readonly partitions?: readonly number[] }[];
  readonly to: ResetTo;
  /** Tells what would become of the offsets, and changes nothing. */
  readonly dryRun?: boolean;
}

/** Of groups. Answers by partition say of each what became of it: `error` absent means done. */
export interface GroupAdmin {
  listGroups(options?: WaitOptions): Promise<readonly GroupListing[]>;
  /** GROUP_ID_NOT_FOUND. */
  describeGroup(group: string, options?: WaitOptions): Promise<GroupDescription>;
  /** What is committed, or owned, and how far behind it is. GROUP_ID_NOT_FOUND. */
  groupLag(group: string, options?: WaitOptions): Promise<readonly PartitionLag[]>;
  /** With all its offsets. NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND. */
  deleteGroup(group: string, options?: WaitOptions): Promise<void>;
  /** All that the group has committed, unless partitions are named. */
  fetchOffsets(
    group: string,
    partitions?: readonly TopicPartition[],
    options?: WaitOptions,
  ): Promise<readonly FetchedOffset[]>;
  /** Of partitions that no member owns: UNKNOWN_MEMBER_ID by partition. Makes a group that is not there. */
  commitOffsets(
    group: string,
    offsets: readonly OffsetToCommit[],
    options?: WaitOptions,
  ): Promise<readonly PartitionOutcome[]>;
  /** By partition GROUP_SUBSCRIBED_TO_TOPIC. GROUP_ID_NOT_FOUND. */
  deleteOffsets(
    group: string,
    partitions: readonly TopicPartition[],
    options?: WaitOptions,
  ): Promise<readonly PartitionOutcome[]>;
  /** Of a group without members: NON_EMPTY_GROUP. Makes a group that is not there. */
  resetOffsets(reset: ResetOffsets, options?: WaitOptions): Promise<readonly OffsetReset[]>;
}
