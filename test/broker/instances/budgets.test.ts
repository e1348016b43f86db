import { afterAll, expect, test } from 'vitest';
import type { Broker } from '../../../lib/broker/broker.ts';
import type { InstanceName } from '../../../lib/broker/instances/instance-types.ts';
import { World } from '../../engine/budget-world.ts';
import type { Bill } from '../../engine/counting.ts';
import { earliest, fill, poll } from './setup.ts';

/*
 * Requests of the calls of an instance, beside the fewest that any form of them could have: an
 * instance that is kept in the store must be read, and put if it is to be another one; a member's
 * heartbeat is two reads; a partition that is at its end is one.
 */

const rows: [what: string, ...bills: string[]][] = [];
afterAll(() => {
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | '));
  console.log(['call | at least | counted', ...lines].join('\n'));
});

interface Requests {
  readonly reads: number;
  readonly writes: number;
}

const text = ({ reads, writes }: Requests): string => `${reads} + ${writes}`;

function note(what: string, least: Requests, { reads, writes }: Bill): void {
  rows.push([what, text(least), text({ reads, writes })]);
}

const partitions = 8;

/** A world with a topic, and an instance whose polls find nothing new. */
async function settled(members = 1) {
  const world = new World();
  const { broker } = world.start();
  await broker.createTopic({ name: 't', partitions });
  const names: InstanceName[] = [];
  for (let i = 0; i < members; i += 1) {
    const name = await broker.instances.create('g', `i${i}`, earliest);
    await broker.instances.subscribe({ group: 'g', name }, ['t']);
    names.push({ group: 'g', name });
  }
  for (let round = 0; round < 8 * members; round += 1) {
    for (const of of names) await poll(broker, of);
    world.clock.ms += 1_000;
  }
  const [of] = names;
  if (of === undefined) throw new Error('no instance');
  return { world, broker, of };
}

const each = async (broker: Broker, value: string): Promise<void> => {
  for (let partition = 0; partition < partitions; partition += 1) {
    await fill(broker, partition, value);
  }
};

test('an idle poll of a member writes nothing', async () => {
  const { world, broker, of } = await settled();
  const bill = await world.bill(() => poll(broker, of));
  note(
    `idle poll, subscribed, ${partitions} partitions`,
    { reads: 3 + partitions, writes: 0 },
    bill,
  );
  expect(bill.writes).toBe(0);
  // The only member looks at the group with every beat: all members, and what they are to own.
  expect(bill.reads).toBeLessThanOrEqual(3 + partitions + 3);
});

test('an idle poll of one of several members looks at the group now and then', async () => {
  const { world, broker, of } = await settled(4);
  const polls = 200;
  const bill = await world.bill(async () => {
    for (let i = 0; i < polls; i += 1) {
      world.clock.ms += 100;
      await poll(broker, of);
    }
  });
  const owned = partitions / 4;
  rows.push([
    `idle poll, one of 4 members, ${owned} partitions each`,
    text({ reads: 3 + owned, writes: 0 }),
    `${(bill.reads / polls).toFixed(2)} + ${(bill.writes / polls).toFixed(2)}`,
  ]);
  expect(bill.reads / polls).toBeLessThanOrEqual(3 + owned + 2);
  expect(bill.writes / polls).toBeLessThanOrEqual(0.02);
});

test('a poll that returns something puts the instance, once', async () => {
  const { world, broker, of } = await settled();
  await each(broker, 'x');
  const bill = await world.bill(() => poll(broker, of));
  note(
    `poll with records, subscribed, ${partitions} partitions`,
    { reads: 3 + partitions, writes: 1 },
    bill,
  );
  expect(bill.writes).toBe(1);
  expect(bill.writeUnits).toBe(1);
  expect(bill.reads).toBeLessThanOrEqual(3 + partitions + 3);
});

test('of what was assigned by hand there is no heartbeat', async () => {
  const { world, broker } = await settled();
  const name = await broker.instances.create('h', undefined, earliest);
  const of = { group: 'h', name };
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic: 't', partition }));
  await broker.instances.assign(of, all);
  await poll(broker, of);
  const idle = await world.bill(() => poll(broker, of));
  note(`idle poll, assigned, ${partitions} partitions`, { reads: 1 + partitions, writes: 0 }, idle);
  expect([idle.reads, idle.writes]).toEqual([1 + partitions, 0]);
  await each(broker, 'x');
  const full = await world.bill(() => poll(broker, of));
  note(
    `poll with records, assigned, ${partitions} partitions`,
    { reads: 1 + partitions, writes: 1 },
    full,
  );
  expect([full.reads, full.writes]).toEqual([1 + partitions, 1]);
});

test('commits: of what polls returned one read more than of a member; of named offsets one put more', async () => {
  const { world, broker, of } = await settled();
  await each(broker, 'x');
  await poll(broker, of);
  const derived = await world.bill(() => broker.instances.commit(of, undefined));
  note('commit of what polls returned', { reads: 1, writes: 1 }, derived);
  expect(derived.writes).toBe(1);
  expect(derived.reads).toBeLessThanOrEqual(2);
  const named = [{ topic: 't', partition: 0, offset: 1n }];
  const told = await world.bill(() => broker.instances.commit(of, named));
  note('commit of named offsets', { reads: 1, writes: 2 }, told);
  expect(told.writes).toBe(2);
  expect(told.reads).toBeLessThanOrEqual(2);
});

test('an instance that is in use says so a few times in its time, and no more', async () => {
  const { world, broker, of } = await settled();
  const bill = await world.bill(async () => {
    for (let second = 0; second < 300; second += 1) {
      world.clock.ms += 1_000;
      await poll(broker, of);
    }
  });
  const puts = bill.writes;
  rows.push(['writes of 300 idle polls, one a second', '3 of the member', String(puts)]);
  expect(puts).toBeLessThanOrEqual(10 + 3);
});
