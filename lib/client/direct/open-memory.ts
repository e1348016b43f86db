import { createMemoryObjects } from '../../adapters/memory/objects.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { createIds, systemRandom } from '../../adapters/system/ids.ts';
import { noMetrics } from '../../adapters/system/no-metrics.ts';
import { createBroker } from '../../broker/create-broker.ts';
import { awsPrices } from '../../core/log/placement.ts';
import { Engine } from '../../engine/engine.ts';
import { brokerTransport } from '../broker-transport.ts';
import type { Transport } from '../transport.ts';

/** An empty log in the memory of this process, which is gone when the transport is closed. */
export function openMemory(): Transport {
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
  return brokerTransport(createBroker(engine), release);
}
