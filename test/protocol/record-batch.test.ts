import { describe, expect, test } from 'vitest';

import { crc32c } from '../../lib/protocol/crc32c.ts';
import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import {
  batchLayout,
  readBatchHeader,
  splitBatches,
} from '../../lib/protocol/record-batch-header.ts';
import {
  rewriteAsLogAppendTime,
  rewriteMaxTimestamp,
  stampBatch,
} from '../../lib/protocol/record-batch-stamp.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import type { ValidateOptions } from '../../lib/protocol/record-batch-validate.ts';
import { maxInflatedBytes, plain, record, refusal, withCrc } from './batches.ts';

const options: ValidateOptions = { maxBytes: 10_000, checkRecords: true };
const fromLog: ValidateOptions = { ...options, from: 'log' };
const text = (bytes: string): Buffer => Buffer.from(bytes);

const records = [
  record({ key: text('k'), value: text('v'), headers: [{ name: 'h', value: text('x') }] }),
  record({ value: text(''), timestamp: 1_700_000_000_007n }),
  record({ key: text(''), headers: [{ name: 'n', value: null }], timestamp: 1_699_999_999_999n }),
];

function sample(): Buffer {
  return encodeBatch(records, {
    codec: 'none',
    producerId: 9n,
    producerEpoch: 3,
    baseSequence: 5,
    transactional: true,
    baseOffset: 42n,
    partitionLeaderEpoch: 6,
  });
}

