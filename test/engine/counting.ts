import type { Item, ItemKey, MetadataTable, Operation } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import type { ReadOutcome } from '../../lib/ports/outcome.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';

/** One request, as it would be billed. */
interface Call {
  readonly kind: 'get' | 'query' | 'put' | 'append' | 'delete' | 'transact' | 'list';
  /** First part of the sort key (`R`, `N`, `X`, `PR`), or of the key that is not a log's. */
  readonly what: string;
  readonly failed: boolean;
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** Everything since the start, or between two moments. */
export interface Bill {
  readonly reads: number;
  readonly writes: number;
  readonly failedWrites: number;
  readonly readUnits: number;
  /** Without uploads. */
  readonly writeUnits: number;
  readonly puts: number;
  readonly gets: number;
  /** Write units, with a PUT counted as what the price sheet says: 8. */
  readonly units: number;
  /** By what they are for, `append R` say. Reads count read units, writes write units. */
  readonly of: (...names: readonly string[]) => Share;
}

interface Share {
  readonly requests: number;
  readonly units: number;
}

export class Counts {
  readonly #calls: Call[] = [];

  add(call: Call): void {
    this.#calls.push(call);
  }

  /** Where the count stands; pass it to `since`. */
  get mark(): number {
    return this.#calls.length;
  }

  since(mark: number): Bill {
    const calls = this.#calls.slice(mark);
    const table = calls.filter(({ what }) => what !== 'object');
    const objects = calls.filter(({ what }) => what === 'object');
    const isRead = ({ kind }: Call): boolean => kind === 'get' || kind === 'query';
    const sum = (of: (call: Call) => number): number =>
      calls.reduce((total, call) => total + of(call), 0);
    const nameOf = ({ kind, what, failed }: Call): string =>
      `${failed ? 'failed ' : ''}${kind} ${what}`;
    const share = (...names: readonly string[]): Share => {
      const those = calls.filter((call) => names.includes(nameOf(call)));
      const units = those.reduce((total, call) => total + call.writeUnits + call.readUnits, 0);
      return { requests: those.length, units };
    };
    const writeUnits = sum((call) => call.writeUnits);
    const puts = objects.filter(({ kind }) => kind === 'put').length;
    return {
      reads: table.filter(isRead).length,
      writes: table.filter((call) => !isRead(call)).length,
      failedWrites: table.filter(({ failed }) => failed).length,
      readUnits: sum((call) => call.readUnits),
      writeUnits,
      puts,
      gets: objects.filter(({ kind }) => kind === 'get').length,
      units: writeUnits + puts * awsPrices.objectPutUnits,
      of: share,
    };
  }
}

/**
 * Size of an item as DynamoDB counts it ("DynamoDB item sizes and formats", Developer Guide): names
 * and values; a string is its UTF-8, a number 1 byte per two significant digits and 1 more (and 1
 * for a sign), binary its raw length, a list 3 bytes and 1 per element. Attributes: pk, sk, v(ersion),
 * b(ody), and where something may be appended a(ppended), n (bytes), l(imit).
 */
function itemSize(item: Item | undefined): number {
  if (item === undefined) return 0;
  const { pk, sk, version, body, appended, bytes, limit } = item;
  const plain = 2 + utf8(pk) + 2 + utf8(sk) + 1 + numberSize(version) + 1 + body.length;
  if (limit < 0 && appended.length === 0) return plain;
  const list = appended.reduce((sum, entry) => sum + 1 + entry.length, 1 + 3);
  return plain + list + 1 + numberSize(bytes) + 1 + numberSize(limit);
}

const utf8 = (text: string): number => Buffer.byteLength(text, 'utf8');

function numberSize(value: number): number {
  const digits = String(Math.abs(value)).replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
}

/** Per started KB, at least one, also for an item that is not there. */
const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
/** Per started 4 KB, at least one; an eventual read costs half. */
const readUnitsOf = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4096)) / (consistent ? 1 : 2);

