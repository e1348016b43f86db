import { expect, test } from 'vitest';
import { collisionKey, validateTopicName } from '../../../lib/core/topic/topic-name.ts';
import {
  validatePartitionCount,
  validatePartitionIncrease,
  validateReplicationFactor,
} from '../../../lib/core/topic/partition-count.ts';
import * as fc from 'fast-check';
import { limits } from '../../../lib/std/limits.ts';

test.each([
  ['', 'expected 1 to 249 characters, got another number length=0'],
  ['x'.repeat(250), 'expected 1 to 249 characters, got another number length=250'],
  ['..', 'expected a name other than . and .., got one of them name=..'],
  [
    'a\u{1F600}b',
    'expected letters, digits, dots, underscores and hyphens, got another ' +
      'character="\u{1F600}" name="a\u{1F600}b"',
  ],
])('the name %j is refused with what came', (name, message) => {
  expect(validateTopicName(name)).toEqual({ error: 'INVALID_TOPIC_EXCEPTION', message });
});

test('names collide exactly when they differ in dots and underscores at most', () => {
  const part = fc.stringMatching(/^[a-z-]{0,3}$/);
  const mark = fc.constantFrom('.', '_');
  fc.assert(
    fc.property(part, mark, part, mark, part, (first, one, second, other, third) => {
      const name = `${first}${one}${second}`;
      expect(collisionKey(name)).toBe(collisionKey(`${first}${other}${second}`));
      expect(collisionKey(name) === collisionKey(`${first}${one}${third}`)).toBe(second === third);
    }),
  );
});

test('partitions: -1 or 1 to the most there may be', () => {
  const max = limits.partitionsMax;
  for (const count of [-1, 1, max]) expect(validatePartitionCount(count)).toBeUndefined();
  for (const count of [-2, 0, 1.5, NaN, max + 1]) {
    expect(validatePartitionCount(count)?.error).toBe('INVALID_PARTITIONS');
  }
  expect(validatePartitionCount(0)?.message).toBe(
    'expected 1 to 1000 partitions, or -1, got another count=0',
  );
});

test('partitions only ever grow', () => {
  const max = limits.partitionsMax;
  expect(validatePartitionIncrease(2, 3)).toBeUndefined();
  expect(validatePartitionIncrease(2, max)).toBeUndefined();
  for (const count of [-1, 1, 2, 2.5, max + 1]) {
    expect(validatePartitionIncrease(2, count)?.error).toBe('INVALID_PARTITIONS');
  }
  expect(validatePartitionIncrease(2, 1)?.message).toBe(
    'expected more partitions than there are and at most 1000, got another number ' +
      'current=2 count=1',
  );
});

test('a replication factor is any that Kafka could have, or its default', () => {
  for (const factor of [-1, 1, 3, 32_767])
    expect(validateReplicationFactor(factor)).toBeUndefined();
  for (const factor of [-2, 0, 1.5, 32_768]) {
    expect(validateReplicationFactor(factor)?.error).toBe('INVALID_REPLICATION_FACTOR');
  }
  expect(validateReplicationFactor(0)?.message).toBe(
    'expected a factor of 1 to 32767, or -1, got another factor=0',
  );
});
