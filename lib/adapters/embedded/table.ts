import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type {
  Condition,
  Item,
  ItemKey,
  MetadataTable,
  Operation,
  QueryOptions,
  QueryPage,
  QueryRange,
  TransactOutcome,
} from '../../ports/metadata-table.ts';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome, ReadOutcome } from '../../ports/outcome.ts';
import { InvariantError, must } from '../../std/assert.ts';
import {
  assertAppend,
  assertCondition,
  assertItem,
  assertItemBytes,
  assertKey,
  assertOperations,
  assertQuery,
  itemBytes,
  keyBytes,
  queryPageBytesMax,
} from '../bounds.ts';
import { describeError, sqliteCode, sqliteCodes } from './errors.ts';
import type { Fatal } from './errors.ts';
import { decodeItem, encodeEntries, itemColumns } from './items.ts';
import type { Row } from './items.ts';
import { packOperation } from './write.ts';
import type { Write } from './write.ts';
import type { Written } from './writer.ts';

/** Where a table sends its writes: the thread that writes, or nowhere. */
export interface WriteSink {
  write(write: Write): Promise<Written>;
}

/** Reads on a connection of its own, which sees what is committed and durable, and only that. */
export class EmbeddedTable implements MetadataTable {
  readonly #sink: WriteSink;
  readonly #fatal: Fatal;
  readonly #get: StatementSync;
  readonly #up: StatementSync;
  readonly #down: StatementSync;

  constructor(database: DatabaseSync, sink: WriteSink, fatal: Fatal) {
    this.#sink = sink;
    this.#fatal = fatal;
    const range = `SELECT ${itemColumns} FROM items WHERE pk = ? AND sk >= ? AND sk <= ?`;
    this.#get = database.prepare(`SELECT ${itemColumns} FROM items WHERE pk = ? AND sk = ?`);
    this.#up = database.prepare(`${range} ORDER BY sk LIMIT ?`);
    this.#down = database.prepare(`${range} ORDER BY sk DESC LIMIT ?`);
  }

  async get(key: ItemKey): Promise<ReadOutcome<Item | undefined>> {
    assertKey(key);
    return this.#read(() => {
      const row = this.#get.get(key.pk, key.sk);
      return row === undefined ? undefined : decodeItem(row);
    });
  }

  async query(
    pk: string,
    range: QueryRange,
    options: QueryOptions,
  ): Promise<ReadOutcome<QueryPage>> {
    assertQuery(pk, options);
    const statement = options.reverse === true ? this.#down : this.#up;
    // One more than asked for tells whether the range goes on.
    return this.#read(() =>
      pageOf(statement.iterate(pk, range.from, range.to, options.limit + 1), options.limit),
    );
  }

  async put(item: Item, condition: Condition): Promise<ConditionalOutcome<undefined, Item>> {
    assertItem(item);
    assertCondition(condition);
    return this.#single({ kind: 'put', item, condition });
  }

  async delete(key: ItemKey, condition: Condition): Promise<ConditionalOutcome<undefined, Item>> {
    assertKey(key);
    assertCondition(condition);
    return this.#single({ kind: 'delete', key, condition });
  }

  async append(
    key: ItemKey,
    version: number,
    command: Uint8Array,
  ): Promise<ConditionalOutcome<Item, Item>> {
    assertAppend(key, version, command);
    const { pk, sk } = key;
    const entry = encodeEntries([command]);
    const addedBytes = keyBytes(key) + entry.length;
    const written = await this.#sink.write({
      kind: 'append',
      key: { pk, sk },
      version,
      entry,
      addedBytes,
    });
    switch (written.kind) {
      case 'appended':
        return done(decodeItem(written.row));
      case 'failed':
        return { kind: 'condition-failed', item: itemOf(written.rows[0]?.row) };
      case 'too-large':
        assertItemBytes(written.bytes, key);
        throw unexpected(written);
      case 'done':
        throw unexpected(written);
      default:
        return written;
    }
  }

  async transact(operations: readonly Operation[]): Promise<TransactOutcome> {
    assertOperations(operations);
    const written = await this.#sink.write({
      kind: 'transact',
      operations: operations.map(packOperation),
    });
    if (written.kind === 'failed') {
      const failures = written.rows.map((failed) =>
        failed === undefined
          ? undefined
          : { kind: 'condition-failed' as const, item: itemOf(failed.row) },
      );
      return { kind: 'conditions-failed', failures };
    }
    return settled(written);
  }

  async #single(operation: Operation): Promise<ConditionalOutcome<undefined, Item>> {
    const written = await this.#sink.write({
      kind: 'transact',
      operations: [packOperation(operation)],
    });
    if (written.kind === 'failed') {
      const failed = must(written.rows[0], 'the condition that failed');
      return { kind: 'condition-failed', item: itemOf(failed.row) };
    }
    return settled(written);
  }

  #read<T>(read: () => T): ReadOutcome<T> {
    try {
      return done(read());
    } catch (error) {
      const code = sqliteCode(error);
      if (code === undefined) {
        if (systemClosed(error)) return { kind: 'unavailable', cause: 'the store is closed' };
        throw error;
      }
      const cause = describeError(error);
      if (code !== sqliteCodes.busy) this.#fatal(new Error(`a read failed: ${cause}`));
      return { kind: 'unavailable', cause };
    }
  }
}

type Settled = Exclude<Written, { readonly kind: 'failed' }>;

function settled(written: Settled) {
  switch (written.kind) {
    case 'done':
      return done(undefined);
    case 'appended':
    case 'too-large':
      throw unexpected(written);
    default:
      return written;
  }
}

function unexpected(written: Written): InvariantError {
  return new InvariantError(`a write ended as another kind of write: kind=${written.kind}`);
}

function itemOf(row: Row | undefined): Item | undefined {
  return row === undefined ? undefined : decodeItem(row);
}

/** `node:sqlite` finalizes the statements of a connection that was closed. */
function systemClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE';
}

function pageOf(rows: Iterable<Row>, limit: number): QueryPage {
  const items: Item[] = [];
  let bytes = 0;
  for (const row of rows) {
    const item = decodeItem(row);
    bytes += itemBytes(item);
    if (items.length === limit || (items.length > 0 && bytes > queryPageBytesMax)) {
      return { items, next: items.at(-1)?.sk };
    }
    items.push(item);
  }
  return { items, next: undefined };
}
