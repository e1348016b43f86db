import type { Item, MetadataTable } from '../../../lib/ports/metadata-table.ts';
import type { ConditionalOutcome } from '../../../lib/ports/outcome.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { topicsPk } from '../../../lib/store/topic.ts';

/**
 * A release that knows format 2 of the slot, which exists in tests only: it means what format 1
 * means, under another number. It writes format 2 once the feature level says so. To a topic it
 * adds a field that others do not know, and must keep.
 */
export function newerRelease(table: MetadataTable, level: () => number): MetadataTable {
  const failed = <T>(outcome: ConditionalOutcome<T, Item>): ConditionalOutcome<T, Item> =>
    outcome.kind === 'condition-failed' && outcome.item !== undefined
      ? { ...outcome, item: translated(outcome.item) }
      : outcome;
  return {
    ...table,
    async get(key, options) {
      const outcome = await table.get(key, options);
      if (outcome.kind !== 'done' || outcome.value === undefined) return outcome;
      return done(translated(outcome.value));
    },
    async query(pk, range, options) {
      const outcome = await table.query(pk, range, options);
      if (outcome.kind !== 'done') return outcome;
      return done({ ...outcome.value, items: outcome.value.items.map(translated) });
    },
    async put(item, condition) {
      const written = level() === 2 ? withFormat(item, 1, 2) : item;
      return failed(await table.put(withField(written), condition));
    },
    async transact(operations) {
      return table.transact(
        operations.map((each) =>
          each.kind === 'put' ? { ...each, item: withField(each.item) } : each,
        ),
      );
    },
    async append(key, version, command) {
      const outcome = await table.append(key, version, command);
      return outcome.kind === 'done' ? done(translated(outcome.value)) : failed(outcome);
    },
  };
}

const field = 'newer';

/** Whether a topic's item has what only this release knows. */
export const hasNewerField = ({ body }: Item): boolean => field in fieldsOf(body);

const fieldsOf = (body: Uint8Array): object => JSON.parse(Buffer.from(body).toString()) as object;

function withField(item: Item): Item {
  if (item.pk !== topicsPk) return item;
  const body = Buffer.from(JSON.stringify({ ...fieldsOf(item.body), [field]: true }));
  return { ...item, body };
}

/** The format of a slot: the first byte of its body. A stub has none. */
export const formatOf = ({ body }: Item): number => body[0] ?? 1;

/** As format 1 says it. */
export const translated = (item: Item): Item => withFormat(item, 2, 1);

function withFormat(item: Item, from: number, to: number): Item {
  if (!item.sk.startsWith('R#') || item.body[0] !== from) return item;
  const body = new Uint8Array(item.body);
  body[0] = to;
  return { ...item, body };
}
