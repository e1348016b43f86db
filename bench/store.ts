import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbedded } from '../lib/adapters/embedded/open.ts';
import { createMemoryObjects } from '../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../lib/adapters/memory/table.ts';
import { systemClock } from '../lib/adapters/system/clock.ts';
import { createIds, systemRandom } from '../lib/adapters/system/ids.ts';
import { noMetrics } from '../lib/adapters/system/no-metrics.ts';
import type { Broker } from '../lib/broker/broker.ts';
import { createBroker } from '../lib/broker/create-broker.ts';
import { awsPrices } from '../lib/core/log/placement.ts';
import { Engine } from '../lib/engine/engine.ts';

export type StoreKind = 'memory' | 'embedded';

export interface Opened {
  readonly broker: Broker;
  readonly close: () => Promise<void>;
}

/** An engine on an empty store; what it kept goes when it is closed. */
export async function openBroker(kind: StoreKind, parent: string): Promise<Opened> {
  const directory = kind === 'embedded' ? mkdtempSync(join(parent, 'store-')) : undefined;
  const store = directory === undefined ? undefined : await openEmbedded(directory);
  const env = {
    table: store?.table ?? createMemoryTable(),
    objects: store?.objects ?? createMemoryObjects(),
    clock: systemClock(),
    random: systemRandom,
    ids: createIds(),
    metrics: noMetrics,
  };
  const onError = (error: unknown): void => console.error(error);
  const engine = new Engine(env, { prices: awsPrices, onError });
  const close = async (): Promise<void> => {
    await engine.settled();
    await store?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  };
  return { broker: createBroker(engine), close };
}
