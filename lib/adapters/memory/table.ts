import type {
  Condition,
  Item,
  ItemKey,
  MetadataTable,
  Operation,
  QueryOptions,
  QueryPage,
  QueryRange,
  TransactOutcome,
} from '../../ports/metadata-table.ts';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome, ConditionFailed } from '../../ports/outcome.ts';
import {
  assertAppend,
  assertCondition,
  assertItem,
  assertItemBytes,
  assertKey,
  assertOperations,
  assertQuery,
  entryOverheadBytes,
  itemBytes,
  queryPageBytesMax,
} from '../bounds.ts';
import { holds } from '../condition.ts';
import { compareUtf8, SortedKeys } from './sorted-keys.ts';

/** An item as it is kept: its bytes are ours alone. `size` is that of `itemBytes`. */
interface Kept {
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly body: Uint8Array;
  readonly appended: Uint8Array[];
  bytes: number;
  readonly limit: number;
  size: number;
}

interface Collection {
  readonly items: Map<string, Kept>;
  readonly keys: SortedKeys;
}

/**
 * The table in memory. A call takes effect before it returns its promise, so every read is
 * consistent. Bytes are copied on their way in and on their way out.
 */
export function createMemoryTable(): MetadataTable {
  return new MemoryTable();
}

class MemoryTable implements MetadataTable {
  readonly #collections = new Map<string, Collection>();

  #find(key: ItemKey): Kept | undefined {
    return this.#collections.get(key.pk)?.items.get(key.sk);
  }

  #store(item: Item): void {
    let collection = this.#collections.get(item.pk);
    if (collection === undefined) {
      collection = { items: new Map(), keys: new SortedKeys() };
      this.#collections.set(item.pk, collection);
    }
    if (!collection.items.has(item.sk)) collection.keys.add(item.sk);
    collection.items.set(item.sk, keep(item));
  }

  #remove(key: ItemKey): void {
    const collection = this.#collections.get(key.pk);
    if (collection === undefined || !collection.items.delete(key.sk)) return;
    collection.keys.remove(key.sk);
    if (collection.items.size === 0) this.#collections.delete(key.pk);
  }

  #obstacle(key: ItemKey, condition: Condition): ConditionFailed<Item> | undefined {
    const kept = this.#find(key);
    return holds(condition, kept?.version) ? undefined : failed(kept);
  }

  async get(key: ItemKey) {
    assertKey(key);
    const kept = this.#find(key);
    return done(kept === undefined ? undefined : copy(kept));
  }

  async query(pk: string, range: QueryRange, options: QueryOptions) {
    assertQuery(pk, options);
    const collection = this.#collections.get(pk);
    if (collection === undefined) return done({ items: [], next: undefined });
    return done(page(collection, range, options));
  }

  async put(item: Item, condition: Condition): Promise<ConditionalOutcome<undefined, Item>> {
    assertItem(item);
    assertCondition(condition);
    const obstacle = this.#obstacle(item, condition);
    if (obstacle !== undefined) return obstacle;
    this.#store(item);
    return done(undefined);
  }

  async delete(key: ItemKey, condition: Condition): Promise<ConditionalOutcome<undefined, Item>> {
    assertKey(key);
    assertCondition(condition);
    const obstacle = this.#obstacle(key, condition);
    if (obstacle !== undefined) return obstacle;
    this.#remove(key);
    return done(undefined);
  }

  async append(
    key: ItemKey,
    version: number,
    command: Uint8Array,
  ): Promise<ConditionalOutcome<Item, Item>> {
    assertAppend(key, version, command);
    const kept = this.#find(key);
    if (kept === undefined || kept.version !== version || kept.bytes > kept.limit) {
      return failed(kept);
    }
    const size = kept.size + command.length + entryOverheadBytes;
    assertItemBytes(size, key);
    kept.appended.push(new Uint8Array(command));
    kept.bytes += command.length;
    kept.size = size;
    return done(copy(kept));
  }

  async transact(operations: readonly Operation[]): Promise<TransactOutcome> {
    assertOperations(operations);
    const failures = operations.map((operation) =>
      this.#obstacle(
        operation.kind === 'put' ? operation.item : operation.key,
        operation.condition,
      ),
    );
    if (failures.some((failure) => failure !== undefined)) {
      return { kind: 'conditions-failed', failures };
    }
    for (const operation of operations) {
      if (operation.kind === 'put') this.#store(operation.item);
      if (operation.kind === 'delete') this.#remove(operation.key);
    }
    return done(undefined);
  }
}

function failed(kept: Kept | undefined): ConditionFailed<Item> {
  return { kind: 'condition-failed', item: kept === undefined ? undefined : copy(kept) };
}

function keep(item: Item): Kept {
  return {
    pk: item.pk,
    sk: item.sk,
    version: item.version,
    body: new Uint8Array(item.body),
    appended: item.appended.map((entry) => new Uint8Array(entry)),
    bytes: item.bytes,
    limit: item.limit,
    size: itemBytes(item),
  };
}

function copy(kept: Kept): Item {
  // One allocation for all bytes of the item: an append returns the whole of a slot each time.
  const all = new Uint8Array(kept.body.length + kept.bytes);
  all.set(kept.body);
  let at = kept.body.length;
  const appended = kept.appended.map((entry) => {
    all.set(entry, at);
    at += entry.length;
    return all.subarray(at - entry.length, at);
  });
  const { pk, sk, version, bytes, limit } = kept;
  return { pk, sk, version, body: all.subarray(0, kept.body.length), appended, bytes, limit };
}

function page(collection: Collection, range: QueryRange, options: QueryOptions): QueryPage {
  const { items, keys } = collection;
  const reverse = options.reverse === true;
  const first = keys.lowerBound(range.from);
  let end = keys.lowerBound(range.to);
  if (keys.at(end) === range.to) end += 1;
  if (compareUtf8(range.from, range.to) > 0) end = first;
  const found: Item[] = [];
  let bytes = 0;
  for (let n = 0; n < end - first; n += 1) {
    const kept = items.get(keys.at(reverse ? end - 1 - n : first + n) as string) as Kept;
    bytes += kept.size;
    if (found.length === options.limit || (n > 0 && bytes > queryPageBytesMax)) {
      return { items: found, next: found.at(-1)?.sk };
    }
    found.push(copy(kept));
  }
  return { items: found, next: undefined };
}
