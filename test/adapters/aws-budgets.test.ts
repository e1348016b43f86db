import { afterAll, afterEach, describe, expect, inject, test } from 'vitest';
import type { Broker } from '../../lib/broker/broker.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import { World } from '../engine/budget-world.ts';
import type { Bill } from '../engine/counting.ts';
import { AwsWorld } from './aws-budget-world.ts';
import { range } from './items.ts';

/**
 * The budgets of docs/limits-and-costs.md where requests are counted as the SDK sends them, and
 * units are what the table says that it consumed. test/engine/budgets.test.ts asserts more of them,
 * with a store that computes units from sizes: here the two are also shown to agree.
 */
const measured: string[] = [];
afterAll(() => console.log(measured.join('\n')));
const note = (what: string, bill: Bill, by = 1): void => {
  const per = (value: number): string => String(Number((value / by).toFixed(3)));
  measured.push(
    `${what}: ${per(bill.reads)} reads (${per(bill.readUnits)} units), ${per(bill.writes)} writes ` +
      `(${per(bill.writeUnits)} units), ${per(bill.failedWrites)} failed, ${per(bill.puts)} PUTs, ${per(bill.gets)} GETs`,
  );
};

interface Process {
  readonly engine: Engine;
  readonly broker: Broker;
}

/** What both worlds can do. */
interface Worldlike {
  readonly clock: { ms: number };
  start(): Process;
  bill(work: () => Promise<unknown>): Promise<Bill>;
}

let opened: AwsWorld[] = [];
const open = async (): Promise<AwsWorld> => {
  const world = await AwsWorld.open(inject('dynoxide') ?? inject('emulator'));
  opened.push(world);
  return world;
};
afterEach(() => {
  for (const world of opened) world.close();
  opened = [];
});

const topic = 't';

async function produce(world: Worldlike, broker: Broker, bytes: number, count = 1): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    // Time passes, or timestamps would be smaller than they are.
    world.clock.ms += 3;
    const value = Buffer.alloc(bytes, 'x');
    const [result] = await broker.produce({ topic, records: [{ key: null, value, headers: [] }] });
    expect(result).toMatchObject({ ok: true });
  }
}

/** The same, but no spill goes on beside the next produce: then every world does the same. */
async function produceSettled(
  world: Worldlike,
  { broker, engine }: Process,
  bytes: number,
  count: number,
) {
  for (let i = 0; i < count; i += 1) {
    await produce(world, broker, bytes);
    await engine.settled();
  }
}

/** A topic with a writer that has been alone for a while. */
async function soleWriter(world: Worldlike, bytes: number, before = 100) {
  const { broker, engine } = world.start();
  await broker.createTopic({ name: topic });
  await produce(world, broker, bytes, before);
  await engine.settled();
  return broker;
}

const fetchAt = (broker: Broker, offset: number, maxBytes = 1024 * 1024) =>
  broker.fetch({
    topic,
    partition: 0,
    offset: BigInt(offset),
    minBytes: 0,
    maxWaitMs: 0,
    maxBytes,
  });

const commits = (bill: Bill) => bill.of('append R', 'put R', 'failed append R', 'failed put R');

const countsOf = (bill: Bill) => {
  const { reads, writes, failedWrites, writeUnits, puts, gets } = bill;
  return { reads, writes, failedWrites, writeUnits, puts, gets };
};

