import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeControlRecord, encodeControlBatch } from '../../lib/protocol/control-batch.ts';
import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import { maxInflatedBytes, refusal } from './batches.ts';

const fields = fc.record({
  outcome: fc.constantFrom('commit', 'abort'),
  coordinatorEpoch: fc.nat(2 ** 31 - 1),
  producerId: fc.bigInt(0n, 2n ** 63n - 1n),
  producerEpoch: fc.nat(32_767),
  timestamp: fc.bigInt(-1n, 2n ** 53n),
});

test('a marker comes back, in a transactional control batch of one record', () => {
  fc.assert(
    fc.property(fields, (marker) => {
      const batch = encodeControlBatch(marker);
      const { header, records } = decodeBatch(batch, { maxInflatedBytes });
      expect(header).toMatchObject({
        control: true,
        transactional: true,
        recordCount: 1,
        lastOffsetDelta: 0,
        baseSequence: -1,
        producerId: marker.producerId,
        producerEpoch: marker.producerEpoch,
        maxTimestamp: marker.timestamp,
      });
      expect(records.map((record) => decodeControlRecord(record))).toEqual([
        { outcome: marker.outcome, coordinatorEpoch: marker.coordinatorEpoch },
      ]);
      expect(encodeControlBatch(marker)).toEqual(batch);
      const options = { maxBytes: 1_000, checkRecords: true };
      expect(validateBatch(batch, { ...options, from: 'log' })).toEqual(header);
      expect(refusal(() => validateBatch(batch, options))).toBe('INVALID_RECORD');
    }),
  );
});

const value = Buffer.from([0, 0, 0, 0, 0, 9]);

test('later versions may add fields', () => {
  const key = Buffer.from([0, 1, 0, 1, 77]);
  const longer = Buffer.from([0, 1, 0, 0, 0, 9, 77]);
  expect(decodeControlRecord({ key, value: longer })).toEqual({
    outcome: 'commit',
    coordinatorEpoch: 9,
  });
});

test('types that end no transaction are passed over', () => {
  expect(decodeControlRecord({ key: Buffer.from([0, 0, 0, 2]), value: null })).toBeUndefined();
});

test.for([
  ['without a key', null, value],
  ['with half a key', Buffer.from([0, 0, 0]), value],
  ['of a negative version', Buffer.from([255, 255, 0, 1]), value],
  ['without a value', Buffer.from([0, 0, 0, 1]), null],
  ['with half a value', Buffer.from([0, 0, 0, 1]), value.subarray(1)],
  ['with a value of a negative version', Buffer.from([0, 0, 0, 1]), Buffer.alloc(6, 255)],
] as const)('a record %s is refused', ([, key, bytes]) => {
  expect(refusal(() => decodeControlRecord({ key, value: bytes }))).toBe('INVALID_RECORD');
});
