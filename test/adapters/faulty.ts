import type { Item, MetadataTable, TransactOutcome } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { done } from '../../lib/ports/outcome.ts';
import type { Indeterminate } from '../../lib/ports/outcome.ts';

/**
 * What becomes of one write. `lose-request`: it never arrives. `lose-reply`: it is applied, the
 * caller is not told. `apply-late`: it arrives when `settle` is called. `partial`: a deletion of
 * objects deletes every other one (for any other write the same as `none`).
 */
export type Fault = 'none' | 'lose-request' | 'lose-reply' | 'apply-late' | 'partial';

export interface Faulty<T> {
  readonly store: T;
  /** Applies what is late, in the order in which it was sent. */
  readonly settle: () => Promise<void>;
}

/** Injects the faults that `next` names, one per write. Reads are left alone. */
class Injector {
  readonly #next: () => Fault;
  #late: (() => Promise<unknown>)[] = [];

  constructor(next: () => Fault) {
    this.#next = next;
  }

  async write<T>(send: (fault: Fault) => Promise<T>): Promise<T | Indeterminate> {
    const fault = this.#next();
    if (fault === 'none' || fault === 'partial') return send(fault);
    if (fault === 'lose-reply') await send(fault);
    if (fault === 'apply-late') this.#late.push(() => send(fault));
    return { kind: 'indeterminate', cause: fault };
  }

  async settle(): Promise<void> {
    for (const send of this.#late.splice(0)) await send();
  }
}

/** Bytes are copied when a write is sent: a late one must carry what it was sent with. */
const copyOf = (item: Item): Item => ({
  ...item,
  body: new Uint8Array(item.body),
  appended: item.appended.map((entry) => new Uint8Array(entry)),
});

export function faultyTable(inner: MetadataTable, next: () => Fault): Faulty<MetadataTable> {
  const faults = new Injector(next);
  const store: MetadataTable = {
    get: (key, options) => inner.get(key, options),
    query: (pk, range, options) => inner.query(pk, range, options),
    put: (item, condition) => {
      const sent = copyOf(item);
      return faults.write(() => inner.put(sent, condition));
    },
    delete: (key, condition) => faults.write(() => inner.delete(key, condition)),
    append: (key, version, command) => {
      const sent = new Uint8Array(command);
      return faults.write(() => inner.append(key, version, sent));
    },
    transact: (operations) => {
      const sent = operations.map((operation) =>
        operation.kind === 'put' ? { ...operation, item: copyOf(operation.item) } : operation,
      );
      return faults.write<TransactOutcome>(() => inner.transact(sent));
    },
  };
  return { store, settle: () => faults.settle() };
}

export function faultyObjects(inner: ObjectStore, next: () => Fault): Faulty<ObjectStore> {
  const faults = new Injector(next);
  const store: ObjectStore = {
    get: (key, range) => inner.get(key, range),
    list: (prefix, after) => inner.list(prefix, after),
    put: (key, bytes) => {
      const sent = new Uint8Array(bytes);
      return faults.write(() => inner.put(key, sent));
    },
    putParts: (key, parts) => faults.write(() => inner.putParts(key, parts)),
    delete: (keys) =>
      faults.write(async (fault) => {
        if (fault !== 'partial') return inner.delete(keys);
        const outcome = await inner.delete(keys.filter((_, index) => index % 2 === 0));
        return outcome.kind === 'done' ? done(outcome.value) : outcome;
      }),
  };
  return { store, settle: () => faults.settle() };
}
