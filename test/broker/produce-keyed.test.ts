import { describe, expect, test } from 'vitest';
import type { Broker, ProduceRecord } from '../../lib/broker/broker.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import {
  another,
  errorOf,
  errorsOf,
  offsetsOf,
  put,
  readAll,
  record,
  startBroker,
  tinyRing,
  valuesOf,
} from './setup.ts';

async function started(config?: LogConfig, partitions = 1) {
  const all = startBroker(config);
  await all.broker.createTopic({ name: 't', partitions });
  return all;
}

const send = (broker: Broker, records: readonly ProduceRecord[], idempotencyKey = 'k') =>
  broker.produce({ topic: 't', records, idempotencyKey });

const two = [record('a'), record('b')];

test('a key that was used is answered as the first time, by any process', async () => {
  const one = await started();
  expect(offsetsOf(await send(one.broker, two))).toEqual([0, 1]);
  await put(one.broker, 't', 'between');
  expect(offsetsOf(await send(one.broker, two))).toEqual([0, 1]);
  expect(offsetsOf(await send(another(one).broker, two))).toEqual([0, 1]);
  expect(offsetsOf(await send(one.broker, two, 'other'))).toEqual([3, 4]);
  expect(await valuesOf(one.broker, 't')).toEqual(['a', 'b', 'between', 'a', 'b']);
});

test.each([
  ['a value', [record('a'), record('B')]],
  ['an order', [record('b'), record('a')]],
  ['a count', [record('a')]],
  ['a null', [record('a'), record(null)]],
  ['a key', [record('a', { key: Buffer.alloc(0) }), record('b')]],
  ['a header', [record('a', { headers: [{ name: '', value: null }] }), record('b')]],
  ['a partition', [record('a', { partition: 0 }), record('b')]],
  ['a timestamp', [record('a', { timestamp: 1n }), record('b')]],
  ['a border between two', [record('ab'), record('')]],
])('other records under the key are refused: %s', async (_, records) => {
  const { broker } = await started();
  await send(broker, two);
  expect(await errorOf(send(broker, records))).toBe('INVALID_REQUEST');
  expect(await valuesOf(broker, 't')).toEqual(['a', 'b']);
});

test('many at once from two processes: one append, one answer', async () => {
  const one = await started();
  const other = another(one);
  const brokers = [one, other, one, other, one, other].map(({ broker }) => broker);
  const answers = await one.clock.run(Promise.all(brokers.map((broker) => send(broker, two))));
  expect(answers.map((answer) => offsetsOf(answer))).toEqual(brokers.map(() => [0, 1]));
  expect(await valuesOf(one.broker, 't')).toEqual(['a', 'b']);
});

test('a repetition is answered alike after the ring has wrapped and groups were spilled', async () => {
  const one = await started(tinyRing);
  await put(one.broker, 't', 'before');
  expect(offsetsOf(await send(one.broker, two))).toEqual([1, 2]);
  for (let i = 0; i < 40; i += 1) await put(one.broker, 't', `${i}`);
  await one.engine.settled();
  expect(offsetsOf(await send(another(one, tinyRing).broker, two))).toEqual([1, 2]);
  expect(await valuesOf(one.broker, 't')).toHaveLength(43);
});

test('a repetition whose first call died before it noted the offsets walks the spilled log', async () => {
  const one = await started(tinyRing);
  // It does everything but note its offsets.
  const forgetful = another(one, tinyRing);
  const { table } = forgetful.env;
  const put0 = table.put.bind(table);
  let noted = 0;
  table.put = async (item, condition) => {
    if (!item.pk.startsWith('IK#') || item.version === 0) return put0(item, condition);
    noted += 1;
    return { kind: 'indeterminate', cause: 'died' };
  };
  expect(offsetsOf(await send(forgetful.broker, two))).toEqual([0, 1]);
  expect(noted).toBe(1);
  for (let i = 0; i < 40; i += 1) await put(one.broker, 't', `${i}`);
  await one.engine.settled();
  expect(offsetsOf(await send(another(one, tinyRing).broker, two))).toEqual([0, 1]);
  expect(await valuesOf(one.broker, 't')).toHaveLength(42);
});

describe('after the partition count was raised', () => {
  test('keys stay where they were', async () => {
    const one = await started(undefined, 2);
    const keys = Array.from({ length: 20 }, (_, i) => record('v', { key: Buffer.from(`${i}`) }));
    const first = await send(one.broker, keys);
    await one.broker.createPartitions('t', 7);
    const second = await send(another(one).broker, keys);
    const places = (answers: typeof first) =>
      answers.map((answer) => [answer.partition, answer.ok ? answer.offset : undefined]);
    expect(places(second)).toEqual(places(first));
    const counts = await Promise.all([0, 1, 2, 6].map((p) => valuesOf(one.broker, 't', p)));
    expect(counts.map(({ length }) => length).reduce((a, b) => a + b)).toBe(20);
  });

  test('a record for a partition that there was not stays refused', async () => {
    const one = await started(undefined, 2);
    const records = [record('a', { partition: 1 }), record('b', { partition: 5 })];
    const wrong = [undefined, 'UNKNOWN_TOPIC_OR_PARTITION'];
    expect(errorsOf(await send(one.broker, records))).toEqual(wrong);
    await one.broker.createPartitions('t', 7);
    expect(errorsOf(await send(another(one).broker, records))).toEqual(wrong);
    expect(await valuesOf(one.broker, 't', 5)).toEqual([]);
  });
});

test('times are those of the first call: for records without one, and for their bounds', async () => {
  const one = startBroker();
  const configs = { 'message.timestamp.before.max.ms': '1000' };
  await one.broker.createTopic({ name: 't', configs });
  const timestamp = BigInt(one.clock.now() - 900);
  const records = [record('old', { timestamp }), record('now')];
  const first = await send(one.broker, records);
  expect(offsetsOf(first)).toEqual([0, 1]);
  await one.clock.run(one.clock.sleep(60_000));
  const second = await send(another(one).broker, records);
  expect(offsetsOf(second)).toEqual([0, 1]);
  const stored = (await readAll(one.broker, 't')).map((each) => each.timestamp);
  expect(stored).toEqual([timestamp, BigInt(one.clock.epochMs)]);
});

test('a topic that was deleted, by a process that believes in it', async () => {
  const one = await started();
  const stale = another(one);
  await put(stale.broker, 't', 'x');
  await one.broker.deleteTopic('t');
  const unknown = 'UNKNOWN_TOPIC_OR_PARTITION';
  expect(await errorOf(send(stale.broker, two))).toBe(unknown);
  expect(await errorOf(send(stale.broker, two))).toBe(unknown);
});
