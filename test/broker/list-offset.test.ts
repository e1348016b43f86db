import { describe, expect, test } from 'vitest';
import type { Broker, ListOffsetInput } from '../../lib/broker/broker.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import { Seeded } from '../engine/seeded.ts';
import { another, errorOf, readAll, record, startBroker, tinyRing } from './setup.ts';

async function started(config?: LogConfig) {
  const all = startBroker(config);
  await all.broker.createTopic({ name: 't' });
  const put = async (...times: number[]): Promise<void> => {
    const records = times.map((ms) => record('v', { timestamp: BigInt(all.clock.epochMs + ms) }));
    await all.broker.produce({ topic: 't', records });
    await all.engine.settled();
  };
  const ask = async (at: ListOffsetInput['at'], broker: Broker = all.broker) => {
    const found = await broker.listOffset({ topic: 't', partition: 0, at });
    const ms = found.timestamp < 0n ? -1 : Number(found.timestamp) - all.clock.epochMs;
    return [Number(found.offset), ms];
  };
  const at = (ms: number) => ask(BigInt(all.clock.epochMs + ms));
  return { ...all, put, ask, at };
}

describe.each([
  ['in the ring', undefined],
  ['across spill groups and the ring', tinyRing],
])('%s', (_, config) => {
  test('exact, between, before the first, after the last', async () => {
    const all = await started(config);
    const { put, ask, at } = all;
    for (let i = 1; i <= 20; i += 1) await put(-10_000 + i * 100, -10_000 + i * 100 + 50);
    expect(await ask('earliest')).toEqual([0, -1]);
    expect(await ask('latest')).toEqual([40, -1]);
    expect(await ask('max-timestamp')).toEqual([39, -7_950]);
    for (let i = 1; i <= 20; i += 1) {
      const ms = -10_000 + i * 100;
      expect(await at(ms)).toEqual([2 * i - 2, ms]);
      expect(await at(ms + 1)).toEqual([2 * i - 1, ms + 50]);
      expect(await at(ms + 50)).toEqual([2 * i - 1, ms + 50]);
      if (i < 20) expect(await at(ms + 51)).toEqual([2 * i, ms + 100]);
    }
    expect(await ask(0n)).toEqual([0, -9_900]);
    expect(await at(-7_949)).toEqual([-1, -1]);
    expect(await ask(2n ** 63n)).toEqual([-1, -1]);
    const fresh = another(all, config);
    expect(await ask('max-timestamp', fresh.broker)).toEqual([39, -7_950]);
  });

  test('times that go back and forth: always the first record that is late enough', async () => {
    const { put, ask, at, broker, clock } = await started(config);
    const random = new Seeded(5);
    for (let i = 0; i < 40; i += 1) {
      await put(...Array.from({ length: random.int(1, 4) }, () => -random.int(1, 500)));
    }
    const all = await readAll(broker, 't');
    const times = all.map(({ timestamp }) => Number(timestamp) - clock.epochMs);
    for (let ms = -510; ms <= 1; ms += 7) {
      const first = times.findIndex((time) => time >= ms);
      expect(await at(ms)).toEqual(first < 0 ? [-1, -1] : [first, times[first]]);
    }
    const max = Math.max(...times);
    expect(await ask('max-timestamp')).toEqual([times.indexOf(max), max]);
  });
});

test('an empty partition, and one that is not there', async () => {
  const { broker, ask } = await started();
  expect(await ask('earliest')).toEqual([0, -1]);
  expect(await ask('latest')).toEqual([0, -1]);
  expect(await ask('max-timestamp')).toEqual([-1, -1]);
  expect(await ask(0n)).toEqual([-1, -1]);
  for (const partition of [1, -1]) {
    const asked = broker.listOffset({ topic: 't', partition, at: 'latest' });
    expect(await errorOf(asked)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  }
});
