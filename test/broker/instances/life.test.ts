import { expect, test } from 'vitest';
import { maintainOnce } from '../../../lib/maintain/pass.ts';
import { instanceKey } from '../../../lib/store/instance.ts';
import type { MetadataTable } from '../../../lib/ports/metadata-table.ts';
import { otherProcess, startEngine } from '../../engine/memory-env.ts';
import { another } from '../setup.ts';
import type { Started } from '../setup.ts';
import { committed, earliest, fill, poll, reasonOf, started, subscribed } from './setup.ts';

const minute = 60_000;

const passes = (all: Started, ms: number): Promise<void> => all.clock.run(all.clock.sleep(ms));

async function isStored({ env }: Started, name: string): Promise<boolean> {
  const read = await env.table.get(instanceKey('g', name), { consistent: true });
  return read.kind === 'done' && read.value !== undefined;
}

const pass = (all: Started) =>
  all.clock.run(maintainOnce(all.engine, all.engine.deadline(), { takeOver: false }));

test('an instance that nobody uses is absent after its time, and its name is free', async () => {
  const all = await started();
  const { broker, clock } = all;
  const of = { group: 'g', name: 'i' };
  await broker.instances.create('g', 'i', earliest);
  await passes(all, 5 * minute - 1_000);
  expect(await reasonOf(broker.instances.create('g', 'i', earliest))).toBe('name-taken');
  await passes(all, 2_000);
  expect(await reasonOf(broker.instances.reads(of))).toBe('no-instance');
  expect(await reasonOf(broker.instances.remove(of))).toBe('no-instance');
  await broker.instances.create('g', 'i', earliest);
  expect(await broker.instances.reads(of)).toEqual({ kind: 'nothing' });
  expect(clock.monotonic()).toBeGreaterThan(5 * minute);
});

test('one that is polled stays, also if nothing comes of it', async () => {
  const all = await started();
  const of = await subscribed(all.broker, 'g', {
    ...earliest,
    'consumer.instance.timeout.ms': minute,
  });
  for (let polls = 0; polls < 20; polls += 1) {
    await passes(all, 50_000);
    expect((await all.clock.run(poll(all.broker, of))).records).toEqual([]);
  }
});

test('its partitions are the others’ when it has been away for its time', async () => {
  const all = await started(2);
  const { broker, clock } = all;
  const a = await subscribed(broker, 'g', { ...earliest, 'consumer.instance.timeout.ms': 10_000 });
  const b = await subscribed(another(all).broker, 'g', earliest);
  while ((await broker.instances.assignments(b)).length !== 1) {
    for (const of of [a, b]) await clock.run(poll(broker, of, { timeoutMs: 500 }));
  }
  await passes(all, 11_000);
  while ((await broker.instances.assignments(b)).length !== 2) {
    await clock.run(poll(broker, b, { timeoutMs: 2_000 }));
  }
  expect(await reasonOf(poll(broker, a))).toBe('no-instance');
});

test('who stood still within a poll returns nothing that is another’s since', async () => {
  const all = await started(2);
  const { broker, clock, env } = all;
  const config = { ...earliest, 'consumer.instance.timeout.ms': minute };
  const a = await subscribed(broker, 'g', config);
  const b = await subscribed(broker, 'g', config);
  // Of the log alone, once: the heartbeat is made by then.
  let standsStillMs = 0;
  const table: MetadataTable = {
    get: async (key, options) => {
      const ms = key.pk.startsWith('P#') ? standsStillMs : 0;
      if (ms > 0) standsStillMs = 0;
      if (ms > 0) await clock.sleep(ms);
      return env.table.get(key, options);
    },
    query: (...args) => env.table.query(...args),
    put: (...args) => env.table.put(...args),
    delete: (...args) => env.table.delete(...args),
    append: (...args) => env.table.append(...args),
    transact: (...args) => env.table.transact(...args),
  };
  const slow = startEngine({ ...otherProcess(env), table }).broker;
  const owned = async (of: typeof a) => (await broker.instances.assignments(of)).length;
  while ((await owned(a)) !== 1 || (await owned(b)) !== 1) {
    for (const of of [a, b]) await clock.run(poll(slow, of));
  }
  // Its beat is not young, and not written again: the instance is, for what it returns.
  await passes(all, 19_000);
  await fill(broker, 0, 'x');
  await fill(broker, 1, 'x');
  for (const of of [b, a]) await clock.run(poll(slow, of));
  await fill(broker, 0, 'y');
  await fill(broker, 1, 'y');
  standsStillMs = 50_000;
  const slept = poll(slow, a);
  const others: string[] = [];
  const takes = async () => {
    while (clock.monotonic() < 200_000 && others.length < 3) {
      others.push(...(await poll(broker, b)).records);
      await clock.sleep(500);
    }
  };
  const [late] = await clock.run(Promise.all([slept, takes()]));
  // The other one goes on with what was committed: nothing, so that it has all of it.
  expect(others.length).toBeGreaterThanOrEqual(3);
  expect(late.records).toEqual([]);
});

test('maintenance deletes what has expired, and comes again for what has not', async () => {
  const all = await started();
  const { broker } = all;
  await broker.instances.create('g', 'short', earliest);
  const long = { ...earliest, 'consumer.instance.timeout.ms': 30 * minute };
  await broker.instances.create('g', 'long', long);
  await passes(all, 16 * minute);
  expect(await pass(all)).toMatchObject({ ran: true, left: 0 });
  expect([await isStored(all, 'short'), await isStored(all, 'long')]).toEqual([false, true]);
  await passes(all, 31 * minute);
  await pass(all);
  expect(await isStored(all, 'long')).toBe(false);
  // Nothing is left to look after.
  await passes(all, 60 * minute);
  const { done } = await pass(all);
  await passes(all, 60 * minute);
  expect([done, (await pass(all)).done]).toEqual([0, 0]);
});

test('what commits by itself does so when it is deleted, unsubscribed, or gives up', async () => {
  const all = await started();
  const { broker, clock } = all;
  const config = { ...earliest, 'auto.commit.enable': true };
  const a = await subscribed(broker, 'g', config);
  await fill(broker, 0, 'a', 'b');
  await clock.run(poll(broker, a, { timeoutMs: 3_000 }));
  expect(await committed(broker, 'g')).toBeUndefined();
  await broker.instances.unsubscribe(a);
  expect(await committed(broker, 'g')).toBe(2n);
  await fill(broker, 0, 'c');
  await broker.instances.assign(a, [{ topic: 't', partition: 0 }]);
  expect((await clock.run(poll(broker, a, { timeoutMs: 3_000 }))).records).toEqual(['0:c']);
  await broker.instances.remove(a);
  expect(await committed(broker, 'g')).toBe(3n);
});

test('a subscription that is changed reads what it says now', async () => {
  const all = await started();
  const { broker, clock } = all;
  await broker.createTopic({ name: 'u' });
  const a = await subscribed(broker, 'g');
  await clock.run(poll(broker, a, { timeoutMs: 2_000 }));
  await broker.instances.subscribe(a, ['u']);
  for (let i = 0; i < 3; i += 1) await clock.run(poll(broker, a, { timeoutMs: 2_000 }));
  expect(await broker.instances.assignments(a)).toMatchObject([{ topic: 'u', partition: 0 }]);
  await broker.instances.subscribe(a, []);
  expect(await broker.instances.reads(a)).toEqual({ kind: 'nothing' });
  expect(await reasonOf(broker.describeGroup('g'))).toBe('GROUP_ID_NOT_FOUND');
});
