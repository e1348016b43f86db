import type { ConditionalOutcome, ConditionFailed, ReadOutcome, WriteOutcome } from './outcome.ts';

export interface ItemKey {
  /** Partition key, 1 … 512 bytes of UTF-8. Items with one `pk` form an item collection. */
  readonly pk: string;
  /** Sort key, 1 … 512 bytes of UTF-8, ordered by its bytes. */
  readonly sk: string;
}

/** One item. The whole of it stays below 400 KB (`limits.itemBytesMax`). */
export interface Item extends ItemKey {
  /** Named by whoever puts the item; an exact integer, −1 … 2^53−1. */
  readonly version: number;
  readonly body: Uint8Array;
  /** Commands, in the order in which they were appended. Most items have none. */
  readonly appended: readonly Uint8Array[];
  /** Sum of the lengths in `appended`. */
  readonly bytes: number;
  /** `append` is open while `bytes ≤ limit`. −1: never. */
  readonly limit: number;
}

export type Condition =
  | { readonly kind: 'any' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'absent-or-below'; readonly version: number };

export type Operation =
  | { readonly kind: 'put'; readonly item: Item; readonly condition: Condition }
  | { readonly kind: 'delete'; readonly key: ItemKey; readonly condition: Condition }
  | { readonly kind: 'check'; readonly key: ItemKey; readonly condition: Condition };

export interface QueryRange {
  /** First sort key, inclusive. */
  readonly from: string;
  /** Last sort key, inclusive. */
  readonly to: string;
}

export interface QueryOptions {
  /** At most this many items, 1 … 1,000. A page also ends at about 1 MB. */
  readonly limit: number;
  /** Descending order of sort keys. */
  readonly reverse?: boolean;
  readonly consistent: boolean;
}

export interface QueryPage {
  readonly items: readonly Item[];
  /**
   * Present when the page ended before the range did: go on after this sort key (with
   * `reverse`, before it). The next page may be empty.
   */
  readonly next: string | undefined;
}

export type TransactOutcome =
  | WriteOutcome<undefined>
  /** Nothing happened: another write was under way on one of the items. */
  | { readonly kind: 'conflict' }
  /** Nothing happened. One entry per operation: undefined where its condition held. */
  | {
      readonly kind: 'conditions-failed';
      readonly failures: readonly (ConditionFailed<Item> | undefined)[];
    };

/**
 * The table of metadata, the narrow waist of the system (DynamoDB's model).
 *
 * - Single items are linearizable for writes and for `consistent` reads. A read that is not
 *   consistent may return an older state of the item.
 * - `query` is not a snapshot: items of one answer may stem from different moments, and a
 *   write made during the call may be in the answer for one key and missing for another.
 * - Every conditional write is sent once; the caller decides what an `indeterminate` means.
 * - A failed condition returns the item that stood in the way, read atomically with the check.
 * - Outcomes are values. A method rejects only for bugs (an item beyond its bounds, say).
 */
export interface MetadataTable {
  get(
    key: ItemKey,
    options: { readonly consistent: boolean },
  ): Promise<ReadOutcome<Item | undefined>>;
  /** Items of `pk` with `from ≤ sk ≤ to`, in the order of sort keys. */
  query(pk: string, range: QueryRange, options: QueryOptions): Promise<ReadOutcome<QueryPage>>;
  /** Writes the whole item if the condition holds. */
  put(item: Item, condition: Condition): Promise<ConditionalOutcome<undefined, Item>>;
  /** Deletes the item if the condition holds; an absent item satisfies `any` and `absent`. */
  delete(key: ItemKey, condition: Condition): Promise<ConditionalOutcome<undefined, Item>>;
  /**
   * If the item exists with this version and `bytes ≤ limit`: adds `command` to `appended`, its
   * length to `bytes`, and returns the whole item as it then is. Growing it beyond
   * `limits.itemBytesMax` is a bug, which rejects at the store's own bound: 400,000 bytes, or
   * DynamoDB's 409,600.
   */
  append(
    key: ItemKey,
    version: number,
    command: Uint8Array,
  ): Promise<ConditionalOutcome<Item, Item>>;
  /**
   * All operations or none; 1 … 100 of them, each on another item, whose items come to at most
   * `limits.transactBytesMax`.
   */
  transact(operations: readonly Operation[]): Promise<TransactOutcome>;
}
