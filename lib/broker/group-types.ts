import type { AssignorName } from '../core/group/group.ts';
import type { KafkaErrorName } from '../protocol/errors.ts';

/**
 * Kafka's operations on consumer groups (docs/adr/0014-groups-above-the-core.md). As in `Broker`:
 * what refuses a whole call is thrown as `ProtocolError`, what nobody knows as `OutcomeUnknown`;
 * what refuses one partition is told with it.
 */
export interface GroupBroker {
  /** Joins, beats, moves the assignment on, or leaves: KIP-848, one call. */
  readonly heartbeat: (input: HeartbeatInput) => Promise<Heartbeat>;
  /** In the order of the offsets. */
  readonly commitOffsets: (input: CommitOffsetsInput) => Promise<readonly PartitionOutcome[]>;
  /** In the order asked for; without `partitions` all that have an offset, in any order. */
  readonly fetchOffsets: (input: FetchOffsetsInput) => Promise<readonly FetchedOffset[]>;
  /** In the order of their names. */
  readonly listGroups: () => Promise<readonly GroupListing[]>;
  /** GROUP_ID_NOT_FOUND. */
  readonly describeGroup: (group: string) => Promise<GroupDescription>;
  /** What is committed or owned, with how far the log goes. GROUP_ID_NOT_FOUND. */
  readonly groupLag: (group: string) => Promise<readonly PartitionLag[]>;
  /** With all its offsets. NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND. */
  readonly deleteGroup: (group: string) => Promise<void>;
  /** GROUP_ID_NOT_FOUND; by partition GROUP_SUBSCRIBED_TO_TOPIC. */
  readonly deleteOffsets: (
    group: string,
    partitions: readonly TopicPartition[],
  ) => Promise<readonly PartitionOutcome[]>;
  /** Of a group without members: NON_EMPTY_GROUP. A group that is not there is made by it. */
  readonly resetOffsets: (input: ResetOffsetsInput) => Promise<readonly OffsetReset[]>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /**
   * The topic with this id, never one that was created since under its name (KIP-516). Absent: the
   * one that a process knows under the name. What a member was assigned it names with the id.
   */
  readonly topicId?: string;
}

export interface HeartbeatInput {
  /** 1 … `groupBounds.nameBytesMax` bytes, percent-encoded. INVALID_GROUP_ID. */
  readonly group: string;
  /** Chosen by the member, unique for ever, so that a join can be repeated (KIP-1082). */
  readonly memberId: string;
  /** Of a static member (KIP-345). */
  readonly instanceId?: string;
  /** 0: joins; −1: leaves; −2: a static member leaves and will be back; else what it was told last. */
  readonly memberEpoch: number;
  /** With −1 or −2 and offsets: what it was told last, by which they are judged. */
  readonly lastEpoch?: number;
  readonly clientId?: string;
  readonly clientHost?: string;
  /** Counts with a join: 45 s by default; `groupBounds.sessionMsMin` … `sessionMsMax`. */
  readonly sessionTimeoutMs?: number;
  /** Counts with a join: how long it may take to give partitions up; 5 min by default. */
  readonly rebalanceTimeoutMs?: number;
  /** With a join one of the two is needed; else absent: as before. */
  readonly subscription?: readonly string[] | { readonly pattern: string };
  /** Counts with a join: the group's, or `uniform`, by default. */
  readonly assignor?: AssignorName;
  /** What it still works on. Absent: it gives up nothing. */
  readonly owned?: readonly TopicPartition[];
  /** Committed in the same write: what it gives up, or all when it leaves. */
  readonly offsets?: readonly OffsetToCommit[];
  /** Of these offsets: see `CommitOffsetsInput`. */
  readonly commitNumber?: number;
}

export interface Heartbeat {
  readonly memberEpoch: number;
  /** When to call again at the latest. */
  readonly heartbeatIntervalMs: number;
  /** What it may work on: it stops with everything else, then says so in `owned`. */
  readonly assignment: readonly AssignedPartition[];
  /** By the offsets that it sent. */
  readonly committed: readonly PartitionOutcome[];
}

