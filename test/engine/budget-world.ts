import { awsPrices } from '../../lib/core/log/placement.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import { Engine } from '../../lib/engine/engine.ts';
import type { Clock, Environment } from '../../lib/ports/environment.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import { countingObjects, countingTable } from './counting.ts';
import type { Bill, Counts } from './counting.ts';
import { memoryEnv, otherProcess } from './memory-env.ts';
import { Seeded } from './seeded.ts';

/** Time that passes only when a test says so. */
export class StillClock implements Clock {
  ms = 1_760_000_000_000;
  now = (): number => this.ms;
  monotonic = (): number => this.ms;
  serviceNow = (): number => this.ms;
  sleep = async (): Promise<void> => nextTurn();
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

interface Process {
  readonly engine: Engine;
  readonly broker: Broker;
}

/** One store in memory that counts, and processes on it. */
export class World {
  readonly clock = new StillClock();
  readonly #counts: Counts;
  readonly #env: Environment;
  readonly #processes: Process[] = [];

  /** With a seed, requests of several processes are served, and answered, in a random order. */
  constructor(seed?: number) {
    const { clock } = this;
    const random = new Seeded(seed ?? 1);
    const env = memoryEnv({ clock, random });
    const { table, counts } = countingTable(env.table);
    const { objects } = countingObjects(env.objects, counts);
    this.#counts = counts;
    this.#env = { ...env, table: seed === undefined ? table : shuffled(table, random), objects };
  }

  start(): Process {
    const onError = (error: unknown): void => {
      throw error;
    };
    const engine = new Engine(otherProcess(this.#env), { prices: awsPrices, onError });
    const process = { engine, broker: createBroker(engine) };
    this.#processes.push(process);
    return process;
  }

  /** What this costs, with everything that it sets off. */
  async bill(work: () => Promise<unknown>): Promise<Bill> {
    const { mark } = this.#counts;
    await work();
    await Promise.all(this.#processes.map(({ engine }) => engine.settled()));
    return this.#counts.since(mark);
  }
}

/** Each request waits its turn twice, before it takes effect and before it is answered. */
function shuffled(inner: MetadataTable, random: Seeded): MetadataTable {
  const waiting: (() => void)[] = [];
  const pump = (): void => {
    const [next] = waiting.splice(random.int(0, waiting.length - 1), 1);
    next?.();
    if (waiting.length > 0) setImmediate(pump);
  };
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(pump);
    });
  const late = async <T>(call: () => Promise<T>): Promise<T> => {
    await turn();
    const outcome = await call();
    await turn();
    return outcome;
  };
  return {
    get: (...args) => late(() => inner.get(...args)),
    query: (...args) => late(() => inner.query(...args)),
    put: (...args) => late(() => inner.put(...args)),
    delete: (...args) => late(() => inner.delete(...args)),
    append: (...args) => late(() => inner.append(...args)),
    transact: (...args) => late(() => inner.transact(...args)),
  };
}
