import type { Clock } from '../ports/environment.ts';
import type { MetadataTable } from '../ports/metadata-table.ts';
import type { ObjectStore } from '../ports/object-store.ts';

interface Store {
  readonly table: MetadataTable;
  readonly objects: ObjectStore;
}

/** Between two lines: a full disk refuses every try of every request. */
const quietMs = 10_000;

/**
 * The store, with a line on the log when it does not do what it was asked. The engine tries again,
 * and clients are told to; why (a full disk, say) is for those who run the server.
 */
export function logRefusals(
  { table, objects }: Store,
  clock: Clock,
  log: (line: string) => void,
): Store {
  let last: number | undefined;
  const heed = async <Outcome extends { readonly kind: string }>(
    asked: Promise<Outcome>,
  ): Promise<Outcome> => {
    const outcome = await asked;
    if (outcome.kind !== 'unavailable' && outcome.kind !== 'indeterminate') return outcome;
    const now = clock.monotonic();
    if (last === undefined || now - last >= quietMs) {
      last = now;
      const cause = 'cause' in outcome ? String(outcome.cause) : '';
      log(`the store could not do what it was asked, which is tried again: ${cause}`);
    }
    return outcome;
  };
  return {
    table: {
      get: (key, options) => heed(table.get(key, options)),
      query: (pk, range, options) => heed(table.query(pk, range, options)),
      put: (item, condition) => heed(table.put(item, condition)),
      delete: (key, condition) => heed(table.delete(key, condition)),
      append: (key, version, command) => heed(table.append(key, version, command)),
      transact: (operations) => heed(table.transact(operations)),
    },
    objects: {
      put: (key, bytes) => heed(objects.put(key, bytes)),
      putParts: (key, parts) => heed(objects.putParts(key, parts)),
      get: (key, range) => heed(objects.get(key, range)),
      delete: (keys) => heed(objects.delete(keys)),
      list: (prefix, after) => heed(objects.list(prefix, after)),
    },
  };
}
