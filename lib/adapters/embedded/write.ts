import type { Condition, Item, ItemKey, Operation } from '../../ports/metadata-table.ts';
import { encodeEntries } from './items.ts';
import type { Row } from './items.ts';

/** An item on its way to the thread that writes; `appended` is encoded by `encodeEntries`. */
interface PackedItem {
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly body: Uint8Array;
  readonly appended: Uint8Array;
  readonly bytes: number;
  readonly limit: number;
}

export type PackedOperation =
  | { readonly kind: 'put'; readonly item: PackedItem; readonly condition: Condition }
  | { readonly kind: 'delete'; readonly key: ItemKey; readonly condition: Condition }
  | { readonly kind: 'check'; readonly key: ItemKey; readonly condition: Condition };

/** One call on the table. */
export type Write =
  | { readonly kind: 'transact'; readonly operations: readonly PackedOperation[] }
  | {
      readonly kind: 'append';
      readonly key: ItemKey;
      readonly version: number;
      /** As `encodeEntries` makes it of the one command. */
      readonly entry: Uint8Array;
      /** The size of the item without its body and its entries, with the new entry. */
      readonly addedBytes: number;
    };

/** How a write ended inside its transaction; rows are decoded by who asked. */
export type WriteResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'appended'; readonly row: Row }
  | { readonly kind: 'failed'; readonly rows: readonly (FailedCondition | undefined)[] }
  /** The item would grow to this size, which is a bug of the caller. */
  | { readonly kind: 'too-large'; readonly bytes: number };

/** A condition that did not hold, with the item that stood in the way, if any. */
export interface FailedCondition {
  readonly row: Row | undefined;
}

/** How a group of writes ended: each by itself, or all undone. */
export type GroupResult =
  | { readonly kind: 'committed'; readonly results: readonly WriteResult[] }
  | { readonly kind: 'undone'; readonly cause: string };

/** What the main thread says to the thread that writes. */
export type Request =
  | { readonly kind: 'write'; readonly writes: readonly Write[] }
  | { readonly kind: 'close' };

/** What the thread that writes answers. Groups are answered in the order of the writes. */
export type Reply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'refused';
      readonly expected: string;
      readonly came: string;
      readonly advice: string;
    }
  | { readonly kind: 'group'; readonly count: number; readonly result: GroupResult }
  | { readonly kind: 'fatal'; readonly message: string }
  | { readonly kind: 'closed' };

/** Takes a copy of all bytes: the caller may change its own as soon as the call returns. */
export function packOperation(operation: Operation): PackedOperation {
  const { condition } = operation;
  if (operation.kind === 'put') return { kind: 'put', item: packItem(operation.item), condition };
  const { pk, sk } = operation.key;
  return { kind: operation.kind, key: { pk, sk }, condition };
}

function packItem(item: Item): PackedItem {
  const { pk, sk, version, bytes, limit } = item;
  const body = new Uint8Array(item.body);
  return { pk, sk, version, body, appended: encodeEntries(item.appended), bytes, limit };
}
