import { expect, test } from 'vitest';
import { tinyRing, startBroker, another, put, valuesOf } from '../broker/setup.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { Engine } from '../../lib/engine/engine.ts';
import { badStores } from './bad-stores.ts';
import type { Call, Weather } from './bad-stores.ts';

/** A process whose calls take no time at all: whoever does not pause never ends. */
function under(all: ReturnType<typeof startBroker>, weatherOf: (call: Call) => Weather) {
  let calls = 0;
  const fate = (call: Call) => {
    calls += 1;
    if (calls > 20_000) throw new Error('it is sent again and again without a pause');
    return { weather: weatherOf(call), delayMs: 0, laterMs: 0 };
  };
  const env = { ...another(all).env, ...badStores(all.env, all.clock, fate) };
  const engine = new Engine(env, { prices: awsPrices, config: tinyRing, onError: () => undefined });
  return { engine, broker: createBroker(engine) };
}

test.each<[string, (call: Call) => boolean]>([
  ['objects', ({ store, write }) => store === 'objects' && write],
  ['the table', ({ store, write }) => store === 'table' && write],
  ['every write', ({ write }) => write],
  ['every read', ({ write }) => !write],
])('a store that throttles %s is not hammered, and all is well after', async (_, throttles) => {
  const all = startBroker(tinyRing);
  await all.broker.createTopic({ name: 't' });
  let throttling = false;
  const { broker, engine } = under(all, (call) =>
    throttling && throttles(call) ? 'throttle' : 'none',
  );
  for (let i = 0; i < 3; i += 1) await all.clock.run(put(broker, 't', `${i}`));
  throttling = true;
  for (let i = 0; i < 6; i += 1) {
    const records = [{ key: null, value: Buffer.from('y'), headers: [] }];
    await all.clock.run(broker.produce({ topic: 't', records }).catch(() => []));
  }
  await all.clock.run(engine.settled());
  throttling = false;
  await all.clock.run(put(broker, 't', 'z'));
  const values = await valuesOf(another(all, tinyRing).broker, 't');
  expect(values.slice(0, 3)).toEqual(['0', '1', '2']);
  expect(values.at(-1)).toBe('z');
});

test('the cluster gets its name when the store has recovered, or an error', async () => {
  const all = startBroker();
  let throttling = true;
  const { broker } = under(all, (call) => (throttling && call.write ? 'throttle' : 'none'));
  await expect(all.clock.run(broker.clusterId())).rejects.toMatchObject({
    kafka: 'KAFKA_STORAGE_ERROR',
  });
  throttling = false;
  const named = await all.clock.run(broker.clusterId());
  expect(await all.broker.clusterId()).toBe(named);
});
