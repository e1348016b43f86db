import { createMemoryObjects } from '../adapters/memory/objects.ts';
import { createMemoryTable } from '../adapters/memory/table.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createIds, systemRandom } from '../adapters/system/ids.ts';
import { noMetrics } from '../adapters/system/no-metrics.ts';
import { createBroker } from '../broker/create-broker.ts';
import { awsPrices } from '../core/log/placement.ts';
import { Engine } from '../engine/engine.ts';
import { brokerTransport } from './broker-transport.ts';
import { LogClient } from './client.ts';
import type { NewTopic } from './transport.ts';
import type { Client } from './types.ts';

export interface StartOptions {
  /** Created before the client is handed out. A name alone: with one partition. */
  readonly topics?: readonly (string | NewTopic)[];
}

/**
 * A log in the memory of this process, for tests: the engine itself, with the stores replaced.
 * Each call starts an empty one of its own, which is gone when its client is closed. Errors as
 * `createTopic`.
 */
export async function startTailrace({ topics = [] }: StartOptions = {}): Promise<Client> {
  const env = {
    table: createMemoryTable(),
    objects: createMemoryObjects(),
    clock: systemClock(),
    random: systemRandom,
    ids: createIds(),
    metrics: noMetrics,
  };
  const failures: unknown[] = [];
  const engine = new Engine(env, {
    prices: awsPrices,
    onError: (error) => void failures.push(error),
  });
  const release = async (): Promise<void> => {
    await engine.settled();
    // Nothing in memory fails of itself: a test should know.
    if (failures.length > 0) throw failures[0];
  };
  const client = new LogClient(brokerTransport(createBroker(engine), release));
  for (const topic of topics) {
    await client.admin.createTopic(typeof topic === 'string' ? { name: topic } : topic);
  }
  return client;
}
