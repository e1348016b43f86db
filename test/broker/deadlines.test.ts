import { describe, expect, test } from 'vitest';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { pauseMsMax } from '../../lib/core/log/requests.ts';
import { Engine } from '../../lib/engine/engine.ts';
import type { ProtocolError } from '../../lib/protocol/errors.ts';
import { badStores } from '../engine/bad-stores.ts';
import type { Call, Weather } from '../engine/bad-stores.ts';
import { another, put, record, startBroker, valuesOf } from './setup.ts';
import type { Started } from './setup.ts';

/** A process to whose calls this happens, from the first on, each after `delayMs`. */
function under(
  all: Started,
  weatherOf: (call: Call) => Weather,
  { delayMs = 5, laterMs = 60_000 } = {},
): Started {
  const { env } = another(all);
  const fate = (call: Call) => ({ weather: weatherOf(call), delayMs, laterMs });
  const bad = { ...env, ...badStores(all.env, all.clock, fate) };
  const onError = (error: unknown): void => {
    throw error;
  };
  const engine = new Engine(bad, { prices: awsPrices, onError });
  return { ...all, env: bad, engine, broker: createBroker(engine) };
}

const commits = (call: Call): boolean => call.store === 'table' && call.write;

async function started(records = 0): Promise<Started> {
  const all = startBroker();
  await all.broker.createTopic({ name: 't' });
  for (let i = 0; i < records; i += 1) await put(all.broker, 't', `${i}`);
  return all;
}

const records = [record('x')];
const producers = [{ partition: 0, producerId: 1n, producerEpoch: 0, sequence: 0 }];
const deadlineMs = 20_000;

describe.each([
  ['an empty log', 0],
  ['a log in use', 5],
])('%s', (_, before) => {
  test.each<Weather>(['throttle', 'unavailable'])(
    'writes that certainly did not happen (%s): told so, and it never appears',
    async (weather) => {
      const all = await started(before);
      const { broker } = under(all, (call) => (commits(call) ? weather : 'none'));
      const [result] = await all.clock.run(broker.produce({ topic: 't', records }));
      expect(result).toMatchObject({ ok: false, error: 'KAFKA_STORAGE_ERROR' });
      expect(result).not.toHaveProperty('unknown');
      expect(all.clock.monotonic()).toBeGreaterThanOrEqual(deadlineMs);
      // A pause that began in time ends in its own.
      expect(all.clock.monotonic()).toBeLessThan(deadlineMs + pauseMsMax + 1_000);
      await all.clock.drain();
      expect(await valuesOf(all.broker, 't')).toHaveLength(before);
    },
  );

  test.each<[Weather, number]>([
    ['lose-request', 0],
    ['late', 1],
  ])('writes of which nothing is known (%s): the outcome is unknown', async (weather, appears) => {
    const all = await started(before);
    const { broker } = under(all, (call) => (commits(call) ? weather : 'none'));
    const [result] = await all.clock.run(broker.produce({ topic: 't', records }));
    expect(result).toMatchObject({
      ok: false,
      error: 'REQUEST_TIMED_OUT',
      unknown: { retryMayDuplicate: true },
    });
    expect(await valuesOf(all.broker, 't')).toHaveLength(before);
    await all.clock.drain();
    expect(await valuesOf(all.broker, 't')).toHaveLength(before + appears);
  });

  test('answers that are lost: it is found, and told once', async () => {
    const all = await started(before);
    const { broker } = under(all, (call) => (commits(call) ? 'lose-reply' : 'none'));
    const [result] = await all.clock.run(broker.produce({ topic: 't', records }));
    expect(result).toMatchObject({ ok: true, offset: BigInt(before) });
    expect(await valuesOf(all.broker, 't')).toHaveLength(before + 1);
  });

  test('one copy of which nothing is known, then only refusals: still unknown', async () => {
    const all = await started(before);
    let sent = 0;
    const { broker } = under(all, (call) => {
      if (!commits(call)) return 'none';
      sent += call.verb === 'append' || before === 0 ? 1 : 0;
      return sent === 1 ? 'late' : 'throttle';
    });
    const [result] = await all.clock.run(broker.produce({ topic: 't', records }));
    expect(result).toMatchObject({ ok: false, error: 'REQUEST_TIMED_OUT' });
    await all.clock.drain();
    expect((await valuesOf(all.broker, 't')).length).toBeGreaterThanOrEqual(before);
  });

  test('an unknown copy whose slot was filled by others is dead: told the truth at last', async () => {
    const all = await started(before);
    let first = true;
    const { broker } = under(all, (call) => {
      if (!commits(call) || !first) return 'none';
      first = false;
      return 'late';
    });
    const [result] = await all.clock.run(broker.produce({ topic: 't', records }));
    expect(result).toMatchObject({ ok: true });
    await all.clock.drain();
    const values = await valuesOf(all.broker, 't');
    expect(values.filter((value) => value === 'x')).toHaveLength(1);
  });
});

