import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../lib/client/errors.ts';
import type { Delivery } from '../../../lib/client/types.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { valuesOf } from '../../broker/setup.ts';
import { faultyClient } from '../faulty-transport.ts';
import type { Fate } from '../faulty-transport.ts';

const partitions = 2;

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('ok') },
  { weight: 3, arbitrary: fc.constant<Fate>('lost') },
  { weight: 3, arbitrary: fc.constant<Fate>('applied') },
  { weight: 4, arbitrary: fc.record({ late: fc.integer({ min: 0, max: 5_000 }) }) },
  { weight: 1, arbitrary: fc.constant<Fate>('hang') },
  { weight: 1, arbitrary: fc.constant<Fate>('bug') },
  { weight: 2, arbitrary: fc.constant<Fate>('KAFKA_STORAGE_ERROR') },
  { weight: 2, arbitrary: fc.constant<Fate>('TOPIC_AUTHORIZATION_FAILED') },
  { weight: 2, arbitrary: fc.constant<Fate>('MESSAGE_TOO_LARGE') },
  { weight: 1, arbitrary: fc.constant<Fate>('OUT_OF_ORDER_SEQUENCE_NUMBER') },
  { weight: 1, arbitrary: fc.constant<Fate>('crash') },
);

/** So many records, one after the other, then a pause of so many ms. */
const burst = fc.record({
  partition: fc.integer({ min: 0, max: partitions - 1 }),
  records: fc.integer({ min: 1, max: 6 }),
  bytes: fc.constantFrom(1, 1, 200),
  pauseMs: fc.constantFrom(0, 1, 4, 20, 500),
  abort: fc.option(fc.constantFrom(0, 2, 50), { freq: 6 }),
});

const options = fc.record({
  idempotent: fc.constantFrom(true, true, true, false),
  lingerMs: fc.constantFrom(0, 5),
  batchBytes: fc.constantFrom(60, 200, 10_000),
  bufferBytes: fc.constantFrom(100, 400, 1_000_000),
  deliveryTimeoutMs: fc.constantFrom(50, 1_000, 5_000, 120_000),
  maxBlockMs: fc.constantFrom(10, 60_000),
});

interface Sent {
  readonly value: string;
  readonly partition: number;
  ended: Delivery | Error | undefined;
}

test('whatever becomes of batches, the log holds what was acknowledged, once, in order', async () => {
  let acknowledged = 0;
  let unknown = 0;
  let refused = 0;
  const run = fc.asyncProperty(
    fc.array(fate, { maxLength: 25 }),
    fc.array(burst, { minLength: 1, maxLength: 12 }),
    options,
    fc.nat(),
    async (fates, bursts, settings, seed) => {
      const faulty = faultyClient(seed);
      const { client, clock, broker } = faulty;
      await broker.createTopic({ name: 't', partitions });
      faulty.fates.push(...fates);
      const producer = client.producer(settings);
      const all: Sent[] = [];
      const work = async (): Promise<void> => {
        for (const { partition, records, bytes, pauseMs, abort } of bursts) {
          const stop = new AbortController();
          for (let i = 0; i < records; i += 1) {
            const value = `${all.length}`.padStart(i % 2 === 0 ? bytes : 1, '0');
            const one: Sent = { value, partition, ended: undefined };
            all.push(one);
            producer.send({ topic: 't', partition, value }, { signal: stop.signal }).then(
              (delivery) => void (one.ended = delivery),
              (error: Error) => void (one.ended = error),
            );
          }
          if (abort !== null) void clock.sleep(abort).then(() => stop.abort());
          await clock.sleep(pauseMs);
        }
        await producer.close();
      };
      await clock.run(work());
      await clock.drain();

      for (let partition = 0; partition < partitions; partition += 1) {
        const log = await valuesOf(broker, 't', partition);
        expect(new Set(log).size, 'a record is in the log twice').toBe(log.length);
        const offsets: number[] = [];
        for (const one of all.filter((sent) => sent.partition === partition)) {
          const { value, ended } = one;
          if (ended === undefined) throw new Error(`nobody told value=${value}`);
          if (ended instanceof OutcomeUnknown) {
            unknown += 1;
          } else if (ended instanceof Error) {
            // A refusal, or taken back: it is not there.
            expect(ended instanceof ProtocolError || ended.name === 'AbortError').toBe(true);
            expect(log, `${ended.message} value=${value}`).not.toContain(value);
            refused += 1;
          } else {
            expect(log[Number(ended.offset)], 'acknowledged at its offset').toBe(value);
            offsets.push(Number(ended.offset));
            acknowledged += 1;
          }
        }
        expect(offsets, 'in the order of send').toEqual(offsets.toSorted((a, b) => a - b));
      }
    },
  );
  await fc.assert(run, { numRuns: 400 });
  // It has seen what it is about.
  expect(Math.min(acknowledged, unknown, refused)).toBeGreaterThan(100);
});
