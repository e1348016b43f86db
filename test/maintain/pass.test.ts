import { expect, test } from 'vitest';
import { acquireLease } from '../../lib/core/lease/lease-machine.ts';
import { drive } from '../../lib/engine/driver.ts';
import { maintainOnce } from '../../lib/maintain/pass.ts';
import { another, put, startBroker } from '../broker/setup.ts';
import type { Started } from '../broker/setup.ts';

const deadline = { expired: () => false };

const pass = ({ engine }: Started, takeOver = false) =>
  maintainOnce(engine, deadline, { takeOver });

/** So many deleted topics, of which all but stubs is still there. */
async function deleted(topics: number): Promise<Started> {
  const started = startBroker();
  for (let i = 0; i < topics; i += 1) {
    await started.broker.createTopic({ name: `t${i}` });
    await put(started.broker, `t${i}`, 'x');
    await started.broker.deleteTopic(`t${i}`);
  }
  return started;
}

test('two processes at once do each job once', async () => {
  const one = await deleted(3);
  const two = another(one);
  const results = await one.clock.run(Promise.all([pass(one), pass(two)]));
  expect(results).toContainEqual({ ran: true, done: 3, left: 0 });
  expect(results).toContainEqual({ ran: false, done: 0, left: 0 });
  expect(await pass(two)).toEqual({ ran: true, done: 0, left: 0 });
});

test('the lease is free again after a pass, whoever ran it', async () => {
  const one = await deleted(1);
  await one.clock.run(pass(one));
  await one.broker.createTopic({ name: 'next' });
  await one.broker.deleteTopic('next');
  expect(await one.clock.run(pass(another(one)))).toMatchObject({ ran: true, done: 1 });
  expect(one.clock.monotonic()).toBe(0);
});

test('a holder that died is followed once its lease stood still for all its time', async () => {
  const dead = await deleted(2);
  const input = {
    name: 'maintain',
    owner: 'dead',
    address: '',
    durationMs: 15_000,
    takeOver: false,
  };
  const held = await drive(acquireLease, input, dead.engine.performLease, deadline);
  expect(held.kind).toBe('held');
  const heir = another(dead);
  expect(await pass(heir)).toEqual({ ran: false, done: 0, left: 0 });
  expect(await dead.clock.run(pass(heir, true))).toEqual({ ran: true, done: 2, left: 0 });
  expect(dead.clock.monotonic()).toBe(15_000);
});

test('two heirs of a dead holder: one of them does the work', async () => {
  const dead = await deleted(2);
  const input = { name: 'maintain', owner: 'x', address: '', durationMs: 15_000, takeOver: false };
  await drive(acquireLease, input, dead.engine.performLease, deadline);
  const heirs = [another(dead), another(dead)];
  const results = await dead.clock.run(Promise.all(heirs.map((heir) => pass(heir, true))));
  expect(results.reduce((sum, { done }) => sum + done, 0)).toBe(2);
});

test('one job that gets no answer keeps no other from being done', async () => {
  const started = await deleted(4);
  const { table } = started.env;
  const get = table.get.bind(table);
  let stuck = '';
  table.get = async (key, options) => {
    if (stuck === '' && key.pk.startsWith('GONE#')) stuck = key.pk;
    return key.pk === stuck ? { kind: 'unavailable', cause: 'test' } : get(key, options);
  };
  expect(await started.clock.run(pass(started))).toEqual({ ran: true, done: 3, left: 1 });
  stuck = 'nothing';
  expect(await started.clock.run(pass(started))).toEqual({ ran: true, done: 1, left: 0 });
});

test('out of time it says what is left', async () => {
  const started = await deleted(3);
  let looks = 0;
  const short = { expired: () => (looks += 1) > 2 };
  const result = await started.clock.run(maintainOnce(started.engine, short, { takeOver: false }));
  expect(result.done + result.left).toBe(3);
  expect(result.left).toBeGreaterThan(0);
});

test('a topic of which a partition could not be emptied is gone on with', async () => {
  const started = await deleted(1);
  const { table } = started.env;
  const putItem = table.put.bind(table);
  const isStub = ({ pk, sk }: { readonly pk: string; readonly sk: string }): boolean =>
    pk.startsWith('P#') && sk.startsWith('R#');
  let stubs = 0;
  table.put = async (item, condition) => {
    if (!isStub(item)) return putItem(item, condition);
    stubs += 1;
    return { kind: 'unavailable', cause: 'test' };
  };
  expect(await started.clock.run(pass(started))).toEqual({ ran: true, done: 0, left: 1 });
  expect(stubs).toBeGreaterThan(0);
  table.put = putItem;
  expect(await started.clock.run(pass(started))).toEqual({ ran: true, done: 1, left: 0 });
});
