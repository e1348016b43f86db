import { memberKey } from '../../lib/core/group/group.ts';
import type { Entry, GroupState, Member, Ownership, Target } from '../../lib/core/group/group.ts';
import type { ListedGroup } from '../../lib/core/group/listed-group.ts';
import { offset, partition, topicId } from '../../lib/std/brands.ts';

/* Records of one consumer group, as they typically are. */

const group = 'billing';
const topic = topicId('Zm9vYmFyYmF6cXV4MTIzNA');
const memberId = '1f0c2bb2-5a1e-4a0e-9a43-0a2f6ef0a511';
const key = memberKey(`m:${memberId}`, 7);

export const sampleState: GroupState = {
  group,
  epoch: 12,
  target: '0123456789abcdef0000',
  sinceMs: 1_790_000_000_000,
  members: 3,
};

export const listedGroup: ListedGroup = {
  group: 'billing #1 @ zürich',
  empty: undefined,
  version: 123_456_789_012_345,
};

export const listedEmpty: ListedGroup = {
  ...listedGroup,
  empty: { fingerprint: '00112233445566778899aabbccddeeff', sinceMs: 1_790_000_000_000 },
};

/** An entry in the middle of its life. */
export const entryAt = (i: number): Entry => ({
  topicId: topic,
  partition: partition(i),
  a: 9,
  n: 4_211,
  committed: { offset: offset(9_165_000n + BigInt(i)), leaderEpoch: 0, metadata: '' },
  released: false,
});

export const sampleMember: Member = {
  group,
  key,
  memberId,
  former: [],
  clientId: 'rdkafka',
  clientHost: '10.0.0.17',
  subscription: { kind: 'names', names: ['orders.v1'] },
  assignor: 'uniform',
  sessionMs: 45_000,
  rebalanceMs: 300_000,
  beatMs: 1_790_000_015_000,
  settledEpoch: 12,
  gone: false,
  entries: [
    entryAt(0),
    { ...entryAt(1), released: true },
    { ...entryAt(5), n: 0, committed: undefined },
    {
      ...entryAt(6),
      committed: { offset: offset(2n ** 63n - 1n), leaderEpoch: -1, metadata: 'at ä' },
    },
  ],
  version: 4_300,
};

export const staticMember: Member = {
  ...sampleMember,
  key: memberKey('i:worker #1 @ zürich', 3),
  former: ['worker-7', 'wörker'],
  subscription: { kind: 'pattern', pattern: 'orders\\..*' },
  assignor: undefined,
  gone: true,
  entries: [],
};

export const sampleOwnership: Ownership = {
  group,
  topicId: topic,
  partition: partition(6),
  a: 9,
  owner: key,
  committed: { offset: offset(9_100_000n), leaderEpoch: -1, metadata: '' },
  version: 4,
};

export const nobodysOwnership: Ownership = {
  ...sampleOwnership,
  owner: undefined,
  committed: undefined,
};

export const sampleTarget: Target = {
  group,
  epoch: 12,
  id: '0123456789abcdef0000',
  members: [
    { key, partitions: [0, 5, 6].map((i) => ({ topicId: topic, partition: partition(i) })) },
    { key: memberKey('i:worker 2', 11), partitions: [] },
  ],
};
