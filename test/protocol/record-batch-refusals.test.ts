import { gzipSync, zstdCompressSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import type { EncodeOptions } from '../../lib/protocol/record-batch-encode.ts';
import { batchLayout } from '../../lib/protocol/record-batch-header.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import { limits } from '../../lib/std/limits.ts';
import { claim, maxInflatedBytes, record, refusal, withCrc } from './batches.ts';

const validate = (batch: Buffer, maxBytes: number = limits.batchBytesMax) =>
  validateBatch(batch, { maxBytes, checkRecords: true });

/** A record of 7 bytes: all fields null, no headers. */
const tiny = (offsetDelta: number): number[] => [12, 0, 0, offsetDelta * 2, 1, 1, 0];

test('a batch made by hand is accepted, so that the refusals below have one reason each', () => {
  const timestamped = claim([...tiny(0), ...tiny(1)], { recordCount: 2 });
  expect(validate(timestamped)).toMatchObject({ recordCount: 2, lastOffsetDelta: 1 });
});

describe('a frame', () => {
  const batch = encodeBatch([record({ value: Buffer.alloc(20) })], { codec: 'none' });

  test('must not be larger than allowed', () => {
    expect(refusal(() => validate(batch, batch.length))).toBe('accepted');
    expect(() => validate(batch, batch.length - 1)).toThrow(
      `batch is too large: max=${batch.length - 1} bytes=${batch.length}`,
    );
    expect(refusal(() => validate(batch, batch.length - 1))).toBe('MESSAGE_TOO_LARGE');
  });

  test('must be whole, at every length', () => {
    for (let length = 0; length < batch.length; length++) {
      expect(refusal(() => validate(batch.subarray(0, length)))).toBe('CORRUPT_MESSAGE');
    }
  });

  test('must be the only one', () => {
    expect(() => validate(Buffer.concat([batch, batch]))).toThrow(
      `expected exactly one batch: trailing=${batch.length}`,
    );
    expect(refusal(() => validate(Buffer.concat([batch, batch])))).toBe('INVALID_RECORD');
  });

  test.for([-(2 ** 31), -1, 0, 48, 2 ** 31 - 1])('must not have length %i', (length) => {
    const wrong = Buffer.from(batch);
    wrong.writeInt32BE(length, batchLayout.batchLength);
    expect(refusal(() => validate(wrong))).toBe('CORRUPT_MESSAGE');
  });

  test('must pass its checksum, whether records are looked at or not', () => {
    const wrong = Buffer.from(batch);
    wrong[wrong.length - 3] = 1;
    expect(() => validate(wrong)).toThrow(/checksum: expected=[0-9a-f]{8} actual=[0-9a-f]{8}$/);
    const header = () => validateBatch(wrong, { maxBytes: 1_000, checkRecords: false });
    expect(refusal(header)).toBe('CORRUPT_MESSAGE');
    expect(refusal(() => decodeBatch(wrong, { maxInflatedBytes }))).toBe('CORRUPT_MESSAGE');
    wrong.writeUInt32BE(15, batchLayout.crc);
    expect(() => validate(wrong)).toThrow('checksum: expected=0000000f');
  });
});

describe('a producer', () => {
  const of = (fields: Partial<EncodeOptions>) =>
    encodeBatch([record()], { codec: 'none', ...fields });

  test.for([
    ['a control batch', of({ control: true }), 'INVALID_RECORD'],
    ['log-append time', of({ timestampType: 'log-append' }), 'INVALID_TIMESTAMP'],
    ['an id without a sequence', of({ producerId: 1n, producerEpoch: 0 }), 'INVALID_RECORD'],
    ['an id without an epoch', of({ producerId: 1n, baseSequence: 0 }), 'INVALID_RECORD'],
    ['the first id without a sequence', of({ producerId: 0n }), 'INVALID_RECORD'],
    ['a transaction without an id', of({ transactional: true }), 'INVALID_RECORD'],
    ['a last offset of another count', of({ lastOffsetDelta: 1 }), 'INVALID_RECORD'],
  ] as const)('may not send %s', ([, batch, error]) => {
    expect(refusal(() => validate(batch))).toBe(error);
    const log = () => validateBatch(batch, { maxBytes: 1_000, checkRecords: true, from: 'log' });
    expect(refusal(log)).toBe('accepted');
  });

  test('may have the first id, epoch and sequence', () => {
    const batch = of({ producerId: 0n, producerEpoch: 0, baseSequence: 0, transactional: true });
    expect(refusal(() => validate(batch))).toBe('accepted');
  });

  test('may set attribute bits that mean nothing, as with Kafka', () => {
    const batch = of({});
    batch.writeInt16BE(0x7f00, batchLayout.attributes);
    expect(refusal(() => validate(withCrc(batch)))).toBe('accepted');
  });
});

describe('records', () => {
  const far = (1n << 62n) - 1n;

  test.for([
    ['fewer than claimed', claim([...tiny(0)], { recordCount: 2 })],
    ['more than claimed', claim([...tiny(0), ...tiny(1)])],
    ['bytes after the last', claim([...tiny(0), 0])],
    ['a length beyond the batch', claim([14, ...tiny(0).slice(1)])],
    ['a length short of the fields', claim([10, ...tiny(0).slice(1)])],
    ['a length past the fields', claim([14, ...tiny(0).slice(1), 0])],
    [
      'a length that takes the next record in part',
      claim([14, ...tiny(0).slice(1), ...tiny(1)], { recordCount: 2 }),
    ],
    ['a negative length', claim([1, ...tiny(0).slice(1)])],
    ['a key beyond the record', claim([12, 0, 0, 0, 40, 1, 0])],
    [
      'a key that runs into the next record',
      claim([12, 0, 0, 0, 4, 1, 0, ...tiny(1)], { recordCount: 2 }),
    ],
    ['a key of length -2', claim([12, 0, 0, 0, 3, 1, 0])],
    ['a value of length 2^31-1', claim([20, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0])],
    ['a negative number of headers', claim([12, 0, 0, 0, 1, 1, 1])],
    ['2^31-1 headers', claim([20, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f])],
    ['a header without a name', claim([16, 0, 0, 0, 1, 1, 2, 1, 1])],
    ['a header beyond the record', claim([16, 0, 0, 0, 1, 1, 2, 60, 1])],
    ['a header value of length -2', claim([16, 0, 0, 0, 1, 1, 2, 0, 3])],
    [
      'a varint of 11 bytes',
      claim([32, 0, ...Array.from({ length: 10 }, () => 0x80), 0, 0, 1, 1, 0]),
    ],
    ['an offset twice', claim([...tiny(0), ...tiny(0)], { recordCount: 2 })],
    ['offsets that fall', claim([...tiny(1), ...tiny(0)], { recordCount: 2 })],
    ['an offset beyond the last', claim([...tiny(1)])],
    ['a negative offset', claim([12, 0, 0, 1, 1, 1, 0])],
  ] as const)('with %s are refused', ([, batch]) => {
    expect(refusal(() => validate(batch))).toBe('INVALID_RECORD');
    expect(refusal(() => decodeBatch(batch, { maxInflatedBytes }))).toBe('INVALID_RECORD');
    const log = () => validateBatch(batch, { maxBytes: 1_000, checkRecords: true, from: 'log' });
    expect(refusal(log)).toBe('INVALID_RECORD');
  });

  test('with timestamps beyond int64 or below -1 are refused', () => {
    const batch = encodeBatch([record({ timestamp: 0n }), record({ timestamp: 2n * far })], {
      codec: 'none',
    });
    batch.writeBigInt64BE(2n * far, batchLayout.baseTimestamp);
    withCrc(batch);
    expect(refusal(() => validate(batch))).toBe('INVALID_TIMESTAMP');
    expect(refusal(() => decodeBatch(batch, { maxInflatedBytes }))).toBe('INVALID_TIMESTAMP');
    batch.writeBigInt64BE(-2n, batchLayout.baseTimestamp);
    batch.writeBigInt64BE(2n * far - 2n, batchLayout.maxTimestamp);
    expect(() => validate(withCrc(batch))).toThrow('timestamp must be -1 or later: timestamp=-2');
  });

  test('with timestamps that are the first and last of int64 are read', () => {
    const two = encodeBatch([record({ timestamp: 1n }), record({ timestamp: 0n })], {
      codec: 'none',
    });
    const from = (base: bigint) => {
      two.writeBigInt64BE(base, batchLayout.baseTimestamp);
      two.writeBigInt64BE(base, batchLayout.maxTimestamp);
      return refusal(() => decodeBatch(withCrc(two), { maxInflatedBytes }));
    };
    expect(from(2n ** 63n - 1n)).toBe('accepted');
    expect(from(1n - 2n ** 63n)).toBe('accepted');
    expect(from(-(2n ** 63n))).toBe('INVALID_TIMESTAMP');
  });

  test('may be none, whatever codec they went through, but then there are no bytes', () => {
    const none = (payload: Buffer) => claim(payload, { recordCount: 1, codec: 1 });
    expect(refusal(() => validate(none(Buffer.alloc(0))))).toBe('CORRUPT_MESSAGE');
    for (const payload of [Buffer.alloc(0), gzipSync('')]) {
      const batch = none(payload);
      batch.writeInt32BE(0, batchLayout.recordCount);
      withCrc(batch);
      expect(decodeBatch(batch, { maxInflatedBytes }).records).toEqual([]);
    }
  });

  test('are not looked at unless asked for', () => {
    const batch = claim([...tiny(0), 0]);
    const header = () => validateBatch(batch, { maxBytes: 1_000, checkRecords: false });
    expect(refusal(header)).toBe('accepted');
  });
});

describe('a bomb', () => {
  const grown = (run: () => unknown): number => {
    const before = process.memoryUsage();
    run();
    const after = process.memoryUsage();
    return after.heapTotal + after.external - before.heapTotal - before.external;
  };

  test('of 2^31-1 records in 100 bytes is refused before anything is made of it', () => {
    const batch = claim(Buffer.alloc(39), { recordCount: 2 ** 31 - 1 });
    expect(batch.length).toBe(100);
    const run = () => refusal(() => decodeBatch(batch, { maxInflatedBytes }));
    expect(run()).toBe('MESSAGE_TOO_LARGE');
    expect(refusal(() => validate(batch))).toBe('MESSAGE_TOO_LARGE');
    expect(grown(run)).toBeLessThan(1 << 24);
  });

  test('of the most records allowed in 100 bytes is refused, too', () => {
    const batch = claim(Buffer.alloc(39), { recordCount: limits.batchRecordsMax });
    const run = () => refusal(() => decodeBatch(batch, { maxInflatedBytes }));
    expect(run()).toBe('INVALID_RECORD');
    expect(() => validate(batch)).toThrow(/no room for its records: .* room=5$/);
    expect(grown(run)).toBeLessThan(1 << 24);
  });

  test.for([
    ['gzip', 1, gzipSync(Buffer.alloc(1 << 26))],
    ['zstd', 4, zstdCompressSync(Buffer.alloc(1 << 26))],
  ] as const)('of 64 MiB in %s is refused at the bound', ([, codec, payload]) => {
    const batch = claim(payload, { codec });
    expect(refusal(() => validate(batch))).toBe('MESSAGE_TOO_LARGE');
    expect(refusal(() => decodeBatch(batch, { maxInflatedBytes }))).toBe('MESSAGE_TOO_LARGE');
  });

  test('of headers is refused, by record and by batch', () => {
    const headers = Array.from({ length: limits.headersPerRecordMax }, () => ({
      name: '',
      value: null,
    }));
    const most = record({ headers });
    const bound = limits.batchRecordsMax / limits.headersPerRecordMax;
    const encode = (count: number) =>
      encodeBatch(
        Array.from({ length: count }, () => most),
        { codec: 'none' },
      );
    expect(refusal(() => validate(encode(bound)))).toBe('accepted');
    expect(refusal(() => validate(encode(bound + 1)))).toBe('INVALID_RECORD');
    const one = record({ headers: [...headers, { name: '', value: null }] });
    expect(refusal(() => validate(encodeBatch([one], { codec: 'none' })))).toBe('INVALID_RECORD');
  });

  test('that does not unfold at all is corrupt', () => {
    for (const codec of [1, 2, 3, 4]) {
      const batch = claim([1, 2, 3, 4, 5, 6, 7, 8, 9], { codec });
      expect(refusal(() => validate(batch))).toBe('CORRUPT_MESSAGE');
    }
  });
});
