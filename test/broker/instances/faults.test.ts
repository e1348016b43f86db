import { describe, expect, test } from 'vitest';
import type { Broker } from '../../../lib/broker/broker.ts';
import type { InstanceName } from '../../../lib/broker/instances/instance-types.ts';
import { OutcomeUnknown } from '../../../lib/engine/outcome-unknown.ts';
import type { MetadataTable } from '../../../lib/ports/metadata-table.ts';
import { faultyTable } from '../../adapters/faulty.ts';
import type { Fault } from '../../adapters/faulty.ts';
import { memoryEnv, otherProcess, startEngine } from '../../engine/memory-env.ts';
import { Seeded } from '../../engine/seeded.ts';
import { VirtualClock } from '../../engine/virtual-clock.ts';
import { earliest, fill, poll } from './setup.ts';

/*
 * Several processes poll one instance at the same time, on a table whose writes of instances are
 * lost, answered by nobody, or land late. What was returned for certain was returned once; without
 * `ack`, only a poll whose outcome was told as unknown may keep records; with it, none.
 */

const faults: readonly Fault[] = [
  'none',
  'none',
  'none',
  'lose-reply',
  'lose-request',
  'apply-late',
];

/** Writes of instances fail, all others do not. */
function faultyInstances(inner: MetadataTable, random: Seeded) {
  const faulty = faultyTable(inner, () => random.pick(faults));
  const table: MetadataTable = {
    get: (...args) => inner.get(...args),
    query: (...args) => inner.query(...args),
    put: (item, condition) =>
      (item.sk.startsWith('I#') ? faulty.store : inner).put(item, condition),
    delete: (...args) => inner.delete(...args),
    append: (...args) => inner.append(...args),
    transact: (...args) => inner.transact(...args),
  };
  return { table, settle: faulty.settle };
}

const records = 24;
const partitions = 3;

async function worldOf(seed: number) {
  const random = new Seeded(seed);
  const clock = new VirtualClock();
  const env = memoryEnv({ clock, random });
  const calm = startEngine(env).broker;
  await calm.createTopic({ name: 't', partitions });
  const name = await calm.instances.create('g', undefined, earliest);
  const of = { group: 'g', name };
  await calm.instances.subscribe(of, ['t']);
  await clock.run(poll(calm, of, { timeoutMs: 3_000 }));
  for (let i = 0; i < records; i += 1) await fill(calm, i % partitions, `${i}`);
  const { table, settle } = faultyInstances(env.table, random);
  const brokers = Array.from(
    { length: 3 },
    () => startEngine({ ...otherProcess(env), table }).broker,
  );
  return { random, clock, calm, of, brokers, settle };
}

/** The records of a poll; undefined if its outcome is unknown. */
async function told(
  broker: Broker,
  of: InstanceName,
  parts: Parameters<typeof poll>[2],
): Promise<Awaited<ReturnType<typeof poll>> | undefined> {
  try {
    return await poll(broker, of, parts);
  } catch (error) {
    if (error instanceof OutcomeUnknown) return undefined;
    throw error;
  }
}

const expected = Array.from({ length: records }, (_, i) => `${i % partitions}:${i}`).toSorted();
const seeds = Array.from({ length: 20 }, (_, seed) => seed);

describe.each(seeds)('seed %i', (seed) => {
  test('nothing is returned twice, and nothing is passed over but what was told as unknown', async () => {
    const { random, clock, calm, of, brokers, settle } = await worldOf(seed);
    const seen: string[] = [];
    let unknown = 0;
    for (let round = 0; round < 40; round += 1) {
      const answers = await clock.run(
        Promise.all(brokers.map((broker) => told(broker, of, { max: 1 + random.int(0, 2) }))),
      );
      for (const answer of answers) {
        if (answer === undefined) unknown += 1;
        else seen.push(...answer.records);
      }
      if (random.next() < 0.3) await settle();
    }
    await settle();
    for (let polls = 0; polls < records; polls += 1) {
      seen.push(...(await clock.run(poll(calm, of))).records);
    }
    expect(new Set(seen).size).toBe(seen.length);
    if (unknown === 0) expect(seen.toSorted()).toEqual(expected);
    // A poll that is told as unknown keeps what it would have returned, and no more.
    expect(records - seen.length).toBeLessThanOrEqual(unknown * 3);
  });

  test('with ack nothing is passed over, whatever is unknown', async () => {
    const { random, clock, of, brokers, settle } = await worldOf(seed);
    const seen: string[] = [];
    let ack = 0;
    for (let round = 0; seen.length < records; round += 1) {
      if (round > 500) throw new Error(`only ${seen.length} records came`);
      const answer = await clock.run(told(random.pick(brokers), of, { ack, max: 3 }));
      if (random.next() < 0.3) await settle();
      // A lost answer is asked for again.
      if (answer === undefined || random.next() < 0.3) continue;
      if (answer.pollId === ack) continue;
      expect(answer.pollId).toBe(ack + 1);
      ack += 1;
      seen.push(...answer.records);
    }
    expect(seen.toSorted()).toEqual(expected);
  });
});
