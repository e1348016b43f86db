import { createMemoryObjects } from '../../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import type { ItemKey, MetadataTable, Operation } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import type { Throttled } from '../../lib/ports/outcome.ts';
import { countingTable, whatOf } from '../../test/engine/counting.ts';
import { Seeded } from '../../test/engine/seeded.ts';
import type { Scheduler } from '../../test/sim/world/scheduler.ts';
import { lognormal } from './latency.ts';

const tableLatency = { p50Ms: 7.6, p99Ms: 16 };
const objectLatency = { p50Ms: 25, p99Ms: 120 };

/** Of one partition key, per second: DynamoDB's limits of a physical partition. */
const writeUnitsPerSecond = 1_000;
const readUnitsPerSecond = 3_000;
/** Unused capacity is kept for this long. DynamoDB promises none. */
const burstMs = 100;

/** One request, as whoever made it saw it. */
export interface Call {
  /** `append R`, say: what was asked, and of what kind of item. */
  readonly what: string;
  readonly outcome: string;
  readonly sentMs: number;
  readonly answeredMs: number;
  /** An upload counts as what it costs: 8. */
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** One process's line to the stores. */
export interface Ports {
  readonly table: MetadataTable;
  readonly objects: ObjectStore;
}

type Kinded = { readonly kind: string };

/** Units of one partition key, refilled as time goes by. */
class Capacity {
  readonly #scheduler: Scheduler;
  readonly #perMs: number;
  readonly #most: number;
  readonly #left = new Map<string, { units: number; atMs: number }>();

  constructor(scheduler: Scheduler, perSecond: number) {
    this.#scheduler = scheduler;
    this.#perMs = perSecond / 1_000;
    this.#most = this.#perMs * burstMs;
  }

  /** What a request takes is known only after it: it may run into debt, and then others wait. */
  isUsedUp(pk: string): boolean {
    return this.#of(pk).units <= 0;
  }

  pay(pk: string, units: number): void {
    this.#of(pk).units -= units;
  }

  #of(pk: string): { units: number; atMs: number } {
    const { nowMs } = this.#scheduler;
    const kept = this.#left.get(pk) ?? { units: this.#most, atMs: nowMs };
    kept.units = Math.min(this.#most, kept.units + (nowMs - kept.atMs) * this.#perMs);
    kept.atMs = nowMs;
    this.#left.set(pk, kept);
    return kept;
  }
}

/**
 * Both stores, in memory, with the latency, the capacity and the bill of AWS's, in virtual time. A
 * request takes effect at one instant, halfway between its sending and its answer. What exceeds a
 * partition key's capacity is refused as throttled, which is free and takes as long.
 */
export class Cloud {
  readonly #scheduler: Scheduler;
  readonly #tableMs: () => number;
  readonly #objectMs: () => number;
  readonly #counting = countingTable(createMemoryTable());
  readonly #objects = createMemoryObjects();
  readonly #reads: Capacity;
  readonly #writes: Capacity;

  constructor(scheduler: Scheduler, seed: number) {
    const random = new Seeded(seed);
    this.#scheduler = scheduler;
    this.#tableMs = lognormal(tableLatency, random);
    this.#objectMs = lognormal(objectLatency, random);
    this.#reads = new Capacity(scheduler, readUnitsPerSecond);
    this.#writes = new Capacity(scheduler, writeUnitsPerSecond);
  }

  /** `note` is told of every request on this line. */
  connect(note: (call: Call) => void): Ports {
    const { table } = this.#counting;
    const read = <T extends Kinded>(verb: string, key: ItemKey, send: () => Promise<T>) =>
      this.#call(note, `${verb} ${whatOf(key)}`, key.pk, this.#reads, send);
    const write = <T extends Kinded>(verb: string, key: ItemKey, send: () => Promise<T>) =>
      this.#call(note, `${verb} ${whatOf(key)}`, key.pk, this.#writes, send);
    const objects = this.#objects;
    const store = <T extends Kinded>(verb: string, send: () => Promise<T>) =>
      this.#objectCall(note, `${verb} object`, send);
    return {
      table: {
        get: (key, options) => read('get', key, () => table.get(key, options)),
        query: (pk, range, options) =>
          read('query', { pk, sk: range.from }, () => table.query(pk, range, options)),
        put: (item, condition) => write('put', item, () => table.put(item, condition)),
        delete: (key, condition) => write('delete', key, () => table.delete(key, condition)),
        append: (key, version, command) =>
          write('append', key, () => table.append(key, version, command)),
        transact: (operations) =>
          write('transact', keyOf(operations[0]), () => table.transact(operations)),
      },
      objects: {
        put: (key, bytes) => store('put', () => objects.put(key, bytes)),
        putParts: (key, parts) => store('put', () => objects.putParts(key, parts)),
        get: (key, range) => store('get', () => objects.get(key, range)),
        delete: (keys) => store('delete', () => objects.delete(keys)),
        list: (prefix, after) => store('list', () => objects.list(prefix, after)),
      },
    };
  }

  async #call<T extends Kinded>(
    note: (call: Call) => void,
    what: string,
    pk: string,
    capacity: Capacity,
    send: () => Promise<T>,
  ): Promise<T | Throttled> {
    const { counts } = this.#counting;
    const sentMs = this.#scheduler.nowMs;
    const halfMs = this.#tableMs() / 2;
    await this.#scheduler.sleep(halfMs);
    let outcome: T | Throttled = { kind: 'throttled' };
    let writeUnits = 0;
    let readUnits = 0;
    if (!capacity.isUsedUp(pk)) {
      const { mark } = counts;
      outcome = await send();
      ({ writeUnits, readUnits } = counts.since(mark));
      capacity.pay(pk, writeUnits + readUnits);
    }
    await this.#scheduler.sleep(halfMs);
    const answeredMs = this.#scheduler.nowMs;
    note({ what, outcome: outcome.kind, sentMs, answeredMs, writeUnits, readUnits });
    return outcome;
  }

  async #objectCall<T extends Kinded>(
    note: (call: Call) => void,
    what: string,
    send: () => Promise<T>,
  ): Promise<T> {
    const sentMs = this.#scheduler.nowMs;
    const halfMs = this.#objectMs() / 2;
    await this.#scheduler.sleep(halfMs);
    const outcome = await send();
    await this.#scheduler.sleep(halfMs);
    const answeredMs = this.#scheduler.nowMs;
    const writeUnits = what === 'put object' ? awsPrices.objectPutUnits : 0;
    note({ what, outcome: outcome.kind, sentMs, answeredMs, writeUnits, readUnits: 0 });
    return outcome;
  }
}

/** Of one collection, as all transactions here are. */
function keyOf(operation: Operation | undefined): ItemKey {
  if (operation === undefined) throw new Error('expected an operation, got none');
  return operation.kind === 'put' ? operation.item : operation.key;
}
