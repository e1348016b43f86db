import * as fc from 'fast-check';
import type { KeyedRequest } from '../../lib/core/keyed/keyed.ts';
import type { Lease } from '../../lib/core/lease/lease-machine.ts';
import type { Due, GoneTopic, Topic } from '../../lib/core/topic/topic.ts';
import type { StageEpoch } from '../../lib/store/system.ts';
import {
  commandIds,
  hex,
  numbers,
  offsets,
  positions,
  record,
  safe,
  stageEpochs,
  topicIds,
} from './arbitraries.ts';

/* Arbitraries for the records whose bodies are JSON. */

export const topicNames = fc.stringMatching(/^[A-Za-z0-9._-]{1,249}$/);

export const topics: fc.Arbitrary<Topic> = record({
  name: topicNames,
  id: topicIds,
  partitions: numbers(1_000, 1),
  configs: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string(), { noNullPrototype: true }),
  deleting: fc.boolean(),
  version: safe,
});

export const goneTopics: fc.Arbitrary<GoneTopic> = record({
  id: topicIds,
  name: topicNames,
  partitions: numbers(1_000, 1),
  version: safe,
});

export const dueTimes = numbers(9_999_999_999_998);
export const dues: fc.Arbitrary<Due> = record({
  dueMs: dueTimes,
  what: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  version: safe,
});

/** Any characters, half surrogates too. */
export const idempotencyKeys = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 256 }),
  fc.string({ unit: fc.constantFrom('=', '%', '#', 'é', '\ud800', '\udc00', 'a'), maxLength: 256 }),
);

export const keyedRequests: fc.Arbitrary<KeyedRequest> = record({
  scope: topicIds,
  key: idempotencyKeys,
  bodyHash: hex(32),
  partitionCount: numbers(1_000, 1),
  sticky: fc.boolean(),
  atMs: safe,
  parts: fc.array(record({ partition: numbers(999), command: commandIds, walk: positions }), {
    maxLength: 5,
  }),
  offsets: fc.option(fc.array(fc.option(offsets, { nil: undefined }), { minLength: 5 }), {
    nil: undefined,
  }),
  version: safe,
}).map(({ sticky, offsets: decided, ...keyed }) => ({
  ...keyed,
  sticky: sticky ? keyed.partitionCount - 1 : -1,
  offsets: decided?.slice(0, keyed.parts.length),
}));

export const leases: fc.Arbitrary<Lease> = record({
  name: fc.string({ minLength: 1, maxLength: 100 }),
  owner: fc.string(),
  address: fc.string({ unit: 'grapheme' }),
  epoch: safe,
  durationMs: numbers(15_000),
  version: safe,
});

export const stageEpochItems: fc.Arbitrary<StageEpoch> = record({
  epoch: stageEpochs,
  version: safe,
});

export const clusters = record({ clusterId: topicIds, featureLevel: safe, version: safe });