describe('a sole writer, warm', () => {
  const count = 200;

  test.each([
    [100, 1.02],
    [1_000, 2],
    [4_000, 5],
  ])('%i bytes: one write per commit, of at most %d units', async (bytes, unitsMax) => {
    const world = await open();
    const broker = await soleWriter(world, bytes);
    const bill = await world.bill(() => produce(world, broker, bytes, count));
    expect(commits(bill).requests).toBe(count);
    expect(bill.failedWrites).toBe(0);
    expect(commits(bill).units / count).toBeLessThanOrEqual(unitsMax);
    const hints = bill.of('put N').requests;
    expect(hints).toBeLessThanOrEqual(Math.ceil(bill.of('put R').requests / 16));
    // A spill: one put more, an upload, and one or two reads. Nothing else was sent.
    const groups = bill.of('put X').requests;
    expect(bill.puts).toBe(groups);
    expect(bill.writes).toBe(count + hints + groups);
    expect(bill.reads).toBeLessThanOrEqual(2 * groups);
    note(`produce ${bytes} B, sole`, bill, count);
  });

  test.each([100, 1_000, 4_000, 100_000])(
    '%i bytes: the table consumes what the engine is said to cost',
    async (bytes) => {
      const bills: Bill[] = [];
      for (const world of [await open(), new World()]) {
        const process = world.start();
        await process.broker.createTopic({ name: topic });
        bills.push(await world.bill(() => produceSettled(world, process, bytes, 150)));
      }
      const [found, computed] = bills as [Bill, Bill];
      expect(countsOf(found)).toEqual(countsOf(computed));
      note(`the first 150 of ${bytes} B`, found, 150);
    },
  );

  test('a large batch is one small write and a PUT', async () => {
    const world = await open();
    const broker = await soleWriter(world, 100_000, 80);
    const bill = await world.bill(() => produce(world, broker, 100_000, 50));
    expect([bill.puts, commits(bill).requests]).toEqual([50, 50]);
    expect(commits(bill).units / 50).toBeLessThanOrEqual(1.1);
    note('produce 100 KB, sole', bill, 50);
  });

  test('an idle topic costs nothing', async () => {
    const world = await open();
    await soleWriter(world, 100);
    const bill = await world.bill(async () => {
      world.clock.ms += 30 * 24 * 60 * 60 * 1000;
      for (let i = 0; i < 100; i += 1) await world.clock.sleep();
    });
    expect([bill.reads, bill.writes, bill.puts, bill.gets]).toEqual([0, 0, 0, 0]);
  });
});

test('two uncoordinated writers, each with one request in flight', async () => {
  const world = await open();
  const brokers = [world.start().broker, world.start().broker];
  await brokers[0]?.createTopic({ name: topic });
  const each = (count: number) =>
    Promise.all(brokers.map((broker) => produce(world, broker, 100, count)));
  await each(40);
  const count = 300;
  const bill = await world.bill(() => each(count / 2));
  const spills = bill.puts;
  expect((commits(bill).requests - spills) / count).toBeLessThanOrEqual(1.6);
  const spillReads = bill.of('query R', 'get SYS').requests;
  expect((bill.reads - spillReads) / count).toBeLessThanOrEqual(1);
  note('produce 100 B, two writers', bill, count);
});

describe('what comes with it', () => {
  const producer = (producerId: bigint, sequence: number) => ({
    partition: 0,
    producerId,
    producerEpoch: 0,
    sequence,
  });
  const records = [{ key: null, value: Buffer.alloc(100), headers: [] }];

  test('a producer that the head does not know costs one read', async () => {
    const world = await open();
    const broker = await soleWriter(world, 100);
    const sent = (sequence: number) => () =>
      broker.produce({ topic, records, producers: [producer(1n, sequence)] });
    const first = await world.bill(sent(0));
    expect([first.reads, first.readUnits, first.of('get PR').requests]).toEqual([1, 1, 1]);
    expect((await world.bill(sent(1))).reads).toBe(0);
  });

  test('a keyed request costs two writes more, and its repetition one', async () => {
    const world = await open();
    const broker = await soleWriter(world, 100);
    const sent = () => broker.produce({ topic, records, idempotencyKey: 'k' });
    const first = await world.bill(sent);
    expect([first.of('put IK').requests, commits(first).requests]).toEqual([2, 1]);
    const again = await world.bill(sent);
    expect([again.of('failed put IK').requests, again.writes]).toEqual([1, 1]);
    note('keyed request', first);
  });
});

