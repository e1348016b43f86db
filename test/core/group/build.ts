import { memberKey, partitionKey } from '../../../lib/core/group/group.ts';
import type {
  Committed,
  Entry,
  GroupState,
  Member,
  TopicView,
} from '../../../lib/core/group/group.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { offset, topicId } from '../../../lib/std/brands.ts';

export const topic = (name: string, partitions: number): TopicView => ({
  name,
  id: topicId(name),
  partitions,
});

/** Partition of topic t. */
export const at = (number: number, name = 't'): PartitionKey => partitionKey(topicId(name), number);

export const committed = (value: number, metadata = ''): Committed => ({
  offset: offset(BigInt(value)),
  leaderEpoch: -1,
  metadata,
});

export const entry = (change: Partial<Entry> = {}): Entry => ({
  ...at(0),
  a: 1,
  n: 0,
  committed: undefined,
  released: false,
  ...change,
});

export const state = (epoch: number): GroupState => ({
  group: 'g',
  epoch,
  target: `t${epoch}`,
  sinceMs: 0,
  members: 2,
});

export const member = (id: string, change: Partial<Member> = {}): Member => ({
  group: 'g',
  key: memberKey(`m:${id}`, 1),
  memberId: id,
  former: [],
  clientId: '',
  clientHost: '',
  subscription: { kind: 'names', names: ['t'] },
  assignor: undefined,
  sessionMs: 45_000,
  rebalanceMs: 60_000,
  beatMs: 0,
  settledEpoch: 0,
  gone: false,
  entries: [],
  version: 0,
  ...change,
});
