import type { Item, ItemKey } from '../ports/metadata-table.ts';

/** An item that nothing is ever appended to. */
export function plainItem({ pk, sk }: ItemKey, version: number, body: Uint8Array): Item {
  return { pk, sk, version, body, appended: [], bytes: 0, limit: -1 };
}
