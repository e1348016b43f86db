import { createMemoryTable } from '../../../lib/adapters/memory/table.ts';
import type {
  Item,
  ItemKey,
  MetadataTable,
  Operation,
  QueryOptions,
  QueryPage,
  QueryRange,
} from '../../../lib/ports/metadata-table.ts';
import { done } from '../../../lib/ports/outcome.ts';
import type { ReadOutcome } from '../../../lib/ports/outcome.ts';
import { countingTable } from '../../engine/counting.ts';
import type { Counts } from '../../engine/counting.ts';
import type { Scheduler } from './scheduler.ts';

/** `writer`: the newest format that the writer knows. */
export type Watcher = (key: ItemKey, item: Item | undefined, writer: number) => Promise<void>;

/** Older states of an item that an eventual read may still return. */
const pastMax = 4;

/**
 * The table's one true state, billed as DynamoDB bills, with what a table may do on a good day: an
 * eventual read sees an older state, a query reads its items at two moments, and a partition key
 * takes only so many write units a second.
 */
export class TableStore {
  readonly table: MetadataTable;
  readonly counts: Counts;
  /** Told of every change, in the order in which they happen. */
  watch: Watcher = async () => undefined;
  readonly #scheduler: Scheduler;
  readonly #unitsPerSecond: number;
  readonly #past = new Map<string, (Item | undefined)[]>();
  readonly #buckets = new Map<string, { units: number; atMs: number }>();

  constructor(scheduler: Scheduler, unitsPerSecond: number) {
    const { table, counts } = countingTable(createMemoryTable());
    this.table = table;
    this.counts = counts;
    this.#scheduler = scheduler;
    this.#unitsPerSecond = unitsPerSecond;
  }

  /** Makes a write, bills its partition keys for it, and tells the watcher what changed. */
  async write<T extends { readonly kind: string }>(
    operations: readonly Operation[],
    writer: number,
    send: () => Promise<T>,
    after?: (outcome: T) => Item | undefined,
  ): Promise<T> {
    const mark = this.counts.mark;
    const outcome = await send();
    const units = this.counts.since(mark).writeUnits;
    for (const { pk } of operations.map(keyOf)) this.#pay(pk, units / operations.length);
    if (outcome.kind !== 'done') return outcome;
    for (const operation of operations) {
      if (operation.kind === 'check') continue;
      const key = keyOf(operation);
      const item = operation.kind === 'put' ? operation.item : after?.(outcome);
      this.#remember(key, item);
      await this.watch(key, item, writer);
    }
    return outcome;
  }

  /** Whether this second's units of one of the keys are used up. */
  exhausted(operations: readonly Operation[]): boolean {
    return operations.some((operation) => this.#bucket(keyOf(operation).pk).units <= 0);
  }

  /** `back`: how many states ago. */
  stale(key: ItemKey, back: number): ReadOutcome<Item | undefined> {
    const states = this.#past.get(nameOf(key)) ?? [];
    return done(states.at(-1 - Math.min(back, states.length - 1)));
  }

  /** A query whose items are as they were at one of two moments, each for itself. */
  async torn(
    pk: string,
    range: QueryRange,
    options: QueryOptions,
    later: () => Promise<void>,
    fromFirst: () => boolean,
  ): Promise<ReadOutcome<QueryPage>> {
    const first = await this.table.query(pk, range, options);
    await later();
    const second = await this.table.query(pk, range, options);
    if (first.kind !== 'done' || second.kind !== 'done') return second;
    return done(mingle(first.value, second.value, options, fromFirst));
  }

  #remember(key: ItemKey, item: Item | undefined): void {
    const name = nameOf(key);
    const states = this.#past.get(name) ?? [undefined];
    states.push(item);
    if (states.length > pastMax) states.shift();
    this.#past.set(name, states);
  }

  #bucket(pk: string): { units: number; atMs: number } {
    const rate = this.#unitsPerSecond === 0 ? Number.MAX_SAFE_INTEGER : this.#unitsPerSecond;
    const { nowMs } = this.#scheduler;
    const bucket = this.#buckets.get(pk) ?? { units: rate, atMs: nowMs };
    bucket.units = Math.min(rate, bucket.units + ((nowMs - bucket.atMs) * rate) / 1_000);
    bucket.atMs = nowMs;
    this.#buckets.set(pk, bucket);
    return bucket;
  }

  #pay(pk: string, units: number): void {
    this.#bucket(pk).units -= units;
  }
}

const nameOf = ({ pk, sk }: ItemKey): string => `${pk} ${sk}`;
const keyOf = (operation: Operation): ItemKey =>
  operation.kind === 'put' ? operation.item : operation.key;

function mingle(
  first: QueryPage,
  second: QueryPage,
  { limit, reverse = false }: QueryOptions,
  fromFirst: () => boolean,
): QueryPage {
  const order = (a: string, b: string): number =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)) * (reverse ? -1 : 1);
  // Where either page ends, nothing is known of what follows.
  const ends = [first.next, second.next].filter((next) => next !== undefined).toSorted(order);
  const end = ends[0];
  const known = (items: readonly Item[]): Map<string, Item> =>
    new Map(
      items
        .filter(({ sk }) => end === undefined || order(sk, end) <= 0)
        .map((item) => [item.sk, item]),
    );
  const [one, two] = [known(first.items), known(second.items)];
  const keys = [...new Set([...one.keys(), ...two.keys()])].toSorted(order);
  const items = keys
    .map((sk) => (fromFirst() ? one : two).get(sk))
    .filter((item) => item !== undefined);
  if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]?.sk };
  return { items, next: end };
}
