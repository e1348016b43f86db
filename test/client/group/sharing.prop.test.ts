import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GroupConsumer, TopicPartition } from '../../../lib/client/index.ts';
import { startWorld } from './world.ts';
import type { Fate, Process } from './world.ts';

const partitions = 3;
const each = 8;

const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>('ok') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('lost', 'applied', 'refused') },
  { weight: 1, arbitrary: fc.nat(20_000).map((late): Fate => ({ late })) },
  { weight: 1, arbitrary: fc.nat(12_000).map((slow): Fate => ({ slow })) },
  { weight: 1, arbitrary: fc.nat(20_000).map((twice): Fate => ({ twice })) },
);

const member = fc.record({
  startMs: fc.nat(15_000),
  /** Then it is closed; or, if it `dies`, cut off first, for good. */
  livesMs: fc.integer({ min: 1_000, max: 40_000 }),
  dies: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 3 }),
  handleMs: fc.constantFrom(10, 700, 3_000, 9_000),
  commits: fc.constantFrom('auto', 'each', 'revoked'),
  fates: fc.array(fate, { maxLength: 40 }),
});

type Plan = typeof member extends fc.Arbitrary<infer T> ? T : never;

/** One is answered when its session is over, and had not committed what it had processed. */
const fenced: Plan[] = [
  {
    startMs: 0,
    livesMs: 30_000,
    dies: false,
    concurrency: 1,
    handleMs: 700,
    commits: 'revoked',
    fates: ['ok', 'ok', 'ok', 'ok', { slow: 12_000 }],
  },
  {
    startMs: 500,
    livesMs: 30_000,
    dies: false,
    concurrency: 1,
    handleMs: 700,
    commits: 'auto',
    fates: [],
  },
];

test('whatever becomes of calls and members, all is processed, and no commit says more', async () => {
  let lost = 0;
  let again = 0;
  const run = fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 4 }), async (plans) => {
    const world = await startWorld(partitions, each);
    const { clock, broker } = world;
    /** By partition and offset, how often a handler was done with it. */
    const processed = new Map<string, number>();
    const done = (partition: number, offset: bigint): void => {
      const name = `${partition}/${offset}`;
      processed.set(name, (processed.get(name) ?? 0) + 1);
    };
    const all: Promise<unknown>[] = [];

    const start = (plan: Plan, process: Process): GroupConsumer<Buffer | null, Buffer | null> => {
      process.fates.push(...plan.fates);
      const own = new Set<number>();
      const atWork = new Set<number>();
      const goes = (list: readonly TopicPartition[]): void => {
        for (const { partition } of list) {
          // Told once that it came, and once that it went, when nobody works on it.
          expect(own.delete(partition)).toBe(true);
          expect(atWork.has(partition)).toBe(false);
        }
      };
      const consumer = process.client.consumer({
        group: 'g',
        topics: ['t'],
        sessionTimeoutMs: 6_000,
        rebalanceTimeoutMs: 20_000,
        heartbeatIntervalMs: 1_000,
        autoCommit: plan.commits === 'auto',
        autoCommitIntervalMs: 2_000,
        maxBytes: 150,
        onAssigned: (list) => {
          for (const { partition } of list) {
            expect(own.has(partition)).toBe(false);
            own.add(partition);
          }
        },
        onRevoked: async (list, self) => {
          if (plan.commits === 'revoked') await self.commit().catch(() => undefined);
          goes(list);
        },
        onLost: (list) => {
          lost += list.length;
          goes(list);
        },
      });
      const running = consumer.run({
        concurrency: plan.concurrency,
        eachRecord: async ({ topic, partition, offset }) => {
          expect(own.has(partition)).toBe(true);
          expect(atWork.has(partition)).toBe(false);
          atWork.add(partition);
          await clock.sleep(plan.handleMs);
          done(partition, offset);
          if (plan.commits === 'each') {
            const next = { topic, partition, offset: offset + 1n };
            await consumer.commit([next]).catch(() => undefined);
          }
          atWork.delete(partition);
        },
      });
      all.push(running);
      return consumer;
    };

    /** Virtual time goes on for ever: what does not end is to be told. */
    const within = async <T>(what: string, work: Promise<T>): Promise<T> => {
      const ended = new AbortController();
      const late = clock.sleep(600_000, ended.signal).then(() => {
        if (!ended.signal.aborted) throw new Error(`expected an end of ${what}`);
        return work;
      });
      return Promise.race([work, late]).finally(() => ended.abort());
    };

    /** What was committed is processed, all before it too, and never goes back. */
    const last = new Map<number, bigint>();
    const look = async (): Promise<void> => {
      for (const { partition, committed } of await broker.fetchOffsets({ group: 'g' })) {
        const offset = committed?.offset ?? 0n;
        expect(offset).toBeGreaterThanOrEqual(last.get(partition) ?? 0n);
        last.set(partition, offset);
        for (let before = 0n; before < offset; before += 1n) {
          expect(processed.has(`${partition}/${before}`)).toBe(true);
        }
      }
    };

    const live = async (plan: Plan): Promise<void> => {
      await clock.sleep(plan.startMs);
      const process = world.process();
      const consumer = start(plan, process);
      await clock.sleep(plan.livesMs);
      if (plan.dies) {
        process.cutOff();
        await clock.sleep(15_000);
      }
      await consumer.close();
    };
    const lives = plans.map(live);
    for (let i = 0; i < 60; i += 1) {
      await clock.run(clock.sleep(1_000));
      await clock.run(look());
    }
    await clock.run(within('lives', Promise.all(lives)));
    // Whoever is left does what nobody has done.
    const plain = { startMs: 0, livesMs: 0, dies: false, concurrency: 3, handleMs: 10 } as const;
    const healer = start({ ...plain, commits: 'auto', fates: [] }, world.process());
    const isOver = (): boolean =>
      last.size === partitions && [...last.values()].every((offset) => offset === BigInt(each));
    for (let i = 0; i < 60 && !isOver(); i += 1) {
      await clock.run(clock.sleep(2_000));
      await clock.run(look());
    }
    await clock.run(within('the last farewell', healer.close()));
    await clock.run(look());
    await clock.run(within('runs', Promise.all(all)));
    expect([...last.values()]).toEqual(Array.from({ length: partitions }, () => BigInt(each)));
    expect(processed.size).toBe(partitions * each);
    for (const times of processed.values()) again += times - 1;
  });
  await fc.assert(run, { numRuns: 20, examples: [[fenced]] });
  // The faults did something.
  expect(lost).toBeGreaterThan(0);
  expect(again).toBeGreaterThan(0);
}, 120_000);
