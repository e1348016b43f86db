import { describe, expect, test } from 'vitest';
import { batchLayout } from '../../lib/protocol/record-batch-header.ts';
import { crc32c } from '../../lib/protocol/crc32c.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { kafkaJsBatch } from '../protocol/kafkajs.ts';
import { api, binaryRecords, offsetsOf, uniqueName } from './api.ts';

const door = api();

const record = (value: string | Buffer, timestamp = 1_000n) => ({
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers: [{ name: 'h', value: Buffer.from([0]) }],
  timestamp,
});

/** The batch with something changed, and a CRC that fits again. */
function changed(batch: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(batch);
  change(copy);
  copy.writeUInt32BE(crc32c(copy.subarray(batchLayout.attributes)), batchLayout.crc);
  return copy;
}

describe('raw batches', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('with %s', async (codec) => {
    const topic = await door.topic();
    const values = Array.from({ length: 20 }, (_, index) => `value ${index} ${'x'.repeat(50)}`);
    const batch = encodeBatch(
      values.map((value, index) => record(value, BigInt(1_000 + index))),
      { codec },
    );
    for (const base of [0, 20]) {
      const answer = await door.raw(topic, batch);
      expect(offsetsOf(answer)).toEqual([{ partition: 0, offset: base }]);
      expect(answer.json).toMatchObject({ offsets: [{ count: 20 }] });
    }
    const read = await door.read(topic, 'offset=17', 0, binaryRecords);
    expect(read.json).toHaveLength(23);
    expect(read.json).toMatchObject(
      Array.from({ length: 23 }, (_, index) => ({
        offset: 17 + index,
        timestamp: 1_000 + ((17 + index) % 20),
        key: 'aw==',
        value: Buffer.from(values[(17 + index) % 20] ?? '').toString('base64'),
        headers: [{ name: 'h', value: 'AA==' }],
      })),
    );
  });

  test.each([0, 1])('of kafkajs, compression %i', async (compression) => {
    const topic = await door.topic();
    const messages = ['a', 'b'].map((text) => ({
      key: null,
      value: Buffer.from(text),
      headers: { name: Buffer.from('é') },
      timestamp: 5_000,
    }));
    const batch = await kafkaJsBatch(messages, { compression });
    expect(offsetsOf(await door.raw(topic, batch))).toEqual([{ partition: 0, offset: 0 }]);
    const read = await door.read(topic, 'offset=0', 0, binaryRecords);
    const common = { key: null, timestamp: 5_000, headers: [{ name: 'name', value: 'w6k=' }] };
    expect(read.json).toMatchObject([
      { ...common, offset: 0, value: 'YQ==' },
      { ...common, offset: 1, value: 'Yg==' },
    ]);
  });

  test('LogAppendTime overrules their timestamps', async () => {
    const topic = await door.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    offsetsOf(await door.raw(topic, encodeBatch([record('a')], { codec: 'gzip' })));
    const [first] = (await door.read(topic)).json as { timestamp: number }[];
    expect(first?.timestamp).toBeGreaterThan(1_000_000_000_000);
  });
});

describe('raw batches that are refused leave nothing', () => {
  const good = encodeBatch([record('a'), record('b')], { codec: 'none' });
  const badCrc = Buffer.from(good);
  badCrc.writeUInt32BE(1, batchLayout.crc);
  const wrong: readonly (readonly [string, Buffer, number])[] = [
    ['no bytes', Buffer.alloc(0), 422],
    ['half a header', good.subarray(0, 30), 422],
    ['half a batch', good.subarray(0, good.length - 1), 422],
    ['two batches', Buffer.concat([good, good]), 422],
    ['noise', Buffer.alloc(200, 7), 422],
    ['a bad CRC', badCrc, 422],
    ['an old format', changed(good, (copy) => copy.writeInt8(1, batchLayout.magic)), 422],
    ['no records', encodeBatch([], { codec: 'none' }), 422],
    [
      'more records than it has',
      changed(good, (copy) => {
        copy.writeInt32BE(3, batchLayout.recordCount);
        copy.writeInt32BE(2, batchLayout.lastOffsetDelta);
      }),
      422,
    ],
    [
      'fewer records than it has',
      changed(good, (copy) => {
        copy.writeInt32BE(1, batchLayout.recordCount);
        copy.writeInt32BE(0, batchLayout.lastOffsetDelta);
      }),
      422,
    ],
    [
      'two thousand million records',
      changed(good, (copy) => {
        copy.writeInt32BE(2_000_000_000, batchLayout.recordCount);
        copy.writeInt32BE(1_999_999_999, batchLayout.lastOffsetDelta);
      }),
      413,
    ],
    [
      'a negative count',
      changed(good, (copy) => copy.writeInt32BE(-1, batchLayout.recordCount)),
      422,
    ],
    [
      'a delta that does not fit',
      changed(good, (copy) => copy.writeInt32BE(7, batchLayout.lastOffsetDelta)),
      422,
    ],
    [
      'an unknown codec',
      changed(good, (copy) => copy.writeInt16BE(7, batchLayout.attributes)),
      422,
    ],
    [
      'gzip that is none',
      changed(good, (copy) => copy.writeInt16BE(1, batchLayout.attributes)),
      422,
    ],
    ['control records', encodeBatch([record('a')], { codec: 'none', control: true }), 422],
    [
      'a transaction',
      encodeBatch([record('a')], {
        codec: 'none',
        transactional: true,
        producerId: 1n,
        producerEpoch: 0,
        baseSequence: 0,
      }),
      40_903,
    ],
    [
      'a timestamp in the far future',
      encodeBatch([record('a', 9_000_000_000_000_000n)], { codec: 'none' }),
      422,
    ],
    ['a bomb', encodeBatch([record(Buffer.alloc(40 * 1024 * 1024))], { codec: 'gzip' }), 413],
  ];

  test.each(wrong)('%s', async (_name, batch, errorCode) => {
    const topic = await door.topic();
    expect(await door.raw(topic, batch)).toBeError(errorCode);
    expect(await door.endOffset(topic)).toBe(0);
  });

  test('too large for the topic', async () => {
    const topic = await door.topic(1, { 'max.message.bytes': 1_000 });
    const batch = encodeBatch([record('x'.repeat(2_000))], { codec: 'none' });
    expect(await door.raw(topic, batch)).toBeError(413, /1000/);
    expect(await door.endOffset(topic)).toBe(0);
  });

  test('to what is not there', async () => {
    const topic = await door.topic();
    expect(await door.raw(topic, good, 1)).toBeError(40_402);
    expect(await door.raw(uniqueName(), good)).toBeError(40_401);
  });
});