export const whatOf = ({ pk, sk }: ItemKey): string =>
  (pk.startsWith('P#') ? sk : pk).replace(/#.*$/s, '');

/**
 * Counts and bills as DynamoDB on demand does: a write by the larger of the item before and after,
 * a condition that failed by the larger of what stood there and what was to be written, a deletion
 * by what it deletes, transactions twice. `inner` must take effect within the call (the table in
 * memory does), so that the size before is the size before.
 */
export function countingTable(
  inner: MetadataTable,
  counts: Counts = new Counts(),
): { readonly table: MetadataTable; readonly counts: Counts } {
  // A key that the table refuses it refuses again when it is written, and that is what is told.
  const sizeNow = (key: ItemKey): Promise<number> =>
    inner.get(key, { consistent: true }).then(
      (outcome) => itemSize(valueOf(outcome)),
      () => 0,
    );
  const write = (
    kind: Call['kind'],
    what: string,
    { kind: outcome }: { readonly kind: string },
    bytes: number,
  ): void => {
    counts.add({
      kind,
      what,
      failed: outcome === 'condition-failed' || outcome === 'conditions-failed',
      writeUnits: kind === 'transact' ? bytes : writeUnitsOf(bytes),
      readUnits: 0,
    });
  };
  const read = (kind: 'get' | 'query', what: string, bytes: number, consistent: boolean): void =>
    counts.add({
      kind,
      what,
      failed: false,
      writeUnits: 0,
      readUnits: readUnitsOf(bytes, consistent),
    });

  const table: MetadataTable = {
    async get(key, options) {
      const outcome = await inner.get(key, options);
      read('get', whatOf(key), itemSize(valueOf(outcome)), options.consistent);
      return outcome;
    },
    async query(pk, range, options) {
      const outcome = await inner.query(pk, range, options);
      const items = valueOf(outcome)?.items ?? [];
      const bytes = items.reduce((sum, item) => sum + itemSize(item), 0);
      read('query', whatOf({ pk, sk: range.from }), bytes, options.consistent);
      return outcome;
    },
    async put(item, condition) {
      const before = sizeNow(item);
      const outcome = await inner.put(item, condition);
      write('put', whatOf(item), outcome, Math.max(await before, itemSize(item)));
      return outcome;
    },
    async delete(key, condition) {
      const before = sizeNow(key);
      const outcome = await inner.delete(key, condition);
      write('delete', whatOf(key), outcome, await before);
      return outcome;
    },
    async append(key, version, command) {
      const before = sizeNow(key);
      const outcome = await inner.append(key, version, command);
      const after = outcome.kind === 'done' ? itemSize(outcome.value) : 0;
      write('append', whatOf(key), outcome, Math.max((await before) + command.length, after));
      return outcome;
    },
    async transact(operations) {
      const before = Promise.all(operations.map((operation) => sizeNow(keyOf(operation))));
      const outcome = await inner.transact(operations);
      const sizes = await before;
      const units = operations.reduce((sum, operation, i) => {
        const after = operation.kind === 'put' ? itemSize(operation.item) : 0;
        return sum + 2 * writeUnitsOf(Math.max(sizes[i] ?? 0, after));
      }, 0);
      write('transact', `of ${operations.length}`, outcome, units);
      return outcome;
    },
  };
  return { table, counts };
}

function valueOf<T>(outcome: ReadOutcome<T>): T | undefined {
  return outcome.kind === 'done' ? outcome.value : undefined;
}

const keyOf = (operation: Operation): ItemKey =>
  operation.kind === 'put' ? operation.item : operation.key;

/** Counts the requests of an object store; what an upload costs is for the price sheet to say. */
export function countingObjects(
  inner: ObjectStore,
  counts: Counts = new Counts(),
): { readonly objects: ObjectStore; readonly counts: Counts } {
  const count = (kind: Call['kind']): void =>
    counts.add({ kind, what: 'object', failed: false, writeUnits: 0, readUnits: 0 });
  const objects: ObjectStore = {
    put(key, bytes) {
      count('put');
      return inner.put(key, bytes);
    },
    putParts(key, parts) {
      count('put');
      return inner.putParts(key, parts);
    },
    get(key, range) {
      count('get');
      return inner.get(key, range);
    },
    delete(keys) {
      count('delete');
      return inner.delete(keys);
    },
    list(prefix, after) {
      count('list');
      return inner.list(prefix, after);
    },
  };
  return { objects, counts };
}
