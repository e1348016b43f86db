import type { Environment } from '../../lib/ports/environment.ts';
import type { Operation } from '../../lib/ports/metadata-table.ts';

/** What a process did with the stores, in IAM's words: `PutItem P#*`, `GetObject stage/*`. */
export class Recorded {
  readonly done = new Set<string>();
  readonly env: Environment;

  constructor({ table, objects, ...rest }: Environment) {
    this.env = {
      ...rest,
      table: {
        get: (key, options) => this.#did('GetItem', key.pk, table.get(key, options)),
        query: (pk, range, options) => this.#did('Query', pk, table.query(pk, range, options)),
        put: (item, condition) => this.#did('PutItem', item.pk, table.put(item, condition)),
        delete: (key, condition) => this.#did('DeleteItem', key.pk, table.delete(key, condition)),
        append: (key, version, command) =>
          this.#did('UpdateItem', key.pk, table.append(key, version, command)),
        transact: (operations) => {
          for (const operation of operations) this.#note(actionOf[operation.kind], pkOf(operation));
          return table.transact(operations);
        },
      },
      objects: {
        put: (key, bytes) => this.#did('PutObject', key, objects.put(key, bytes)),
        putParts: (key, parts) => this.#did('PutObject', key, objects.putParts(key, parts)),
        get: (key, range) => this.#did('GetObject', key, objects.get(key, range)),
        delete: (keys) => {
          for (const key of keys) this.#note('DeleteObject', key);
          return objects.delete(keys);
        },
        list: (prefix, after) => this.#did('ListBucket', prefix, objects.list(prefix, after)),
      },
    };
  }

  #note(action: string, what: string): void {
    this.done.add(`${action} ${classOf(what)}`);
  }

  #did<T>(action: string, what: string, call: T): T {
    this.#note(action, what);
    return call;
  }
}

const actionOf = { put: 'PutItem', delete: 'DeleteItem', check: 'ConditionCheckItem' } as const;

const pkOf = (operation: Operation): string =>
  operation.kind === 'put' ? operation.item.pk : operation.key.pk;

/** A key with what is not the same in all of its kind as a star. */
const classOf = (key: string): string => key.replace(/^([A-Z]+#|stage\/).*$/, '$1*');
