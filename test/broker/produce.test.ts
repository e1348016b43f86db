import { describe, expect, test } from 'vitest';
import { partitionForKey } from '../../lib/protocol/murmur2.ts';
import { readBatchHeader } from '../../lib/protocol/record-batch-header.ts';
import { recordsOf } from '../../lib/broker/records.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import {
  errorOf,
  errorsOf,
  offsetsOf,
  put,
  readAll,
  record,
  startBroker,
  valuesOf,
} from './setup.ts';

const whole = { topic: 't', partition: 0, offset: 0n, minBytes: 0, maxWaitMs: 0, maxBytes: 4e6 };

async function started(configs: Record<string, string> = {}, partitions = 1) {
  const all = startBroker();
  await all.broker.createTopic({ name: 't', partitions, configs });
  return all;
}

const produce = (broker: Broker, ...records: ReturnType<typeof record>[]) =>
  broker.produce({ topic: 't', records });

test('partitions are those named, those of the keys, and one for all the rest', async () => {
  const { broker } = await started({}, 7);
  const keys = ['a', 'b', 'c', 'd'].map((key) => Buffer.from(key));
  const results = await produce(
    broker,
    ...keys.map((key) => record('v', { key })),
    record('v', { partition: 6, key: Buffer.from('a') }),
    record('v'),
    record('v'),
  );
  const partitions = results.map(({ partition }) => partition);
  expect(partitions.slice(0, 4)).toEqual(keys.map((key) => partitionForKey(key, 7)));
  expect(partitions[4]).toBe(6);
  expect(partitions[5]).toBe(partitions[6]);
  expect(await produce(broker, record('v'))).toMatchObject([{ partition: partitions[5] }]);
});

test('keys, values and headers come back as they were: null, empty, repeated', async () => {
  const { broker } = await started();
  const headers = [
    { name: 'h', value: Buffer.from('1') },
    { name: 'h', value: null },
    { name: '', value: Buffer.alloc(0) },
    { name: 'ä🙂', value: Buffer.from([0, 255]) },
  ];
  const sent = [
    record(null, { key: null }),
    record('', { key: Buffer.alloc(0), headers }),
    record(null, { key: Buffer.from('tombstone') }),
  ];
  await produce(broker, ...sent);
  const got = await readAll(broker, 't');
  const plain = ({ key, value, headers: h }: (typeof sent)[number]) => ({ key, value, headers: h });
  expect(got.map((one) => plain(one))).toEqual(sent.map((one) => plain(one)));
});

test('a topic that is not there, and no records at all', async () => {
  const { broker } = await started();
  const nowhere = broker.produce({ topic: 'no', records: [record('x')] });
  expect(await errorOf(nowhere)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await broker.produce({ topic: 't', records: [] })).toEqual([]);
});

