import type { KafkaErrorName } from '../../protocol/errors.ts';
import type { CommitVerdict, MemberRefusal } from './decide.ts';
import type { UnownedVerdict } from './commit-unowned.ts';
import type { RebalanceRefusal } from './rebalance.ts';

/** Kafka's error, and what a caller should know beside its name: lower case. */
export interface KafkaRefusal {
  readonly error: KafkaErrorName;
  readonly message: string;
}

const refusal = (error: KafkaErrorName, message: string): KafkaRefusal => ({ error, message });

/** Why a whole call of a group is refused. Nothing of it happened. */
export type GroupRefusal = MemberRefusal | RebalanceRefusal | 'non-empty' | 'no-group';

const calls: Readonly<Record<GroupRefusal, KafkaRefusal>> = {
  'unknown-member': refusal(
    'UNKNOWN_MEMBER_ID',
    'the group has no such member, or it left or was evicted; join again',
  ),
  'fenced-instance': refusal(
    'FENCED_INSTANCE_ID',
    'another process has taken this group instance id',
  ),
  'fenced-epoch': refusal(
    'FENCED_MEMBER_EPOCH',
    'the member epoch is above all that the member was told; join again',
  ),
  'group-full': refusal('GROUP_MAX_SIZE_REACHED', 'the group has all the members it may have'),
  'too-many-partitions': refusal(
    'INVALID_REQUEST',
    'a member would own more partitions than it may; add members or subscribe to less',
  ),
  'non-empty': refusal('NON_EMPTY_GROUP', 'the group has members'),
  'no-group': refusal('GROUP_ID_NOT_FOUND', 'no such group'),
};

export const refusalOfCall = (reason: GroupRefusal): KafkaRefusal => calls[reason];

const tooLarge = refusal('OFFSET_METADATA_TOO_LARGE', "the offset's metadata is too large");
const unknown = refusal(
  'REQUEST_TIMED_OUT',
  'the store did not answer in time, so the outcome is unknown; send it again',
);

/** One that was overtaken is answered as if it had come first. */
const commits: Readonly<Record<CommitVerdict, KafkaRefusal | undefined>> = {
  accepted: undefined,
  overtaken: undefined,
  'stale-epoch': refusal('STALE_MEMBER_EPOCH', 'the partition was granted in a later epoch'),
  'not-owned': refusal('STALE_MEMBER_EPOCH', 'the member does not own the partition'),
  'metadata-too-large': tooLarge,
  unknown,
};

/** Of a member's commit; undefined: it counts. */
export const refusalOfCommit = (verdict: CommitVerdict): KafkaRefusal | undefined =>
  commits[verdict];

const unowned: Readonly<Record<UnownedVerdict, KafkaRefusal | undefined>> = {
  accepted: undefined,
  owned: refusal('UNKNOWN_MEMBER_ID', 'a member of the group owns the partition'),
  'metadata-too-large': tooLarge,
  unknown,
  'not-sent': refusal('KAFKA_STORAGE_ERROR', 'the table does not answer; send it again'),
};

/** Of a standalone or admin commit, or a deletion of an offset; undefined: it counts. */
export const refusalOfUnowned = (verdict: UnownedVerdict): KafkaRefusal | undefined =>
  unowned[verdict];
