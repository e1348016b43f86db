import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FetchInput, Fetched } from '../../../lib/broker/broker.ts';
import { string } from '../../../lib/client/serdes.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { encodeBatch } from '../../../lib/protocol/record-batch-encode.ts';
import { faultyClient } from '../faulty-transport.ts';

const partitions = 2;

/** Records per batch, by partition. */
const logs = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 12 }), {
  minLength: partitions,
  maxLength: partitions,
});

/** What becomes of a fetch: an answer after so many ms, an answer without batches, or an error. */
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.record({ afterMs: fc.constantFrom(0, 1, 300) }) },
  { weight: 1, arbitrary: fc.constant('empty' as const) },
  { weight: 2, arbitrary: fc.constant('KAFKA_STORAGE_ERROR' as const) },
  { weight: 1, arbitrary: fc.constant('OFFSET_OUT_OF_RANGE' as const) },
  { weight: 1, arbitrary: fc.constant('TOPIC_AUTHORIZATION_FAILED' as const) },
);

const partition = fc.integer({ min: 0, max: partitions - 1 });

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('next' as const), count: fc.nat(6) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('seek' as const), partition, offset: fc.nat(30) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), partition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400) }) },
);

const options = fc.record({
  maxBytes: fc.constantFrom(1, 200, 100_000),
  prefetchBytes: fc.constantFrom(1, 300, 100_000),
});

test('whatever becomes of fetches, each partition is handed out record by record', async () => {
  let read = 0;
  let failed = 0;
  const run = fc.asyncProperty(
    logs,
    fc.array(fate, { maxLength: 30 }),
    fc.array(step, { maxLength: 40 }),
    options,
    async (batches, fates, steps, settings) => {
      const { broker, client, clock, hooks, transport } = faultyClient();
      await broker.createTopic({ name: 't', partitions });
      const ends = [0, 0];
      for (const [at, counts] of batches.entries()) {
        for (const count of counts) {
          const records = Array.from({ length: count }, (_, i) => {
            const value = Buffer.from(`${at}/${(ends[at] ?? 0) + i}`);
            return { key: null, value, headers: [], timestamp: 1_750_000_000_000n };
          });
          const batch = encodeBatch(records, { codec: 'none' });
          await clock.run(broker.produceBatch({ topic: 't', partition: at, batch }));
          ends[at] = (ends[at] ?? 0) + count;
        }
      }
      /** Partitions of which a fetch said, truly or not, that the offset is out of range. */
      const anew = new Set<number>();
      const fatesLeft = [...fates];
      hooks.fetch = async (input: FetchInput): Promise<Fetched> => {
        const fetched = fatesLeft.shift() ?? { afterMs: 0 };
        if (typeof fetched === 'string' && fetched !== 'empty') {
          if (fetched === 'OFFSET_OUT_OF_RANGE') anew.add(input.partition);
          throw new ProtocolError(fetched);
        }
        const answer = await transport.fetch({ ...input, maxWaitMs: 0 }).catch((error: unknown) => {
          anew.add(input.partition);
          throw error;
        });
        if (fetched === 'empty') return { ...answer, batches: [] };
        await clock.sleep(fetched.afterMs);
        return answer;
      };
      const assignments = [{ topic: 't' }];
      const consumer = client.consumer({ value: string, assignments, ...settings });
      let records = consumer.records();
      /** The next offset by partition: as sought, or one on; 0 after one that was out of range. */
      const expected = [0, 0];
      let waiting: Promise<unknown> | undefined;
      const hand = (
        result: IteratorResult<{ partition: number; offset: bigint; value: unknown }>,
      ) => {
        if (result.done === true) return;
        const { partition: from, offset, value } = result.value;
        const due = expected[from];
        if (Number(offset) !== 0 || !anew.has(from)) expect(Number(offset)).toBe(due);
        expect(value).toBe(`${from}/${offset}`);
        expected[from] = Number(offset) + 1;
        read += 1;
      };
      const next = (): void => {
        waiting = records.next().then(hand, (error: unknown) => {
          const told = error instanceof ProtocolError && error.kafka;
          if (told !== 'TOPIC_AUTHORIZATION_FAILED') throw error;
          failed += 1;
          records = consumer.records();
        });
      };
      const settled = async (ms: number): Promise<boolean> => {
        let over = false;
        const watched = waiting?.then(() => (over = true));
        await clock.run(Promise.race([watched, clock.sleep(ms)]));
        if (over) waiting = undefined;
        return over;
      };
      for (const one of steps) {
        if (one.kind === 'next') {
          for (let i = 0; i < one.count; i += 1) {
            if (waiting === undefined) next();
            if (!(await settled(2_000))) break;
          }
        } else if (one.kind === 'seek') {
          // Nobody waits meanwhile, so that what is handed out is of one side of it.
          if (waiting !== undefined && !(await settled(0))) continue;
          await clock.run(consumer.seek({ topic: 't', partition: one.partition }, one));
          expected[one.partition] = one.offset;
        } else if (one.kind === 'leave') {
          await records.return?.();
          if (waiting !== undefined) await settled(0);
          records = consumer.records();
        } else if (one.kind === 'pause') {
          consumer.pause([{ topic: 't', partition: one.partition }]);
        } else if (one.kind === 'resume') {
          consumer.resume();
        } else {
          await clock.run(clock.sleep(one.ms));
        }
      }
      // In the end all is read: what was sought beyond the end begins anew.
      consumer.resume();
      fatesLeft.length = 0;
      const isRead = (at: number): boolean =>
        consumer.position({ topic: 't', partition: at }) === BigInt(ends[at] ?? 0);
      for (let i = 0; i < 2_000 && !(isRead(0) && isRead(1)); i += 1) {
        if (waiting === undefined) next();
        if (!(await settled(3_000))) break;
      }
      expect([isRead(0), isRead(1)]).toEqual([true, true]);
      // Where there is nothing, nothing was handed out behind what was sought.
      for (const [at, end] of ends.entries()) if (end > 0) expect(expected[at]).toBe(end);
      await clock.run(client.close());
      await waiting;
    },
  );
  await fc.assert(run, { numRuns: 300 });
  expect(read).toBeGreaterThan(5_000);
  expect(failed).toBeGreaterThan(50);
});
