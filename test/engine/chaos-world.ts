import { createMemoryObjects } from '../../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import { noMetrics } from '../../lib/adapters/system/no-metrics.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { checkConfig, formatOne } from '../../lib/core/log/config.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import type { PriceSheet } from '../../lib/core/log/placement.ts';
import { Engine, logConfig } from '../../lib/engine/engine.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { badStores } from './bad-stores.ts';
import type { Fate, Weather } from './bad-stores.ts';
import { Seeded, seededIds } from './seeded.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface Process {
  readonly engine: Engine;
  readonly broker: Broker;
}

/** Several processes on one pair of stores, each behind its own bad network. One seed, one world. */
export interface ChaosWorld {
  readonly random: Seeded;
  readonly clock: VirtualClock;
  readonly table: MetadataTable;
  readonly objects: ObjectStore;
  readonly config: LogConfig;
  readonly processes: readonly Process[];
  /** Errors of work that nobody waits for. */
  readonly errors: unknown[];
  readonly start: () => Process;
  /** While false every call succeeds; what was late still arrives. */
  storm: boolean;
}

export function chaosWorld(seed: number, processes = 3): ChaosWorld {
  const random = new Seeded(seed);
  const clock = new VirtualClock();
  const stores = { table: createMemoryTable(), objects: createMemoryObjects() };
  const config = smallConfig(random);
  const prices = smallPrices(random);
  const errors: unknown[] = [];
  const start = (): Process => {
    const fate = weatherOf(random, clock, () => !world.storm);
    const env = {
      ...badStores(stores, clock, fate),
      clock,
      random: new Seeded(random.int(0, 2 ** 31)),
      ids: seededIds(new Seeded(random.int(0, 2 ** 31))),
      metrics: noMetrics,
    };
    const engine = new Engine(env, { prices, config, onError: (error) => void errors.push(error) });
    return { engine, broker: createBroker(engine) };
  };
  const world: ChaosWorld = {
    random,
    clock,
    ...stores,
    config,
    processes: Array.from({ length: processes }, start),
    errors,
    start,
    storm: false,
  };
  return world;
}

/** Rings so small that every rare path is taken within a hundred commits. */
function smallConfig(random: Seeded): LogConfig {
  const ringSlots = random.int(4, 8);
  return checkConfig({
    ...logConfig,
    ringSlots,
    spillSlots: random.int(1, 3),
    spillBytes: random.pick([200, 1_000, formatOne.spillBytes]),
    producersMax: random.int(1, 4),
    soleBytes: random.int(0, 800),
    sharedBytes: random.int(0, 1_600),
    soleStreak: random.int(2, 5),
    hintEvery: random.int(1, 4),
    sharedHintEvery: random.int(1, 4),
    spillRetryEvery: random.int(1, 3),
  });
}

/** Anything from every batch in an object of its own to nearly all of them inline. */
function smallPrices(random: Seeded): PriceSheet {
  const writeUnitBytes = random.pick([1, 200, 1_024]);
  return { objectPutUnits: random.pick([1, 8]), writeUnitBytes, overheadBytes: 0 };
}

/** Mostly what leaves a writer in the dark. */
const bad: readonly Weather[] = [
  'lose-request',
  'lose-reply',
  'lose-reply',
  'late',
  'late',
  'throttle',
  'unavailable',
];

/** A process's luck: faults at a steady rate, slow calls, and now and then a spell of nothing but. */
function weatherOf(random: Seeded, clock: VirtualClock, calm: () => boolean): () => Fate {
  const rate = random.pick([0, 0.02, 0.1, 0.3]);
  const slowRate = random.pick([0, 0.01, 0.05]);
  const spells = random.chance(0.4);
  let spellUntil = -1;
  return () => {
    const delayMs = 1 + random.next() * 20;
    const laterMs = random.next() * random.pick([50, 1_000, 60_000]);
    if (calm()) return { weather: 'none', delayMs, laterMs };
    if (spells && random.chance(0.01)) spellUntil = clock.monotonic() + random.int(100, 60_000);
    const inSpell = clock.monotonic() < spellUntil;
    const weather = inSpell || random.chance(rate) ? random.pick(bad) : 'none';
    const slow = random.chance(slowRate) ? random.next() * random.pick([500, 30_000]) : 0;
    return { weather, delayMs: delayMs + slow, laterMs };
  };
}