test('reads that never answer: nothing was sent', async () => {
  const all = await started();
  const { broker } = under(all, ({ write }) => (write ? 'none' : 'unavailable'));
  await expect(all.clock.run(broker.produce({ topic: 't', records }))).rejects.toMatchObject({
    kafka: 'KAFKA_STORAGE_ERROR',
  });
  const wanted = { topic: 't', partition: 0, offset: 0n, minBytes: 1, maxWaitMs: 0, maxBytes: 1 };
  await expect(all.clock.run(broker.fetch(wanted))).rejects.toMatchObject({
    kafka: 'KAFKA_STORAGE_ERROR',
  });
  await all.clock.drain();
  expect(await valuesOf(all.broker, 't')).toEqual([]);
});

test('a look-up by time whose reads stop being answered does not say that there is nothing', async () => {
  const all = await started();
  await put(all.broker, 't', 'x');
  const wanted = { topic: 't', partition: 0, at: 'max-timestamp' } as const;
  for (let answered = 0; answered < 4; answered += 1) {
    let left = answered;
    const { broker } = under(all, () => {
      left -= 1;
      return left >= 0 ? 'none' : 'unavailable';
    });
    const listed = all.clock.run(broker.listOffset(wanted)).then(
      ({ offset }) => offset,
      (error: unknown) => error,
    );
    expect(await listed).toSatisfy(
      (told) => told === 0n || (told as ProtocolError).kafka === 'KAFKA_STORAGE_ERROR',
    );
  }
});

test('an upload that is never answered: nothing refers to it, so nothing was appended', async () => {
  const all = await started(1);
  const { broker } = under(all, ({ store }) => (store === 'objects' ? 'late' : 'none'));
  const large = [record('x'.repeat(100_000))];
  const [result] = await all.clock.run(broker.produce({ topic: 't', records: large }));
  expect(result).toMatchObject({ ok: false, error: 'KAFKA_STORAGE_ERROR' });
  await all.clock.drain();
  expect(await valuesOf(all.broker, 't')).toEqual(['0']);
});

test('with a sequence or a key the advice is to repeat, and repeating is safe', async () => {
  const all = await started(1);
  let weather: Weather = 'late';
  const { broker } = under(all, (call) => (commits(call) ? weather : 'none'));
  const keyed = { topic: 't', records: [record('k')], idempotencyKey: 'k' };
  const sequenced = { topic: 't', records, producers };
  weather = 'none';
  const reserved = under(all, (call) => (call.verb === 'append' ? 'late' : 'none'));
  const [byKey] = await all.clock.run(reserved.broker.produce(keyed));
  weather = 'late';
  const [bySequence] = await all.clock.run(broker.produce(sequenced));
  const safe = { error: 'REQUEST_TIMED_OUT', unknown: { retryMayDuplicate: false } };
  expect([byKey, bySequence]).toMatchObject([safe, safe]);
  await all.clock.drain();
  weather = 'none';
  const again = [await all.broker.produce(keyed), await all.broker.produce(sequenced)];
  expect(again.flat()).toMatchObject([{ ok: true }, { ok: true }]);
  expect((await valuesOf(all.broker, 't')).toSorted()).toEqual(['0', 'k', 'x']);
});

test('an admin call that was not answered is unknown, and one that was refused is not', async () => {
  const all = await started();
  const lost = under(all, (call) => (commits(call) ? 'lose-request' : 'none'));
  const busy = under(all, (call) => (commits(call) ? 'throttle' : 'none'));
  for (const [{ broker }, kafka] of [
    [lost, 'REQUEST_TIMED_OUT'],
    [busy, 'KAFKA_STORAGE_ERROR'],
  ] as const) {
    const calls: readonly (() => Promise<unknown>)[] = [
      () => broker.createTopic({ name: 'new' }),
      () => broker.createPartitions('t', 2),
      () => broker.deleteTopic('t'),
    ];
    for (const call of calls) {
      await expect(all.clock.run(call())).rejects.toMatchObject({ kafka });
    }
  }
  await all.clock.drain();
  expect(await all.broker.listTopics()).toMatchObject([{ name: 't', partitions: 1 }]);
});
