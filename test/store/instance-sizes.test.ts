import { expect, test } from 'vitest';
import { itemBytes } from '../../lib/adapters/bounds.ts';
import { instanceBounds } from '../../lib/core/instance/bounds.ts';
import { tooManyTopics } from '../../lib/core/instance/decide.ts';
import { byTopic } from '../../lib/core/instance/instance.ts';
import type { Instance, Position } from '../../lib/core/instance/instance.ts';
import { limits } from '../../lib/std/limits.ts';
import {
  decodeInstance,
  encodeInstance,
  instanceKey,
  instancesRange,
} from '../../lib/store/instance.ts';
import { memberItemKey, membersRange } from '../../lib/store/group-member.ts';
import { memberKey } from '../../lib/core/group/group.ts';
import { positionAt, sampleInstance } from './instance-samples.ts';
import { isIn } from './records.ts';

const typical: Instance = {
  ...sampleInstance,
  partitions: Array.from({ length: 40 }, (_, i) => positionAt(i)),
};
const typicalBytes = itemBytes(encodeInstance(typical));

test(`an instance with 40 partitions takes ${typicalBytes} bytes: one write unit`, () => {
  expect(typicalBytes).toBeLessThanOrEqual(1_024);
});

/** As long as everything may be, in as many topics as may be. */
const { partitionsMax, topicsBytesMax, readsBytesMax, nameLengthMax } = instanceBounds;
const topicCount = Math.floor(topicsBytesMax / (limits.topicNameLengthMax + 4));
const offsetMax = 2n ** 63n - 1n;
const largest: Instance = {
  ...sampleInstance,
  group: 'x'.repeat(nameLengthMax),
  name: 'x'.repeat(nameLengthMax),
  reads: { kind: 'pattern', pattern: 'x'.repeat(readsBytesMax) },
  partitions: Array.from({ length: partitionsMax }, (_, i): Position => ({
    topic: String(i % topicCount).padStart(limits.topicNameLengthMax, 'x'),
    partition: 2 ** 31 - 1 - i,
    grantedIn: Number.MAX_SAFE_INTEGER,
    next: offsetMax,
    committed: offsetMax,
    unacknowledged: offsetMax,
  })).toSorted(byTopic),
};
const largestItem = encodeInstance(largest);
const largestBytes = itemBytes(largestItem);

test(`the largest instance takes ${largestBytes} bytes: it is an item`, () => {
  expect(largestBytes).toBeLessThanOrEqual(limits.itemBytesMax);
  expect(decodeInstance(largestItem).partitions).toHaveLength(partitionsMax);
  expect(tooManyTopics(largest)).toBeUndefined();
  const [first] = largest.partitions;
  const more = { ...positionAt(0), topic: 'another topic', partition: 0 };
  const tooMany = {
    ...largest,
    partitions: [...largest.partitions, more, ...(first ? [first] : [])],
  };
  expect(tooManyTopics(tooMany)).toBeUndefined();
  const far = { ...more, topic: 'y'.repeat(limits.topicNameLengthMax) };
  expect(tooManyTopics({ ...largest, partitions: [...largest.partitions, far] })).toMatchObject({
    refusal: { reason: 'malformed' },
  });
});

test('instances lie apart from the rest of their group', () => {
  expect(isIn(instanceKey('g', 'M'), instancesRange)).toBe(true);
  expect(isIn(instanceKey('g', 'M'), membersRange)).toBe(false);
  expect(isIn(memberItemKey('g', memberKey('m:x', 1)), instancesRange)).toBe(false);
});
