import type { Item, MetadataTable } from '../../lib/ports/metadata-table.ts';

export const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** An item of a test: whatever is not named is empty, and open to any append. */
export function itemWith(fields: Partial<Item>): Item {
  const appended = fields.appended ?? [];
  return {
    pk: 'p',
    sk: 's',
    version: 0,
    body: bytesOf(),
    appended,
    bytes: appended.reduce((sum, entry) => sum + entry.length, 0),
    limit: 1_000_000,
    ...fields,
  };
}

/** An item with its bytes as text: equal when the bytes are, whatever array holds them. */
export function shown(item: Item | undefined) {
  if (item === undefined) return undefined;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return { ...item, body: hex(item.body), appended: item.appended.map(hex) };
}

/** The item as a consistent read shows it. */
export async function read(table: MetadataTable, pk: string, sk: string) {
  const outcome = await table.get({ pk, sk }, { consistent: true });
  if (outcome.kind !== 'done') throw new Error(`a read ended as kind=${outcome.kind}`);
  return shown(outcome.value);
}

export const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
