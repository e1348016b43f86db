import { openEmbedded } from '../../adapters/embedded/open.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { createIds, systemRandom } from '../../adapters/system/ids.ts';
import { noMetrics } from '../../adapters/system/no-metrics.ts';
import { createBroker } from '../../broker/create-broker.ts';
import { awsPrices } from '../../core/log/placement.ts';
import { Engine } from '../../engine/engine.ts';
import { keepMaintained } from '../../maintain/keep.ts';
import { brokerTransport } from '../broker-transport.ts';
import type { Transport } from '../transport.ts';
import { warn } from './warn.ts';

/**
 * The log in a directory, which is created if it is missing, and held until the transport is
 * closed: the process stays alive for so long. Throws `DirectoryInUse`, which says who holds it, or
 * `EmbeddedStoreError`. As everywhere, a disk that fails ends the process.
 */
export async function openDirectory(dir: string): Promise<Transport> {
  const { table, objects, close } = await openEmbedded(dir, { program: 'a tailrace client' });
  const env = {
    table,
    objects,
    clock: systemClock(),
    random: systemRandom,
    ids: createIds(),
    metrics: noMetrics,
  };
  const engine = new Engine(env, { prices: awsPrices, onError: warn });
  const stop = new AbortController();
  const maintenance = keepMaintained(engine, stop.signal, warn);
  return brokerTransport(createBroker(engine), async () => {
    stop.abort();
    await maintenance;
    await engine.settled();
    await close();
  });
}
