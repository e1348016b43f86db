import type { Item, MetadataTable, Operation } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import type { Indeterminate, Throttled, Unavailable } from '../../lib/ports/outcome.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * What becomes of one call. `late`: it is applied after `laterMs`, and was answered long before as
 * indeterminate. For a read, whatever is not `none` or `throttle` means that no answer comes.
 */
export type Weather = 'none' | 'lose-request' | 'lose-reply' | 'late' | 'throttle' | 'unavailable';

export interface Fate {
  readonly weather: Weather;
  /** How long the call takes to arrive. */
  readonly delayMs: number;
  readonly laterMs: number;
}

export interface Call {
  readonly store: 'table' | 'objects';
  readonly verb: string;
  readonly write: boolean;
}

/** The stores as one process sees them through a bad network, on a clock that costs no time. */
export function badStores(
  stores: { readonly table: MetadataTable; readonly objects: ObjectStore },
  clock: VirtualClock,
  fateOf: (call: Call) => Fate,
): { readonly table: MetadataTable; readonly objects: ObjectStore } {
  const { table, objects } = stores;
  type Failed = Throttled | Unavailable;

  async function read<T>(call: Omit<Call, 'write'>, send: () => Promise<T>): Promise<T | Failed> {
    const { weather, delayMs } = fateOf({ ...call, write: false });
    await clock.sleep(delayMs);
    if (weather === 'throttle') return { kind: 'throttled' };
    return weather === 'none' ? send() : { kind: 'unavailable', cause: weather };
  }

  async function write<T>(
    call: Omit<Call, 'write'>,
    send: () => Promise<T>,
  ): Promise<T | Failed | Indeterminate> {
    const { weather, delayMs, laterMs } = fateOf({ ...call, write: true });
    await clock.sleep(delayMs);
    switch (weather) {
      case 'none':
        return send();
      case 'throttle':
        return { kind: 'throttled' };
      case 'unavailable':
        return { kind: 'unavailable', cause: weather };
      case 'lose-reply':
        await send();
        break;
      case 'late':
        void clock.sleep(laterMs).then(send);
        break;
      case 'lose-request':
        break;
    }
    return { kind: 'indeterminate', cause: weather };
  }

  const t = (verb: string) => ({ store: 'table', verb }) as const;
  const o = (verb: string) => ({ store: 'objects', verb }) as const;
  return {
    table: {
      get: (key, options) => read(t('get'), () => table.get(key, options)),
      query: (pk, range, options) => read(t('query'), () => table.query(pk, range, options)),
      put: (item, condition) => {
        const sent = copyOf(item);
        return write(t('put'), () => table.put(sent, condition));
      },
      delete: (key, condition) => write(t('delete'), () => table.delete(key, condition)),
      append: (key, version, command) => {
        const sent = new Uint8Array(command);
        return write(t('append'), () => table.append(key, version, sent));
      },
      transact: (operations) => {
        const sent = operations.map(copyOfOperation);
        return write(t('transact'), () => table.transact(sent));
      },
    },
    objects: {
      get: (key, range) => read(o('get'), () => objects.get(key, range)),
      list: (prefix, after) => read(o('list'), () => objects.list(prefix, after)),
      put: (key, bytes) => {
        const sent = new Uint8Array(bytes);
        return write(o('put'), () => objects.put(key, sent));
      },
      putParts: (key, parts) => write(o('putParts'), () => objects.putParts(key, parts)),
      delete: (keys) => write(o('delete'), () => objects.delete(keys)),
    },
  };
}

/** Bytes are copied when a write is sent: a late one must carry what it was sent with. */
const copyOf = (item: Item): Item => ({
  ...item,
  body: new Uint8Array(item.body),
  appended: item.appended.map((entry) => new Uint8Array(entry)),
});

const copyOfOperation = (operation: Operation): Operation =>
  operation.kind === 'put' ? { ...operation, item: copyOf(operation.item) } : operation;
