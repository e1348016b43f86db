import { describe, expect, test } from 'vitest';
import type { Broker, FetchInput } from '../../lib/broker/broker.ts';
import { recordsOf } from '../../lib/broker/records.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import { another, errorOf, put, record, startBroker, tinyRing, valuesOf } from './setup.ts';

async function started(config?: LogConfig) {
  const all = startBroker(config);
  await all.broker.createTopic({ name: 't' });
  return all;
}

const fetch = (broker: Broker, parts: Partial<FetchInput> = {}) =>
  broker.fetch({
    topic: 't',
    partition: 0,
    offset: 0n,
    minBytes: 0,
    maxWaitMs: 0,
    maxBytes: 1_000_000,
    ...parts,
  });

const texts = (fetched: Awaited<ReturnType<typeof fetch>>) =>
  recordsOf(fetched).map(({ value }) => Buffer.from(value ?? []).toString());

describe.each([
  ['from the ring', undefined],
  ['from spill groups', tinyRing],
])('%s', (_, config) => {
  test('every offset, also within a batch, and the bounds', async () => {
    const { broker, engine } = await started(config);
    for (let i = 0; i < 30; i += 3) await put(broker, 't', `${i}`, `${i + 1}`, `${i + 2}`);
    await engine.settled();
    for (let at = 0; at < 30; at += 1) {
      const fetched = await fetch(broker, { offset: BigInt(at) });
      expect(texts(fetched)[0]).toBe(`${at}`);
      expect(texts(fetched)).toHaveLength(30 - at);
      expect(fetched).toMatchObject({
        offset: BigInt(at),
        highWatermark: 30n,
        lastStableOffset: 30n,
        logStartOffset: 0n,
      });
    }
  });

  test('beginning, end, and what lies out of range', async () => {
    const { broker, engine } = await started(config);
    for (let i = 0; i < 12; i += 1) await put(broker, 't', `${i}`);
    await engine.settled();
    expect(texts(await fetch(broker, { offset: 'beginning' }))).toHaveLength(12);
    expect(await fetch(broker, { offset: 'end' })).toMatchObject({ batches: [], offset: 12n });
    expect(await fetch(broker, { offset: 12n })).toMatchObject({ batches: [], offset: 12n });
    for (const offset of [13n, -1n, -(2n ** 70n), 2n ** 63n, 2n ** 200n]) {
      expect(await errorOf(fetch(broker, { offset }))).toBe('OFFSET_OUT_OF_RANGE');
    }
  });

  test('no more than the bytes asked for, but one batch at least', async () => {
    const { broker, engine } = await started(config);
    for (let i = 0; i < 12; i += 1) await put(broker, 't', `${i}`.padEnd(300));
    await engine.settled();
    const [batch] = (await fetch(broker, { maxBytes: 1 })).batches;
    const size = batch?.length ?? 0;
    expect(size).toBeGreaterThan(300);
    for (const [maxBytes, batches] of [
      [0, 1],
      [size, 1],
      [2 * size - 1, 1],
      [2 * size, 2],
      [5 * size + 10, 5],
      [100 * size, 12],
    ] as const) {
      expect((await fetch(broker, { maxBytes })).batches).toHaveLength(batches);
    }
  });
});

test('an empty partition, and one that was never there', async () => {
  const { broker } = await started();
  expect(await fetch(broker)).toMatchObject({ batches: [], highWatermark: 0n, logStartOffset: 0n });
  expect(await errorOf(fetch(broker, { offset: 1n }))).toBe('OFFSET_OUT_OF_RANGE');
  for (const partition of [1, -1, 0.5, NaN]) {
    expect(await errorOf(fetch(broker, { partition }))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  }
  expect(await errorOf(fetch(broker, { topic: 'no' }))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
});

describe('waiting', () => {
  test('ends with a commit of the same process at once', async () => {
    const { broker, clock } = await started();
    const waiting = fetch(broker, { minBytes: 1, maxWaitMs: 10_000 });
    await clock.run(clock.sleep(1_000));
    await put(broker, 't', 'x');
    expect(texts(await clock.run(waiting))).toEqual(['x']);
    expect(clock.monotonic()).toBe(1_000);
  });

  test('ends soon with a commit of another process', async () => {
    const one = await started();
    const other = another(one);
    const waiting = fetch(one.broker, { minBytes: 1, maxWaitMs: 10_000 });
    await one.clock.run(one.clock.sleep(1_100));
    await put(other.broker, 't', 'x');
    expect(texts(await one.clock.run(waiting))).toEqual(['x']);
    expect(one.clock.monotonic()).toBeLessThan(1_500);
  });

  test('goes on while there is too little, and ends with the time', async () => {
    const { broker, clock } = await started();
    await put(broker, 't', 'x');
    const waiting = fetch(broker, { minBytes: 10_000, maxWaitMs: 3_000 });
    expect(texts(await clock.run(waiting))).toEqual(['x']);
    expect(clock.monotonic()).toBe(3_000);
  });

  test('is not for what would not fit into the answer', async () => {
    const { broker, clock } = await started();
    for (let i = 0; i < 5; i += 1) await put(broker, 't', `${i}`.padEnd(300));
    const waiting = fetch(broker, { minBytes: 1_000, maxBytes: 800, maxWaitMs: 3_000 });
    expect(texts(await clock.run(waiting))).toHaveLength(2);
    expect(clock.monotonic()).toBe(0);
  });

  test('ends when the caller goes away', async () => {
    const { broker, clock } = await started();
    const caller = new AbortController();
    const { signal } = caller;
    const waiting = fetch(broker, { minBytes: 1, maxWaitMs: 10_000, signal });
    await clock.run(clock.sleep(500));
    caller.abort();
    expect(await clock.run(waiting)).toMatchObject({ batches: [] });
    expect(clock.monotonic()).toBe(500);
  });

  test('many readers at the tail each see every record once', async () => {
    const one = await started();
    const other = another(one);
    const reader = async (broker: Broker): Promise<string[]> => {
      const seen: string[] = [];
      while (seen.length < 20) {
        const offset = BigInt(seen.length);
        seen.push(...texts(await fetch(broker, { offset, minBytes: 1, maxWaitMs: 5_000 })));
      }
      return seen;
    };
    const writer = async (): Promise<void> => {
      for (let i = 0; i < 20; i += 1) {
        await one.broker.produce({ topic: 't', records: [record(`${i}`)] });
        await one.clock.sleep(10);
      }
    };
    const reading = Promise.all([one, other, one].map(({ broker }) => reader(broker)));
    const [seen] = await one.clock.run(Promise.all([reading, writer()]));
    const all = await valuesOf(one.broker, 't');
    expect(seen).toEqual([all, all, all]);
  });
});