describe('a header', () => {
  test('says what was encoded', () => {
    const batch = sample();
    expect(readBatchHeader(batch)).toEqual({
      baseOffset: 42n,
      batchLength: batch.length - 12,
      partitionLeaderEpoch: 6,
      magic: 2,
      crc: crc32c(batch.subarray(21)),
      attributes: 0x10,
      lastOffsetDelta: 2,
      baseTimestamp: 1_700_000_000_000n,
      maxTimestamp: 1_700_000_000_007n,
      producerId: 9n,
      producerEpoch: 3,
      baseSequence: 5,
      recordCount: 3,
      sizeInBytes: batch.length,
      codec: 'none',
      timestampType: 'create',
      transactional: true,
      control: false,
      deleteHorizon: undefined,
    });
  });

  test('is that of a plain producer unless it is told otherwise', () => {
    expect(readBatchHeader(encodeBatch([record()], { codec: 'gzip' }))).toMatchObject({
      baseOffset: 0n,
      partitionLeaderEpoch: -1,
      attributes: 1,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      codec: 'gzip',
    });
  });

  test('is read without its records, and at any place', () => {
    const batch = sample();
    const header = readBatchHeader(batch.subarray(0, 61));
    expect(readBatchHeader(Buffer.concat([Buffer.alloc(7), batch]), 7)).toEqual(header);
    expect(refusal(() => readBatchHeader(batch.subarray(0, 60)))).toBe('CORRUPT_MESSAGE');
    expect(refusal(() => readBatchHeader(batch, 1_000))).toBe('CORRUPT_MESSAGE');
  });

  test.for([
    [0, 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
    [1, 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
    [3, 'CORRUPT_MESSAGE'],
    [255, 'CORRUPT_MESSAGE'],
  ] as const)('of format %i is refused as %s', ([magic, error]) => {
    const batch = sample();
    batch[batchLayout.magic] = magic;
    expect(refusal(() => readBatchHeader(batch))).toBe(error);
  });

  test('of an old format is refused so, though it is shorter than a header of format 2', () => {
    expect(refusal(() => readBatchHeader(Buffer.alloc(34)))).toBe('UNSUPPORTED_FOR_MESSAGE_FORMAT');
  });

  test('with a negative count, offsets beyond int64 or an unknown codec is refused', () => {
    const negative = sample();
    negative.writeInt32BE(-1, batchLayout.recordCount);
    expect(refusal(() => readBatchHeader(negative))).toBe('INVALID_RECORD');
    const backwards = sample();
    backwards.writeInt32BE(-1, batchLayout.lastOffsetDelta);
    expect(refusal(() => readBatchHeader(backwards))).toBe('INVALID_RECORD');
    const last = sample();
    last.writeBigInt64BE(2n ** 63n - 3n, batchLayout.baseOffset);
    expect(readBatchHeader(last).baseOffset).toBe(2n ** 63n - 3n);
    const far = sample();
    far.writeBigInt64BE(2n ** 63n - 2n, batchLayout.baseOffset);
    expect(refusal(() => readBatchHeader(far))).toBe('INVALID_RECORD');
    const codec = sample();
    codec.writeInt16BE(5, batchLayout.attributes);
    expect(refusal(() => readBatchHeader(codec))).toBe('UNSUPPORTED_COMPRESSION_TYPE');
  });
});

test('records come back with their offsets', () => {
  const decoded = decodeBatch(sample(), { maxInflatedBytes });
  expect(plain(decoded.records)).toEqual(plain(records));
  expect(decoded.records.map(({ offset }) => offset)).toEqual([42n, 43n, 44n]);
});

test('a stamp changes offset and leader epoch, and the batch stays valid', () => {
  const target = Buffer.concat([Buffer.alloc(3), sample()]);
  stampBatch(target, 3, 1_000n, 17);
  const batch = target.subarray(3);
  const header = validateBatch(batch, options);
  expect(header).toMatchObject({ baseOffset: 1_000n, partitionLeaderEpoch: 17 });
  expect(header).toEqual({
    ...readBatchHeader(sample()),
    baseOffset: 1_000n,
    partitionLeaderEpoch: 17,
  });
});

test('under log-append time all records carry the time of the append', () => {
  const before = sample();
  const batch = rewriteAsLogAppendTime(before, 1_800_000_000_000n);
  expect(before).toEqual(sample());
  const header = validateBatch(batch, fromLog);
  expect(header).toMatchObject({
    timestampType: 'log-append',
    maxTimestamp: 1_800_000_000_000n,
    transactional: true,
  });
  const decoded = decodeBatch(batch, { maxInflatedBytes });
  expect(plain(decoded.records)).toEqual(
    plain(records).map((one) => ({ ...one, timestamp: 1_800_000_000_000n })),
  );
  expect(refusal(() => validateBatch(batch, options))).toBe('INVALID_TIMESTAMP');
  const negative = rewriteAsLogAppendTime(before, -2n);
  expect(refusal(() => validateBatch(negative, fromLog))).toBe('INVALID_TIMESTAMP');
});

test('under log-append time it does not matter what the producer wrote', () => {
  const far = encodeBatch([record({ timestamp: 0n }), record({ timestamp: 5n })], {
    codec: 'none',
  });
  far.writeBigInt64BE(2n ** 63n - 1n, batchLayout.baseTimestamp);
  const batch = rewriteAsLogAppendTime(far, 7n);
  expect(refusal(() => validateBatch(batch, fromLog))).toBe('accepted');
  const { records: read } = decodeBatch(batch, { maxInflatedBytes });
  expect(read.map(({ timestamp }) => timestamp)).toEqual([7n, 7n]);
});

test('a wrong max timestamp is refused, and mended on request', () => {
  const wrong = sample();
  wrong.writeBigInt64BE(1_700_000_000_006n, batchLayout.maxTimestamp);
  withCrc(wrong);
  expect(refusal(() => validateBatch(wrong, options))).toBe('INVALID_TIMESTAMP');
  expect(refusal(() => validateBatch(wrong, fromLog))).toBe('INVALID_TIMESTAMP');
  expect(rewriteMaxTimestamp(wrong, { maxInflatedBytes })).toEqual(sample());
});

test('batches in a row are told apart', () => {
  const other = encodeBatch([record()], { codec: 'zstd' });
  const headers = splitBatches(Buffer.concat([sample(), other, sample()]));
  expect(headers.map(({ sizeInBytes }) => sizeInBytes)).toEqual([
    sample().length,
    other.length,
    sample().length,
  ]);
  expect(splitBatches(Buffer.alloc(0))).toEqual([]);
  const short = Buffer.concat([sample(), other]).subarray(0, -1);
  expect(refusal(() => splitBatches(short))).toBe('CORRUPT_MESSAGE');
  expect(() => splitBatches(short)).toThrow(
    `at=${sample().length} want=${other.length} have=${other.length - 1}`,
  );
});

describe('what compaction leaves', () => {
  const gaps = encodeBatch(records, {
    codec: 'lz4',
    offsetDeltas: [1, 4, 5],
    lastOffsetDelta: 8,
    baseOffset: 100n,
  });
  const empty = encodeBatch([], { codec: 'none', lastOffsetDelta: 4, baseOffset: 7n });

  test('decodes at the offsets it was left at', () => {
    const { header, records: left } = decodeBatch(gaps, { maxInflatedBytes });
    expect(left.map(({ offset }) => offset)).toEqual([101n, 104n, 105n]);
    expect(header.lastOffsetDelta).toBe(8);
    expect(validateBatch(gaps, fromLog)).toEqual(header);
  });

  test('may have no record at all', () => {
    const { header, records: left } = decodeBatch(empty, { maxInflatedBytes });
    expect(left).toEqual([]);
    expect(header).toMatchObject({ baseOffset: 7n, lastOffsetDelta: 4, recordCount: 0 });
    expect(validateBatch(empty, fromLog)).toEqual(header);
    expect(rewriteMaxTimestamp(empty, { maxInflatedBytes })).toEqual(empty);
  });

  test('without a record is a header alone, whatever its codec was', () => {
    const left = encodeBatch([], { codec: 'gzip', offsetDeltas: [] });
    expect(left).toEqual(encodeBatch([], { codec: 'none' }));
    expect(left.length).toBe(61);
    expect(readBatchHeader(left)).toMatchObject({ codec: 'none', lastOffsetDelta: 0 });
  });

  test('is not to be produced', () => {
    expect(refusal(() => validateBatch(gaps, options))).toBe('INVALID_RECORD');
    expect(refusal(() => validateBatch(empty, options))).toBe('INVALID_RECORD');
  });
});

test('timestamps may be none, and the last there is', () => {
  const none = encodeBatch([record({ timestamp: -1n }), record({ timestamp: -1n })], {
    codec: 'none',
  });
  expect(validateBatch(none, options)).toMatchObject({ baseTimestamp: -1n, maxTimestamp: -1n });
  const far = encodeBatch([record({ timestamp: -1n }), record({ timestamp: 2n ** 63n - 2n })], {
    codec: 'none',
  });
  expect(validateBatch(far, options).maxTimestamp).toBe(2n ** 63n - 2n);
  for (const timestamp of [-2n, 2n ** 63n - 1n]) {
    expect(() => encodeBatch([record({ timestamp })], { codec: 'none' })).toThrow('out of range');
  }
});
