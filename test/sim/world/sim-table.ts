import { crc32 } from 'node:zlib';
import type { Item, ItemKey, MetadataTable, Operation } from '../../../lib/ports/metadata-table.ts';
import type { TransactOutcome } from '../../../lib/ports/metadata-table.ts';
import type { ConditionalOutcome, Throttled } from '../../../lib/ports/outcome.ts';
import type { Host } from './host.ts';
import type { Mix } from './mix.ts';
import type { Network } from './network.ts';
import type { TableStore } from './table-store.ts';

/** The table as one process sees it, through the network. */
export function simTable(host: Host, network: Network, store: TableStore, mix: Mix): MetadataTable {
  const { table } = store;
  const { random } = network;
  const write = <T extends { readonly kind: string }>(
    what: string,
    operations: readonly Operation[],
    send: () => Promise<T>,
    after?: (outcome: T) => Item | undefined,
  ) => {
    const apply = async (): Promise<T | Throttled> => {
      if (network.storm && store.exhausted(operations)) {
        network.count('throttled by units');
        return { kind: 'throttled' };
      }
      return store.write(operations, host.knows, send, after);
    };
    return network.write<T>(host, what, apply, showWrite);
  };

  return {
    get(key, { consistent }) {
      const what = `get ${keyText(key)}${consistent ? '' : ' eventual'}`;
      const back = random.int(0, 3);
      const apply = () =>
        !consistent && network.happens(0.5, 'stale read')
          ? checked(table.get(key, { consistent }), () => store.stale(key, back))
          : table.get(key, { consistent });
      return network.read(host, what, apply, itemText);
    },
    query(pk, range, options) {
      const what = `query ${pk} ${range.from} … ${range.to} limit=${options.limit}`;
      const wait = random.next() * 3 * mix.latencyMs;
      const apply = async () => {
        if (!network.happens(mix.tornQuery, 'torn query')) return table.query(pk, range, options);
        const later = (): Promise<void> => network.scheduler.sleep(wait);
        return store.torn(pk, range, options, later, () => random.chance(0.5));
      };
      return network.read(host, what, apply, ({ items }) => items.map(itemText).join(' '));
    },
    put(item, condition) {
      const sent = copyOf(item);
      const what = `put ${keyText(item)} ${itemText(sent)} if ${conditionText(condition)}`;
      const operations = [{ kind: 'put', item: sent, condition } as const];
      return write(what, operations, () => table.put(sent, condition));
    },
    delete(key, condition) {
      const what = `delete ${keyText(key)} if ${conditionText(condition)}`;
      const operations = [{ kind: 'delete', key, condition } as const];
      return write(what, operations, () => table.delete(key, condition));
    },
    append(key, version, command) {
      const sent = new Uint8Array(command);
      const what = `append ${keyText(key)} v=${version} bytes=${sent.length} crc=${crc32(sent)}`;
      const operations = [{ kind: 'delete', key, condition: { kind: 'any' } } as const];
      return write<ConditionalOutcome<Item, Item>>(
        what,
        operations,
        () => table.append(key, version, sent),
        (outcome) => (outcome.kind === 'done' ? outcome.value : undefined),
      );
    },
    transact(operations) {
      const sent = operations.map((operation) =>
        operation.kind === 'put' ? { ...operation, item: copyOf(operation.item) } : operation,
      );
      const text = operations.map((each) => `${each.kind} ${keyText(keyOf(each))}`).join(', ');
      return write<TransactOutcome>(`transact ${text}`, sent, async () =>
        network.happens(mix.conflict, 'conflict') ? { kind: 'conflict' } : table.transact(sent),
      );
    },
  };
}

/** Bugs of the caller are refused before anything is answered. */
async function checked<T>(real: Promise<T>, other: () => T): Promise<T> {
  await real;
  return other();
}

/** A late write carries what it was sent with. */
const copyOf = (item: Item): Item => ({
  ...item,
  body: new Uint8Array(item.body),
  appended: item.appended.map((entry) => new Uint8Array(entry)),
});

const keyOf = (operation: Operation): ItemKey =>
  operation.kind === 'put' ? operation.item : operation.key;

const keyText = ({ pk, sk }: ItemKey): string => `${pk} ${sk}`;

function itemText(item: Item | undefined): string {
  if (item === undefined) return 'nothing';
  const { sk, version, body, appended, bytes, limit } = item;
  const crc = appended.reduce((sum, entry) => crc32(entry, sum), crc32(body));
  const ring = limit < 0 ? '' : ` commands=${appended.length} bytes=${bytes}/${limit}`;
  return `{${sk} v=${version}${ring} crc=${crc}}`;
}

function conditionText(condition: { readonly kind: string; readonly version?: number }): string {
  const { kind, version } = condition;
  return version === undefined ? kind : `${kind} ${version}`;
}

function showWrite(outcome: {
  readonly kind: string;
  readonly value?: Item | undefined;
  readonly item?: Item | undefined;
}): string {
  if (outcome.kind === 'condition-failed') return itemText(outcome.item);
  return outcome.value === undefined ? '' : itemText(outcome.value);
}
