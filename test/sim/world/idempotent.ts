import { logConfig } from '../../../lib/engine/engine.ts';
import { anyLog, anyone, more, send, someRecords, think } from './clients.ts';
import type { Sending, Work, Workload } from './clients.ts';

interface Batch {
  readonly sending: Sending;
  known: boolean;
}

/** A producer of one log. */
interface Producer {
  readonly id: bigint;
  epoch: number;
  sequence: number;
  /** Something of it is in the log. */
  known: boolean;
  /** Those of its epoch that are in the log and remembered there. */
  remembered: readonly Batch[];
}

/**
 * Sends again, to any process, under the same sequence, until it knows; often the next batch sets
 * out before. When it gives up, it goes on under the next epoch.
 */
export const idempotent: Workload = async (work, client) => {
  const { random } = work.world;
  const producers = new Map<string, Producer>();
  for (let i = 0; more(work); i += 1) {
    const { topic, partition } = anyLog(work);
    const name = `${topic}/${partition}`;
    const id = BigInt(random.int(1, 2 ** 40));
    const producer = producers.get(name) ?? {
      id,
      epoch: 0,
      sequence: 0,
      known: false,
      remembered: [],
    };
    producers.set(name, producer);
    const next = (part: string): Batch =>
      nextBatch(work, producer, { topic, partition }, `${client}.${i}${part}`);
    const batches = [next('')];
    // A log that knows nothing of a producer would begin with either.
    if (producer.known && random.chance(0.3)) batches.push(next('b'));
    await sendUntilKnown(work, client, batches);
    producer.known ||= batches.some(({ known }) => known);
    if (batches.every(({ known }) => known)) {
      const { producerBatchesMax } = logConfig;
      producer.remembered = [...producer.remembered, ...batches].slice(-producerBatchesMax);
    } else {
      producer.epoch += 1;
      producer.sequence = 0;
      producer.remembered = [];
    }
    if (producer.remembered.length > 0 && random.chance(0.15)) {
      await send(work, client, await anyone(work), random.pick(producer.remembered).sending);
    }
    await think(work);
  }
};

function nextBatch(
  work: Work,
  producer: Producer,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  name: string,
): Batch {
  const { values, records } = someRecords(work, name, () => partition);
  const { id: producerId, epoch: producerEpoch, sequence } = producer;
  producer.sequence += values.length;
  const producers = [{ partition, producerId, producerEpoch, sequence }];
  const sending: Sending = {
    topic,
    values,
    ask: (broker) => broker.produce({ topic, records, producers }),
    producer: String(producerId),
  };
  return { sending, known: false };
}

async function sendUntilKnown(
  work: Work,
  client: string,
  batches: readonly Batch[],
): Promise<void> {
  const { random } = work.world;
  for (let tries = random.int(1, 6); tries > 0; tries -= 1) {
    // Now and then once more, although it was answered.
    const again = batches.filter(({ known }) => !known || random.chance(0.15));
    if (again.length === 0) return;
    const at = await Promise.all(again.map(async (batch) => ({ batch, to: await anyone(work) })));
    await Promise.all(
      at.map(async ({ batch, to }) => {
        const overtakes = batches[0] !== batch && batches[0]?.known === false;
        const outcomes = await send(work, client, to, { ...batch.sending, overtakes });
        batch.known ||= outcomes.every((outcome) => outcome === 'ok');
      }),
    );
  }
}
