import type { Item, MetadataTable, QueryRange } from '../ports/metadata-table.ts';
import { done } from '../ports/outcome.ts';
import type { ConditionalOutcome, ReadOutcome } from '../ports/outcome.ts';
import { limits } from '../std/limits.ts';

/** A read with its item decoded. */
export function mapRead<T>(
  outcome: ReadOutcome<Item | undefined>,
  decode: (item: Item) => T,
): ReadOutcome<T | undefined> {
  if (outcome.kind !== 'done') return outcome;
  return done(outcome.value === undefined ? undefined : decode(outcome.value));
}

/** A conditional write with the item that stood in the way decoded. */
export function mapItem<Value, T>(
  outcome: ConditionalOutcome<Value, Item>,
  decode: (item: Item) => T,
): ConditionalOutcome<Value, T> {
  if (outcome.kind !== 'condition-failed') return outcome;
  const { item } = outcome;
  return { kind: 'condition-failed', item: item === undefined ? undefined : decode(item) };
}

/** All items of a range, page by page, strongly. Not a snapshot. */
export async function queryAll(
  table: MetadataTable,
  pk: string,
  range: QueryRange,
): Promise<ReadOutcome<readonly Item[]>> {
  const items: Item[] = [];
  let { from } = range;
  for (;;) {
    const options = { limit: limits.queryItemsMax, consistent: true };
    const page = await table.query(pk, { from, to: range.to }, options);
    if (page.kind !== 'done') return page;
    items.push(...page.value.items);
    if (page.value.next === undefined) return done(items);
    // The smallest string that comes after it in the order of bytes.
    from = `${page.value.next}\u0000`;
  }
}
