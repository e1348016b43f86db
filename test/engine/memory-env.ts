import { createMemoryObjects } from '../../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import { systemClock } from '../../lib/adapters/system/clock.ts';
import { createIds, systemRandom } from '../../lib/adapters/system/ids.ts';
import { noMetrics } from '../../lib/adapters/system/no-metrics.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { Engine } from '../../lib/engine/engine.ts';
import type { Environment } from '../../lib/ports/environment.ts';

/** An environment in memory. Several engines on one of them are several processes. */
export function memoryEnv(parts: Partial<Environment> = {}): Environment {
  return {
    table: createMemoryTable(),
    objects: createMemoryObjects(),
    clock: systemClock(),
    random: systemRandom,
    ids: createIds(),
    metrics: noMetrics,
    ...parts,
  };
}

/** Another process on the same stores. */
export function otherProcess(env: Environment): Environment {
  return { ...env, ids: createIds() };
}

export function startEngine(
  env: Environment,
  config?: LogConfig,
): { readonly engine: Engine; readonly broker: Broker; readonly errors: unknown[] } {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const engine = new Engine(env, {
    prices: awsPrices,
    onError,
    ...(config === undefined ? {} : { config }),
  });
  return { engine, broker: createBroker(engine), errors };
}
