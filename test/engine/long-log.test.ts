import { expect, test } from 'vitest';
import { partition as toPartition } from '../../lib/std/brands.ts';
import { partitionPk } from '../../lib/store/partition-pk.ts';
import { another, put, startBroker, valuesOf } from '../broker/setup.ts';

test('a partition that is written for ever works: 12,000 commits on the ring of format 1', async () => {
  const started = startBroker();
  const { broker, engine, env } = started;
  const { id } = await broker.createTopic({ name: 't' });
  const log = { topicId: id, partition: toPartition(0) };
  const commits = 12_000;
  for (let i = 0; i < commits; i += 1) {
    // Now and then a large one, which lies in an object of its own.
    await put(broker, 't', i % 500 === 7 ? `${i}`.padEnd(10_000) : `${i}`);
    if (i === commits / 2) await engine.settled();
  }
  await engine.settled();
  const ring = { from: 'R#', to: 'R#99' };
  const slots = await env.table.query(partitionPk(log), ring, { limit: 100, consistent: true });
  if (slots.kind !== 'done') throw new Error('expected an answer');
  expect(slots.value.items).toHaveLength(64);
  // What a process remembers, and what a slot holds, does not grow with the log.
  const { replayed } = engine.logs.sights.get(log) ?? {};
  expect(replayed?.head.groups.length).toBeLessThanOrEqual(1);
  expect(replayed?.slot.bytes).toBeLessThan(20_000);
  expect(replayed?.head.spilled.offset).toBeGreaterThan(BigInt(commits - 64 * 40));
  const fresh = another(started);
  const values = await valuesOf(fresh.broker, 't');
  expect(values.map((value) => Number(value))).toEqual(values.map((_, i) => i));
  expect(values).toHaveLength(commits);
  expect(await put(fresh.broker, 't', 'on')).toEqual([commits]);
});

test('five processes write one partition at once, and the ring goes round', async () => {
  const one = startBroker();
  await one.broker.createTopic({ name: 't' });
  const all = [one, another(one), another(one), another(one), another(one)];
  const writers = all.map(async ({ broker }, w) => {
    const told: [number, string][] = [];
    for (let i = 0; i < 400; i += 1) {
      const [offset = -1] = await put(broker, 't', `${w}.${i}`);
      told.push([offset, `${w}.${i}`]);
    }
    return told;
  });
  const told = (await one.clock.run(Promise.all(writers))).flat();
  await one.clock.run(Promise.all(all.map(({ engine }) => engine.settled())));
  const values = await valuesOf(another(one).broker, 't');
  expect(values).toHaveLength(2_000);
  for (const [offset, value] of told) expect(values[offset]).toBe(value);
});
