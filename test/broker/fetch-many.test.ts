import { describe, expect, test } from 'vitest';
import type { Broker, FetchedPartition, FetchManyInput } from '../../lib/broker/broker.ts';
import { recordsOf } from '../../lib/broker/records.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import { World } from '../engine/budget-world.ts';
import { another, errorOf, put, record, startBroker, tinyRing } from './setup.ts';

async function started(partitions: number, config?: LogConfig) {
  const all = startBroker(config);
  await all.broker.createTopic({ name: 't', partitions });
  return all;
}

const from = (offset: bigint | 'beginning' | 'end', ...partitions: readonly number[]) =>
  partitions.map((partition) => ({ topic: 't', partition, offset }));

const fetchMany = (
  broker: Broker,
  partitions: FetchManyInput['partitions'],
  parts: Partial<FetchManyInput> = {},
) => broker.fetchMany({ minBytes: 0, maxWaitMs: 0, maxBytes: 1_000_000, ...parts, partitions });

const values = ({ fetched }: FetchedPartition): readonly string[] | undefined =>
  fetched && recordsOf(fetched).map(({ value }) => Buffer.from(value ?? []).toString());

/** One batch for each value. */
async function fill(broker: Broker, partition: number, ...all: readonly string[]) {
  for (const value of all) {
    const [told] = await broker.produce({ topic: 't', records: [record(value, { partition })] });
    expect(told).toMatchObject({ ok: true });
  }
}

const sizeOfBatch = async (broker: Broker, partition: number): Promise<number> => {
  const [one] = await fetchMany(broker, from(0n, partition), { maxBytes: 1 });
  return one?.fetched?.batches[0]?.length ?? 0;
};

describe.each([
  ['from the ring', undefined],
  ['from spill groups', tinyRing],
])('%s', (_, config) => {
  test('each from its own offset, in the order asked for', async () => {
    const { broker, engine } = await started(3, config);
    for (let i = 0; i < 9; i += 1) {
      for (const partition of [0, 1, 2]) await fill(broker, partition, `${partition}-${i}`);
    }
    await engine.settled();
    const told = await fetchMany(broker, [
      ...from(7n, 2),
      ...from('beginning', 0),
      ...from('end', 1),
    ]);
    expect(told.map((one) => [one.partition, values(one)?.length, values(one)?.[0]])).toEqual([
      [2, 2, '2-7'],
      [0, 9, '0-0'],
      [1, 0, undefined],
    ]);
    const bounds = { highWatermark: 9n, lastStableOffset: 9n, logStartOffset: 0n };
    expect(told.map(({ fetched }) => fetched)).toMatchObject([
      { offset: 7n, ...bounds },
      { offset: 0n, ...bounds },
      { offset: 9n, ...bounds },
    ]);
  });

  test('no more bytes than asked for, in the order of service', async () => {
    const { broker, engine } = await started(3, config);
    for (const partition of [0, 1, 2]) {
      await fill(broker, partition, ...['a', 'b', 'c', 'd'].map((value) => value.padEnd(300)));
    }
    await engine.settled();
    const size = await sizeOfBatch(broker, 0);
    const counts = async (maxBytes: number, ...order: readonly number[]) => {
      const told = await fetchMany(broker, from(0n, ...order), { maxBytes });
      return told.map((one) => values(one)?.length);
    };
    expect(await counts(1, 0, 1, 2)).toEqual([1, undefined, undefined]);
    expect(await counts(size * 4, 0, 1, 2)).toEqual([4, undefined, undefined]);
    expect(await counts(size * 6, 2, 0, 1)).toEqual([4, 2, undefined]);
    expect(await counts(size * 5 - 1, 1, 2, 0)).toEqual([4, undefined, undefined]);
    expect(await counts(size * 100, 1, 2, 0)).toEqual([4, 4, 4]);
  });
});

test('a batch larger than all the room comes if it is first, and waits for its turn if not', async () => {
  const { broker } = await started(2);
  await fill(broker, 0, 'small');
  await fill(broker, 1, 'large'.padEnd(5_000));
  const inOrder = async (...order: readonly number[]) =>
    (await fetchMany(broker, from(0n, ...order), { maxBytes: 1_000 })).map(
      (one) => values(one)?.length,
    );
  expect(await inOrder(0, 1)).toEqual([1, undefined]);
  expect(await inOrder(1, 0)).toEqual([1, undefined]);
});

test('more partitions than are read at a time', async () => {
  const { broker } = await started(50);
  for (let partition = 0; partition < 50; partition += 3) {
    await fill(broker, partition, `${partition}`);
  }
  const all = Array.from({ length: 50 }, (_, partition) => partition);
  const told = await fetchMany(broker, from(0n, ...all));
  expect(told.map((one) => values(one))).toEqual(
    all.map((partition) => (partition % 3 === 0 ? [`${partition}`] : [])),
  );
  // Taken in turns, every one gets its own, however little fits.
  const seen = new Set<number>();
  for (let turn = 0; turn < 17; turn += 1) {
    const order = [...all.filter((one) => !seen.has(one)), ...seen];
    const some = await fetchMany(broker, from(0n, ...order), { maxBytes: 1 });
    for (const one of some) if ((values(one)?.length ?? 0) > 0) seen.add(one.partition);
  }
  expect(seen.size).toBe(17);
});