export interface AssignedPartition extends TopicPartition {
  /** The topic's, as long as it is not created again. */
  readonly topicId: string;
  /**
   * The epoch in which it was granted. If it is another than before, the partition was somebody
   * else's in between: the member begins from `committed`, whatever it remembers.
   */
  readonly grantedIn: number;
  /** As the group last committed it; absent: never. */
  readonly committed?: Committed;
}

export interface Committed {
  readonly offset: bigint;
  /** −1: not told. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export interface OffsetToCommit extends TopicPartition {
  /** Of the next record that the group is to process. */
  readonly offset: bigint;
  /** −1 by default. */
  readonly leaderEpoch?: number;
  /** At most 4,096 bytes: OFFSET_METADATA_TOO_LARGE. */
  readonly metadata?: string;
}

export interface CommitOffsetsInput {
  readonly group: string;
  /** Absent: a commit without membership, of partitions that nobody owns. */
  readonly member?: {
    readonly memberId: string;
    readonly instanceId?: string;
    readonly memberEpoch: number;
  };
  readonly offsets: readonly OffsetToCommit[];
  /**
   * The member's own, rising with each of its commits: one that comes late is overtaken by a later
   * one, and changes nothing. A repetition has the number of the first. Absent: calls count in the
   * order in which they reach the store, which is only right for one at a time.
   */
  readonly commitNumber?: number;
}

/** What became of one partition; `error` absent: done. */
export interface PartitionOutcome extends TopicPartition {
  /** REQUEST_TIMED_OUT: it may have been done, or may yet be. */
  readonly error?: KafkaErrorName;
  readonly message?: string;
}

export interface FetchOffsetsInput {
  readonly group: string;
  readonly partitions?: readonly TopicPartition[];
}

export interface FetchedOffset extends TopicPartition {
  /** Absent: nothing is committed. */
  readonly committed?: Committed;
  /** UNKNOWN_TOPIC_OR_PARTITION. */
  readonly error?: KafkaErrorName;
}

/** As Kafka has them (KIP-848): `reconciling` while some member does not own what it is to own. */
export type GroupStatus = 'empty' | 'reconciling' | 'stable';

export interface GroupListing {
  readonly group: string;
  readonly status: GroupStatus;
  readonly members: number;
  /** What most members ask for; of a group without members: `uniform`. */
  readonly assignor: AssignorName;
}

export interface GroupDescription extends GroupListing {
  readonly epoch: number;
  readonly memberList: readonly MemberDescription[];
}

export interface MemberDescription {
  readonly memberId: string;
  readonly instanceId?: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscription: readonly string[] | { readonly pattern: string };
  /** What it owns. */
  readonly assignment: readonly TopicPartition[];
  /** What it is to own. */
  readonly target: readonly TopicPartition[];
  /** ms since 1970, of the last beat that was written. */
  readonly beatMs: number;
}

export interface PartitionLag extends TopicPartition {
  /** Absent: nothing is committed. */
  readonly committed?: Committed;
  readonly logEndOffset: bigint;
  /** From the committed offset; absent without one. Never negative. */
  readonly lag?: bigint;
  /** Absent: nobody owns it. */
  readonly member?: Pick<MemberDescription, 'memberId' | 'instanceId' | 'clientId' | 'clientHost'>;
}

/** Kafka's choices of its own tool: `shift` from what is committed, clipped to the log. */
export type ResetTarget =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  /** The first record at or after it, ms; the end if none is that late. */
  | { readonly kind: 'timestamp'; readonly timestamp: bigint }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'shift'; readonly by: bigint };

export interface ResetOffsetsInput {
  readonly group: string;
  /** A topic without partitions: all of them. Absent: all that the group has offsets of. */
  readonly of?: readonly { readonly topic: string; readonly partitions?: readonly number[] }[];
  readonly to: ResetTarget;
  /** Tells what would become of the offsets, and changes nothing. */
  readonly dryRun: boolean;
}

export interface OffsetReset extends PartitionOutcome {
  readonly before?: bigint;
  /** Within the log, and absent with an error. */
  readonly after?: bigint;
}