describe('timestamps', () => {
  test('create time is kept, or the time of arrival', async () => {
    const { broker, clock } = await started();
    const timestamp = BigInt(clock.now() - 1_000);
    const [given, arrived] = await produce(broker, record('a', { timestamp }), record('b'));
    expect(given).toMatchObject({ timestamp });
    expect(arrived).toMatchObject({ timestamp: BigInt(clock.now()) });
    const times = (await readAll(broker, 't')).map((one) => one.timestamp);
    expect(times).toEqual([timestamp, BigInt(clock.now())]);
  });

  test('log-append time takes the place of any other', async () => {
    const { broker, clock } = await started({ 'message.timestamp.type': 'LogAppendTime' });
    const results = await produce(broker, record('a', { timestamp: 5n }), record('b'));
    const now = BigInt(clock.now());
    expect(results).toMatchObject([{ timestamp: now }, { timestamp: now }]);
    expect((await readAll(broker, 't')).map((one) => one.timestamp)).toEqual([now, now]);
    expect(readBatchHeader((await broker.fetch(whole)).batches[0] as Buffer).timestampType).toBe(
      'log-append',
    );
  });

  test('those out of bounds are refused, and their neighbours are not', async () => {
    const { broker, clock } = await started({
      'message.timestamp.before.max.ms': '1000',
      'message.timestamp.after.max.ms': '2000',
    });
    const at = (ms: number) => record(`${ms}`, { timestamp: BigInt(clock.now() + ms) });
    const results = await produce(broker, at(-1_001), at(-1_000), at(2_000), at(2_001), at(0));
    const wrong = 'INVALID_TIMESTAMP';
    expect(errorsOf(results)).toEqual([wrong, undefined, undefined, wrong, undefined]);
    expect(await valuesOf(broker, 't')).toEqual(['-1000', '2000', '0']);
    expect(results[4]).toMatchObject({ offset: 2n });
  });

  test('numbers that no batch can hold are refused', async () => {
    const { broker } = await started({
      'message.timestamp.after.max.ms': String(2n ** 63n - 1n),
    });
    const times = [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, -2n, 2n ** 63n - 2n];
    const records = times.map((timestamp) => record('x', { timestamp }));
    const wrong = 'INVALID_TIMESTAMP';
    const errors = errorsOf(await produce(broker, ...records));
    expect(errors).toEqual([wrong, wrong, wrong, wrong, undefined]);
  });
});

describe('sizes', () => {
  test('a record too large is refused beside others that are not', async () => {
    const { broker } = await started({ 'max.message.bytes': '500' });
    const results = await produce(broker, record('a'), record('x'.repeat(500)), record('b'));
    expect(errorsOf(results)).toEqual([undefined, 'MESSAGE_TOO_LARGE', undefined]);
    expect(await valuesOf(broker, 't')).toEqual(['a', 'b']);
  });

  test('a request becomes as many batches as the topic asks for, in order', async () => {
    const { broker } = await started({ 'max.message.bytes': '500' });
    const values = Array.from({ length: 50 }, (_, i) => `${i}`.padEnd(100, '.'));
    expect(await put(broker, 't', ...values)).toEqual(values.map((_, i) => i));
    expect(await valuesOf(broker, 't')).toEqual(values);
    const { batches } = await broker.fetch(whole);
    expect(batches.length).toBeGreaterThan(12);
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(500);
  });

  test('large and small ones together: order, and nothing lost', async () => {
    const { broker } = await started({}, 1);
    const values = Array.from({ length: 30 }, (_, i) => `${i}`.padEnd(i % 3 === 0 ? 40_000 : 10));
    const results = await Promise.all(values.map((value) => put(broker, 't', value)));
    expect(results.flat()).toEqual(values.map((_, i) => i));
    expect(await valuesOf(broker, 't')).toEqual(values);
  });
});

test.each(['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed'])(
  'batches are compressed as the topic says: %s',
  async (codec) => {
    const { broker } = await started({ 'compression.type': codec });
    const values = Array.from({ length: 20 }, (_, i) => `${i} `.repeat(50));
    await put(broker, 't', ...values);
    const fetched = await broker.fetch(whole);
    const header = readBatchHeader(fetched.batches[0] as Buffer);
    expect(header.codec).toBe(codec === 'uncompressed' ? 'none' : codec);
    const read = recordsOf(fetched).map(({ value }) => Buffer.from(value ?? []).toString());
    expect(read).toEqual(values);
  },
);

test('offsets are told per record also when calls are joined in one commit', async () => {
  const { broker } = await started();
  const calls = await Promise.all(
    Array.from({ length: 40 }, (_, i) => produce(broker, record(`${i}a`), record(`${i}b`))),
  );
  const values = await valuesOf(broker, 't');
  calls.forEach((results, i) => {
    const [a = -1, b = -1] = offsetsOf(results);
    expect([values[a], values[b]]).toEqual([`${i}a`, `${i}b`]);
  });
  expect(values).toHaveLength(80);
});
