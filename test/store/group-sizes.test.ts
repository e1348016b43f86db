import { expect, test } from 'vitest';
import { itemBytes } from '../../lib/adapters/bounds.ts';
import { groupBounds } from '../../lib/core/group/bounds.ts';
import { byPartition, memberKey } from '../../lib/core/group/group.ts';
import type { Member, Target } from '../../lib/core/group/group.ts';
import { offset, partition, topicId } from '../../lib/std/brands.ts';
import { limits } from '../../lib/std/limits.ts';
import { decodeMember, encodeMember } from '../../lib/store/group-member.ts';
import { decodeTarget, encodeTarget } from '../../lib/store/group-target.ts';
import { entryAt, sampleMember, sampleTarget } from './group-samples.ts';

const typical: Member = {
  ...sampleMember,
  entries: Array.from({ length: 40 }, (_, i) => entryAt(i)),
};
const typicalBytes = itemBytes(encodeMember(typical));

test(`a member with 40 partitions takes ${typicalBytes} bytes: one write unit`, () => {
  expect(typicalBytes).toBeLessThanOrEqual(1_024);
});

/** As long as everything may be, each partition of a topic of its own. */
const largest: Member = {
  ...sampleMember,
  key: memberKey(`m:${'x'.repeat(groupBounds.nameBytesMax - 2)}`, Number.MAX_SAFE_INTEGER),
  memberId: 'x'.repeat(groupBounds.nameBytesMax),
  subscription: { kind: 'pattern', pattern: 'x'.repeat(groupBounds.subscriptionBytesMax) },
  entries: Array.from({ length: groupBounds.entriesMax }, (_, i) => ({
    topicId: topicId(Buffer.from(String(i).padStart(16, '0')).toString('base64url')),
    partition: partition(999),
    a: Number.MAX_SAFE_INTEGER,
    n: Number.MAX_SAFE_INTEGER,
    committed: {
      offset: offset(2n ** 63n - 1n),
      leaderEpoch: 2 ** 31 - 1,
      metadata: i < 32 ? 'x'.repeat(groupBounds.metadataBytesMax) : '',
    },
    released: false,
  })).toSorted(byPartition),
};
const largestItem = encodeMember(largest);
const largestBytes = itemBytes(largestItem);

test(`the largest member takes ${largestBytes} bytes: it is an item`, () => {
  expect(largestBytes).toBeLessThanOrEqual(limits.itemBytesMax);
  expect(decodeMember(largestItem).entries).toHaveLength(groupBounds.entriesMax);
});

test('a target of 1,000 members with 1,000 partitions each is several items', () => {
  const [first] = sampleTarget.members;
  const topic = first?.partitions[0]?.topicId ?? topicId('');
  const partitions = Array.from({ length: 1_000 }, (_, i) => ({
    topicId: topic,
    partition: partition(i),
  }));
  const members = Array.from({ length: 1_000 }, (_, i) => ({
    key: memberKey(`m:${String(i).padStart(4, '0')}`, 1),
    partitions,
  }));
  const target: Target = { ...sampleTarget, members };
  const items = encodeTarget(target);
  expect(items.length).toBeGreaterThan(10);
  expect(Math.max(...items.map((item) => itemBytes(item)))).toBeLessThan(limits.itemBytesMax);
  expect(decodeTarget(items)).toStrictEqual(target);
  expect(decodeTarget(items.slice(1))).toBeUndefined();
  expect(decodeTarget(items.slice(0, -1))).toBeUndefined();
});