describe('fetching', () => {
  test.each([100, 1_000])('at the end, nothing new, %i bytes: one read', async (bytes) => {
    const world = await open();
    await soleWriter(world, bytes);
    const { broker } = world.start();
    await fetchAt(broker, 100);
    const bill = await world.bill(() => fetchAt(broker, 100));
    expect([bill.reads, bill.readUnits, bill.writes]).toEqual([1, 1, 0]);
  });

  test('new batches: one or two reads', async () => {
    const world = await open();
    const writer = await soleWriter(world, 100);
    const { broker } = world.start();
    let end = 100;
    await fetchAt(broker, end);
    for (const k of [1, 2, 4, 8]) {
      await produce(world, writer, 100, k);
      const bill = await world.bill(async () => {
        expect((await fetchAt(broker, end)).batches).toHaveLength(k);
      });
      end += k;
      // At the end of the ring what is near lies in two places.
      expect(bill.reads).toBeLessThanOrEqual(bill.of('query R').requests === 2 ? 3 : 2);
      note(`fetch ${k} new of 100 B`, bill);
    }
  });

  test('cold, for append: a hint and a query', async () => {
    const world = await open();
    await soleWriter(world, 1_000);
    const bill = await world.bill(() => produce(world, world.start().broker, 4_000));
    expect([bill.of('get N').requests, bill.of('query R').requests]).toEqual([1, 1]);
    expect(bill.of('get R').requests).toBeLessThanOrEqual(1);
    expect(bill.failedWrites).toBe(0);
    note('cold open, append', bill);
  });

  test('from groups: one query, one more per eight, and a GET for each', async () => {
    const world = await open();
    await soleWriter(world, 1_000, 300);
    const { broker } = world.start();
    await fetchAt(broker, 300);
    const one = await world.bill(() => fetchAt(broker, 10, 1_000));
    expect([one.of('query X').requests, one.of('get R').requests, one.gets]).toEqual([1, 1, 1]);
    const all = await world.bill(() => fetchAt(broker, 0));
    expect(all.gets).toBeGreaterThan(2);
    expect(all.of('query X').requests).toBe(1 + Math.ceil((all.gets - 1) / 8));
    note(`fetch from ${all.gets} groups`, all);
  });
});

describe('reads are billed by what they read', () => {
  const billsReads = inject('dynoxide') !== undefined;

  test.skipIf(!billsReads)(
    'a cold fetch is one query of the ring, of at most 64 units',
    async () => {
      const world = await open();
      await soleWriter(world, 1_000, 150);
      const bill = await world.bill(() => fetchAt(world.start().broker, 150));
      expect([bill.of('query R').requests, bill.of('get TOPICS').requests, bill.reads]).toEqual([
        1, 1, 2,
      ]);
      // 64 slots of one or two KB each: it was not billed as one item.
      expect(bill.of('query R').units).toBeGreaterThan(16);
      expect(bill.of('query R').units).toBeLessThanOrEqual(64);
      note('cold open, fetch', bill);
    },
  );

  test.skipIf(!billsReads)(
    'the table consumes for reads what the engine is said to cost',
    async () => {
      const bills: Bill[] = [];
      for (const world of [await open(), new World()]) {
        const [writer, { broker }] = [world.start(), world.start()] as const;
        await writer.broker.createTopic({ name: topic });
        bills.push(
          await world.bill(async () => {
            for (const n of range(20)) {
              await produceSettled(world, writer, 1_000, 5);
              await fetchAt(broker, n * 5);
              await fetchAt(world.start().broker, 0);
            }
          }),
        );
      }
      const [found, computed] = bills as [Bill, Bill];
      expect(countsOf(found)).toEqual(countsOf(computed));
      expect(found.readUnits).toBe(computed.readUnits);
    },
  );
});
