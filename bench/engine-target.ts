import { openEmbedded } from '../lib/adapters/embedded/open.ts';
import { createMemoryObjects } from '../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../lib/adapters/memory/table.ts';
import { systemClock } from '../lib/adapters/system/clock.ts';
import { createIds, systemRandom } from '../lib/adapters/system/ids.ts';
import { noMetrics } from '../lib/adapters/system/no-metrics.ts';
import { createBroker } from '../lib/broker/create-broker.ts';
import { recordsOf } from '../lib/broker/records.ts';
import { awsPrices } from '../lib/core/log/placement.ts';
import { Engine } from '../lib/engine/engine.ts';
import type { MetadataTable } from '../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../lib/ports/object-store.ts';
import type { Target } from './shapes.ts';

export interface OpenTarget extends Target {
  close(): Promise<void>;
}

/** The engine in this process, without a door. */
export async function engineTarget(directory?: string): Promise<OpenTarget> {
  if (directory === undefined) {
    return target(createMemoryTable(), createMemoryObjects(), () => Promise.resolve());
  }
  const store = await openEmbedded(directory, { program: 'bench' });
  return target(store.table, store.objects, () => store.close());
}

function target(
  table: MetadataTable,
  objects: ObjectStore,
  close: () => Promise<void>,
): OpenTarget {
  const env = {
    table,
    objects,
    clock: systemClock(),
    random: systemRandom,
    ids: createIds(),
    metrics: noMetrics,
  };
  const onError = (error: unknown): void => console.error(error);
  const engine = new Engine(env, { prices: awsPrices, onError });
  const broker = createBroker(engine);
  return {
    async create(name, partitions) {
      await broker.createTopic({ name, partitions });
    },
    async produce(topic, partition, batch, recordBytes) {
      const record = { partition, key: null, value: Buffer.alloc(recordBytes, 7), headers: [] };
      const records = Array.from({ length: batch }, () => record);
      const answers = await broker.produce({ topic, records });
      if (answers.some(({ ok }) => !ok)) throw new Error(JSON.stringify(answers[0]));
      return answers.length;
    },
    async fetch(topic, partition, offset) {
      const wanted = { topic, partition, offset, minBytes: 0, maxWaitMs: 0, maxBytes: 1024 * 1024 };
      return recordsOf(await broker.fetch(wanted)).length;
    },
    async close() {
      await engine.settled();
      await close();
    },
  };
}