test('what fails of one fails alone', async () => {
  const { broker } = await started(2);
  await fill(broker, 0, 'x');
  const told = await fetchMany(broker, [
    ...from(5n, 0),
    ...from(0n, 0, 7),
    { topic: 'no', partition: 0, offset: 'end' },
  ]);
  expect(told.map((one) => one.error?.kafka ?? values(one))).toEqual([
    'OFFSET_OUT_OF_RANGE',
    ['x'],
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]);
  expect(await fetchMany(broker, [])).toEqual([]);
});

describe('waiting', () => {
  test('ends with a commit of the same process to any of them, and reads that one alone', async () => {
    const { broker, clock } = await started(3);
    await fill(broker, 0, 'old');
    const partitions = [...from(1n, 0), ...from(0n, 1, 2)];
    const waiting = fetchMany(broker, partitions, { minBytes: 1, maxWaitMs: 10_000 });
    await clock.run(clock.sleep(1_100));
    await fill(broker, 2, 'x');
    const told = await clock.run(waiting);
    expect(told.map((one) => values(one))).toEqual([[], [], ['x']]);
    expect(clock.monotonic()).toBe(1_100);
  });

  test('ends soon with a commit of another process', async () => {
    const one = await started(3);
    const other = another(one);
    const partitions = from(0n, 0, 1, 2);
    const waiting = fetchMany(one.broker, partitions, { minBytes: 1, maxWaitMs: 10_000 });
    await one.clock.run(one.clock.sleep(1_100));
    await fill(other.broker, 1, 'x');
    const told = await one.clock.run(waiting);
    expect(told.map((each) => values(each))).toEqual([[], ['x'], []]);
    expect(one.clock.monotonic()).toBeLessThan(1_500);
  });

  test('is for the bytes of all together, and ends with the time', async () => {
    const { broker, clock } = await started(3);
    await fill(broker, 0, 'a'.padEnd(300));
    const size = await sizeOfBatch(broker, 0);
    const input = { minBytes: 2 * size, maxWaitMs: 3_000 };
    const partitions = from(0n, 0, 1, 2);
    const short = await clock.run(fetchMany(broker, partitions, input));
    expect(short.map((one) => values(one)?.length)).toEqual([1, 0, 0]);
    expect(clock.monotonic()).toBe(3_000);
    const waiting = fetchMany(broker, partitions, input);
    await clock.run(clock.sleep(500));
    await fill(broker, 2, 'b'.padEnd(300));
    const whole = await clock.run(waiting);
    expect(whole.map((one) => values(one)?.length)).toEqual([1, 0, 1]);
    expect(clock.monotonic()).toBe(3_500);
  });

  test('is not for what would not fit into the answer', async () => {
    const { broker, clock } = await started(2);
    for (const partition of [0, 1]) await fill(broker, partition, 'x'.padEnd(600));
    const input = { minBytes: 1_000, maxBytes: 900, maxWaitMs: 3_000 };
    const told = await clock.run(fetchMany(broker, from(0n, 0, 1), input));
    expect(told.map((one) => values(one)?.length)).toEqual([1, undefined]);
    expect(clock.monotonic()).toBe(0);
  });

  test('ends when the caller goes away, and not because a partition fails', async () => {
    const { broker, clock } = await started(1);
    const caller = new AbortController();
    const input = { minBytes: 1, maxWaitMs: 10_000, signal: caller.signal };
    const waiting = fetchMany(broker, from(0n, 0, 1), input);
    await clock.run(clock.sleep(500));
    caller.abort();
    const told = await clock.run(waiting);
    expect(told.map((one) => one.error?.kafka)).toEqual([undefined, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(clock.monotonic()).toBe(500);
  });
});

describe('requests', () => {
  const topic = 't';
  async function warm(partitions: number) {
    const world = new World();
    const { broker } = world.start();
    await broker.createTopic({ name: topic, partitions });
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    for (const partition of all) await fill(broker, partition, 'x');
    const idle = () => fetchMany(broker, from(1n, ...all));
    await idle();
    return { world, broker, all, idle };
  }

  test.each([1, 8, 50])('%i partitions at their ends: one read each, nothing else', async (n) => {
    const { world, idle } = await warm(n);
    const bill = await world.bill(idle);
    expect([bill.reads, bill.readUnits, bill.writes, bill.gets]).toEqual([n, n, 0, 0]);
  });

  test('nothing is asked of partitions behind the wave in which the room was used up', async () => {
    const { world, broker, all } = await warm(50);
    const bill = await world.bill(() => fetchMany(broker, from(0n, ...all), { maxBytes: 1 }));
    expect([bill.reads, bill.gets]).toEqual([16, 0]);
  });

  test('objects are read only as far as there is room', async () => {
    const world = new World();
    const { broker } = world.start();
    await broker.createTopic({ name: topic, partitions: 4 });
    for (const partition of [0, 1, 2, 3]) await fill(broker, partition, 'x'.padEnd(50_000));
    await fetchMany(broker, from(1n, 0, 1, 2, 3));
    const bill = await world.bill(() =>
      fetchMany(broker, from(0n, 0, 1, 2, 3), { maxBytes: 110_000 }),
    );
    expect([bill.reads, bill.gets]).toEqual([4, 3]);
  });
});

test('the words of errors are those of a fetch', async () => {
  const { broker } = await started(1);
  await put(broker, 't', 'x');
  const one = { topic: 't', partition: 0, offset: 9n, minBytes: 0, maxWaitMs: 0, maxBytes: 1 };
  expect(await errorOf(broker.fetch(one))).toBe('OFFSET_OUT_OF_RANGE');
  const [told] = await fetchMany(broker, [one]);
  await expect(broker.fetch(one)).rejects.toThrow(told?.error?.message);
});
