import * as fc from 'fast-check';
import { byTopic } from '../../lib/core/instance/instance.ts';
import type { Instance, Next, Position, Reads } from '../../lib/core/instance/instance.ts';
import type { InstanceConfig } from '../../lib/core/instance/config.ts';
import { numbers, offsets, record, safe } from './arbitraries.ts';
import { topicNames } from './json-arbitraries.ts';

/* A consumer instance, as it typically is, and as it may be. */

export const positionAt = (partition: number): Position => ({
  topic: 'orders.v1',
  partition,
  grantedIn: 9,
  next: 9_165_000n + BigInt(partition),
  committed: 9_164_000n,
  unacknowledged: undefined,
});

export const sampleInstance: Instance = {
  group: 'billing',
  name: 'gauge-1',
  config: {
    format: 'json',
    reset: 'earliest',
    autoCommit: true,
    autoCommitIntervalMs: 5_000,
    minBytes: 1,
    pollMs: 1_000,
    timeoutMs: 300_000,
  },
  touchedMs: 1_790_000_000_000,
  reads: { kind: 'topics', topics: ['orders.v1'] },
  member: { id: 'gauge-1-00112233445566778899', epoch: 12 },
  partitions: [
    positionAt(0),
    { ...positionAt(1), unacknowledged: 9_164_500n },
    { ...positionAt(5), next: 'reset', committed: undefined },
    { ...positionAt(6), next: 'committed', committed: undefined },
    { ...positionAt(7), topic: 'rivers', next: 0n },
  ],
  turn: 3,
  pollId: 17,
  autoCommitMs: 1_790_000_000_000,
  closing: false,
  by: '00112233445566778899',
  version: 123_456_789_012_345,
};

export const assignedInstance: Instance = {
  ...sampleInstance,
  config: { ...sampleInstance.config, format: 'binary', reset: 'latest', autoCommit: false },
  reads: { kind: 'assigned' },
  member: undefined,
  partitions: [{ ...positionAt(3), grantedIn: 0 }],
  closing: true,
};

const plainNames = fc.stringMatching(/^[A-Za-z0-9._-]{1,249}$/);
const optionalOffsets: fc.Arbitrary<bigint | undefined> = fc.option(offsets, { nil: undefined });
const nexts: fc.Arbitrary<Next> = fc.oneof(offsets, fc.constantFrom('committed', 'reset' as const));

const reads: fc.Arbitrary<Reads> = fc.oneof(
  fc.constantFrom({ kind: 'nothing' as const }, { kind: 'assigned' as const }),
  fc.array(topicNames, { maxLength: 5 }).map((topics) => ({ kind: 'topics' as const, topics })),
  fc.string({ unit: 'grapheme' }).map((pattern) => ({ kind: 'pattern' as const, pattern })),
);

const positions = fc
  .uniqueArray(
    record<Position>({
      topic: topicNames,
      partition: numbers(2 ** 31 - 1),
      grantedIn: safe,
      next: nexts,
      committed: optionalOffsets,
      unacknowledged: optionalOffsets,
    }),
    { maxLength: 20, selector: ({ topic, partition }) => `${topic}/${partition}` },
  )
  .map((all) => all.toSorted(byTopic));

export const instances: fc.Arbitrary<Instance> = record<Instance>({
  group: plainNames,
  name: plainNames,
  config: record<InstanceConfig>({
    format: fc.constantFrom('binary', 'json'),
    reset: fc.constantFrom('earliest', 'latest', 'none'),
    autoCommit: fc.boolean(),
    autoCommitIntervalMs: safe,
    minBytes: safe,
    pollMs: safe,
    timeoutMs: safe,
  }),
  touchedMs: safe,
  reads,
  member: fc.option(record({ id: fc.string({ unit: 'grapheme' }), epoch: safe }), {
    nil: undefined,
  }),
  partitions: positions,
  turn: safe,
  pollId: safe,
  autoCommitMs: safe,
  closing: fc.boolean(),
  by: fc.string(),
  version: safe,
});
