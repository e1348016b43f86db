import { expect, test } from 'vitest';
import { offset, partition as toPartition } from '../../lib/std/brands.ts';
import { readBatches } from '../../lib/engine/read-batches.ts';
import { another, put, startBroker, tinyRing, valuesOf } from '../broker/setup.ts';
import type { Started } from '../broker/setup.ts';

const never = { expired: () => false };

async function started(
  large: boolean,
): Promise<Started & { log: Parameters<typeof readBatches>[1] }> {
  const all = startBroker(tinyRing);
  const { id } = await all.broker.createTopic({ name: 't' });
  for (let i = 0; i < 10; i += 1) await put(all.broker, 't', `${i}`.padEnd(large ? 9_000 : 10));
  await all.engine.settled();
  return { ...all, log: { topicId: id, partition: toPartition(0) } };
}

test('an object that is not there is looked for under a new head, then it is an alarm', async () => {
  const all = await started(true);
  const { objects } = all.env;
  const get = objects.get.bind(objects);
  let misses = 1;
  objects.get = async (key, range) => {
    misses -= 1;
    return misses >= 0 ? { kind: 'done', value: undefined } : get(key, range);
  };
  expect(await valuesOf(all.broker, 't')).toHaveLength(10);
  misses = Infinity;
  const reading = readBatches(all.engine.logs, all.log, offset(0n), 1, never);
  await expect(reading).rejects.toThrow('I7');
});

test('bytes that changed in the store are an alarm, never an answer', async () => {
  const all = await started(true);
  const { objects } = all.env;
  const get = objects.get.bind(objects);
  objects.get = async (key, range) => {
    const outcome = await get(key, range);
    // A bit of the CRC, which says that the batch is another one.
    if (outcome.kind === 'done' && outcome.value !== undefined) {
      outcome.value[18] = (outcome.value[18] ?? 0) ^ 1;
    }
    return outcome;
  };
  const reading = readBatches(all.engine.logs, all.log, offset(0n), 1, never);
  await expect(reading).rejects.toThrow('I3');
});

test('an old memory of a log is no reason for an old answer', async () => {
  const all = await started(false);
  const other = another(all, tinyRing);
  expect(await valuesOf(other.broker, 't')).toHaveLength(10);
  // The ring goes round several times behind its back, then it reads and writes on.
  for (let i = 10; i < 60; i += 1) await put(all.broker, 't', `${i}`);
  const wanted = { topic: 't', partition: 0, minBytes: 0, maxWaitMs: 0, maxBytes: 1e6 };
  const { highWatermark } = await other.broker.fetch({ ...wanted, offset: 10n });
  expect(highWatermark).toBe(60n);
  expect(await put(other.broker, 't', 'on')).toEqual([60]);
  const numbers = (await valuesOf(other.broker, 't')).slice(0, 60).map(Number);
  expect(numbers).toEqual(numbers.map((_, i) => i));
});

test('a memory so old that nothing of it is left in the ring: append first', async () => {
  const all = await started(false);
  const other = another(all, tinyRing);
  await put(other.broker, 't', 'seen');
  for (let i = 0; i < 50; i += 1) await put(all.broker, 't', `${i}`);
  expect(await put(other.broker, 't', 'on')).toEqual([61]);
  expect(await valuesOf(all.broker, 't')).toHaveLength(62);
});
