import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { batchLayout, splitBatches } from '../../lib/protocol/record-batch-header.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import {
  codecs,
  maxInflatedBytes,
  plain,
  record,
  refusal,
  someRecords,
  withCrc,
} from './batches.ts';

const options = { maxBytes: 1 << 20, checkRecords: true };
const fromLog = { ...options, from: 'log' } as const;
const anyCodec = fc.constantFrom(...codecs);

/** Bytes that a stamp writes: base offset and leader epoch. */
const isStamp = (at: number): boolean =>
  at < batchLayout.batchLength ||
  (at >= batchLayout.partitionLeaderEpoch && at < batchLayout.magic);

test('what is encoded validates, and decodes to the same records', () => {
  fc.assert(
    fc.property(someRecords, anyCodec, fc.bigInt(0n, 2n ** 62n), (records, codec, baseOffset) => {
      const batch = encodeBatch(records, { codec, baseOffset });
      const decoded = decodeBatch(batch, { maxInflatedBytes });
      expect(decoded.header).toEqual(validateBatch(batch, options));
      expect(plain(decoded.records)).toEqual(plain(records));
      expect(decoded.records.map(({ offset }) => offset)).toEqual(
        records.map((_, i) => baseOffset + BigInt(i)),
      );
    }),
    { numRuns: 300 },
  );
});

test('batches in a row are split where they were joined', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someRecords, anyCodec), { maxLength: 4 }), (parts) => {
      const batches = parts.map(([records, codec]) => encodeBatch(records, { codec }));
      const sizes = splitBatches(Buffer.concat(batches)).map(({ sizeInBytes }) => sizeInBytes);
      expect(sizes).toEqual(batches.map(({ length }) => length));
    }),
    { numRuns: 50 },
  );
});

test.for(codecs)('no other value of any byte passes, but in the stamp: %s', (codec) => {
  const value = Buffer.from('value');
  const records = [record({ value }), record({ key: value, headers: [{ name: 'n', value }] })];
  const batch = encodeBatch(records, { codec });
  const passed = new Set<number>();
  for (let at = 0; at < batch.length; at++) {
    for (let flip = 1; flip < 256; flip += at < batchLayout.records ? 1 : 7) {
      const changed = Buffer.from(batch);
      changed[at] = (changed[at] as number) ^ flip;
      if (refusal(() => validateBatch(changed, options)) === 'accepted') {
        passed.add(at);
        expect(plain(decodeBatch(changed, { maxInflatedBytes }).records)).toEqual(plain(records));
      }
    }
  }
  expect([...passed]).toEqual(
    Array.from({ length: batch.length }, (_, at) => at).filter((at) => isStamp(at)),
  );
});

test('random bytes are refused with a Kafka error, and by nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, framed) => {
      const batch = Buffer.from(bytes);
      if (framed && batch.length >= batchLayout.records) {
        batch.writeInt32BE(batch.length - 12, batchLayout.batchLength);
        batch[batchLayout.magic] = 2;
        withCrc(batch);
      }
      // `refusal` throws what is no Kafka error.
      const logged = refusal(() => validateBatch(batch, fromLog));
      const read = refusal(() => decodeBatch(batch, { maxInflatedBytes }));
      const split = refusal(() => splitBatches(batch));
      if (logged === 'accepted') expect([read, split]).toEqual(['accepted', 'accepted']);
      const accepted = [logged, read, split].includes('accepted');
      expect(accepted && !framed && batch.length > 0).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });

test('mutated batches under a right checksum are refused, or read the same by all', () => {
  fc.assert(
    fc.property(
      someRecords,
      anyCodec,
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: -8, max: 8 }),
      (records, codec, edits, cut) => {
        const whole = encodeBatch(records, { codec });
        const batch = Buffer.concat([whole, Buffer.alloc(Math.max(0, cut))]).subarray(
          0,
          whole.length + cut,
        );
        for (const { at, byte } of edits) {
          const span = batch.length - batchLayout.attributes;
          batch[batchLayout.attributes + Math.min(span - 1, Math.floor(at * span))] = byte;
        }
        batch.writeInt32BE(batch.length - 12, batchLayout.batchLength);
        withCrc(batch);
        const produced = refusal(() => validateBatch(batch, options));
        const logged = refusal(() => validateBatch(batch, fromLog));
        const read = refusal(() => decodeBatch(batch, { maxInflatedBytes }));
        if (produced === 'accepted') expect(logged).toBe('accepted');
        if (logged !== 'accepted') return;
        expect(read).toBe('accepted');
        const decoded = decodeBatch(batch, { maxInflatedBytes });
        expect(decoded.records.length).toBe(decoded.header.recordCount);
        const again = encodeBatch(decoded.records, { codec: 'none' });
        expect(plain(decodeBatch(again, { maxInflatedBytes }).records)).toEqual(
          plain(decoded.records),
        );
      },
    ),
    { numRuns: 1_500 },
  );
});
