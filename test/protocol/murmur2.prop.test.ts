import { createRequire } from 'node:module';

import { compatibilityPartitioner, murmur2 as platformatic } from '@platformatic/kafka';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';

import { murmur2, partitionForKey } from '../../lib/protocol/murmur2.ts';

const kafkajs: (key: Buffer) => number = createRequire(import.meta.url)(
  'kafkajs/src/producer/partitioners/default/murmur2.js',
);

const key = fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes));

test('is the murmur2 of kafkajs and of @platformatic/kafka, signed', () => {
  fc.assert(
    fc.property(key, (bytes) => {
      expect(murmur2(bytes)).toBe(kafkajs(bytes));
      expect(murmur2(bytes)).toBe(platformatic(bytes));
    }),
    { numRuns: 500 },
  );
});

test('a key goes where the default partitioner of kafkajs sends it', () => {
  const partitioner = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 1000 }), (bytes, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 0,
        replicas: [],
        isr: [],
      }));
      const message = { key: bytes, value: null };
      expect(partitionForKey(bytes, partitions)).toBe(
        partitioner({ topic: 't', partitionMetadata, message }),
      );
    }),
    { numRuns: 100 },
  );
});

// Their default one takes the hash as unsigned instead, and agrees with Java's only by accident.
test('a key goes where the compatible partitioner of @platformatic/kafka sends it', () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 1000 }), (bytes, partitions) => {
      const message = { topic: 't', key: bytes, value: bytes };
      const hash = compatibilityPartitioner(message, bytes);
      expect(partitionForKey(bytes, partitions)).toBe(hash % partitions);
    }),
    { numRuns: 200 },
  );
});
