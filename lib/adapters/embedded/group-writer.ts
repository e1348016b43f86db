import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Condition, ItemKey } from '../../ports/metadata-table.ts';
import { assert } from '../../std/assert.ts';
import { limits } from '../../std/limits.ts';
import { entryOverheadBytes } from '../bounds.ts';
import { holds } from '../condition.ts';
import { describeError, sqliteCode, sqliteCodes } from './errors.ts';
import { itemColumns } from './items.ts';
import type { Row } from './items.ts';
import type { FailedCondition, GroupResult, PackedOperation, Write, WriteResult } from './write.ts';

const pageBytes = 4096;
/** A checkpoint is due after about 4 MiB of WAL. */
const checkpointPages = 1024;
/** Beyond 64 MiB a checkpoint waits for readers, for as long as the busy timeout. */
const walPagesMax = 16_384;

interface Statements {
  readonly version: StatementSync;
  readonly row: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
  readonly append: StatementSync;
}

/**
 * Commits groups of writes, one SQLite transaction and one fsync each. Methods throw when the
 * state on disk is unknown; then the process must end.
 */
export class GroupWriter {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  #pagesSinceCheckpoint = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /**
   * Runs the writes in order: each sees what those before it did, and a condition that fails
   * undoes nothing but its own write. Returns when all is durable, or all undone.
   */
  commit(writes: readonly Write[]): GroupResult {
    const pages = this.#pagesSinceCheckpoint;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const results = writes.map((write) => this.#apply(write));
      this.#database.exec('COMMIT');
      return { kind: 'committed', results };
    } catch (error) {
      const code = sqliteCode(error);
      // In both cases no commit frame was written, see ADR 0003. All else is unknown.
      if (code !== sqliteCodes.full && code !== sqliteCodes.busy) throw error;
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#pagesSinceCheckpoint = pages;
      return { kind: 'undone', cause: describeError(error) };
    }
  }

  /** Moves the WAL into the database when enough has gathered. Call it after answering. */
  checkpointIfDue(): void {
    if (this.#pagesSinceCheckpoint < checkpointPages) return;
    this.#pagesSinceCheckpoint = 0;
    if (this.#checkpoint('PASSIVE') > walPagesMax) this.#checkpoint('RESTART');
  }

  close(): void {
    this.#checkpoint('TRUNCATE');
    this.#database.close();
  }

  /** Pages in the WAL that wait to be reused. */
  #checkpoint(mode: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): number {
    try {
      const row = this.#database.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
      return Number(row?.['log'] ?? 0);
    } catch (error) {
      const code = sqliteCode(error);
      if (code !== sqliteCodes.full && code !== sqliteCodes.busy) throw error;
      return 0;
    }
  }

  #apply(write: Write): WriteResult {
    return write.kind === 'append' ? this.#append(write) : this.#transact(write.operations);
  }

  #transact(operations: readonly PackedOperation[]): WriteResult {
    const rows = operations.map((operation) => {
      const key = operation.kind === 'put' ? operation.item : operation.key;
      return this.#obstacle(key, operation.condition);
    });
    if (rows.some((row) => row !== undefined)) return { kind: 'failed', rows };
    for (const operation of operations) this.#perform(operation);
    return { kind: 'done' };
  }

  #obstacle(key: ItemKey, condition: Condition): FailedCondition | undefined {
    if (condition.kind === 'any') return undefined;
    const version = this.#sql.version.get(key.pk, key.sk)?.['version'];
    assert(version === undefined || typeof version === 'number', 'a version is a number');
    return holds(condition, version) ? undefined : { row: this.#row(key) };
  }

  #perform(operation: PackedOperation): void {
    if (operation.kind === 'put') {
      const { pk, sk, version, body, appended, bytes, limit } = operation.item;
      this.#sql.put.run(pk, sk, version, body, appended, bytes, limit);
      this.#countPages(body.length + appended.length);
    } else if (operation.kind === 'delete') {
      this.#sql.remove.run(operation.key.pk, operation.key.sk);
      this.#countPages(0);
    }
  }

  #append(write: Write & { readonly kind: 'append' }): WriteResult {
    const { key, version, entry, addedBytes } = write;
    const added = entry.length - entryOverheadBytes;
    const sizeMax = limits.itemBytesMax - addedBytes;
    const row = this.#sql.append.get(entry, added, key.pk, key.sk, version, sizeMax);
    if (row !== undefined) {
      this.#countPages(byteLength(row));
      return { kind: 'appended', row };
    }
    const found = this.#row(key);
    if (found === undefined || found['version'] !== version || isFull(found)) {
      return { kind: 'failed', rows: [{ row: found }] };
    }
    return { kind: 'too-large', bytes: byteLength(found) + addedBytes };
  }

  #row(key: ItemKey): Row | undefined {
    return this.#sql.row.get(key.pk, key.sk);
  }

  /** An estimate: the pages of the item, one of its index, one for a neighbour. */
  #countPages(itemBytes: number): void {
    this.#pagesSinceCheckpoint += 3 + Math.floor(itemBytes / pageBytes);
  }
}

function isFull(row: Row): boolean {
  return Number(row['bytes']) > Number(row['lim']);
}

function byteLength(row: Row): number {
  const { body, appended } = row;
  assert(
    body instanceof Uint8Array && appended instanceof Uint8Array,
    'body and appended are bytes',
  );
  return body.length + appended.length;
}

function prepare(database: DatabaseSync): Statements {
  return {
    version: database.prepare('SELECT version FROM items WHERE pk = ? AND sk = ?'),
    row: database.prepare(`SELECT ${itemColumns} FROM items WHERE pk = ? AND sk = ?`),
    put: database.prepare(`
      INSERT INTO items (${itemColumns}) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (pk, sk) DO UPDATE SET version = excluded.version, body = excluded.body,
        appended = excluded.appended, bytes = excluded.bytes, lim = excluded.lim`),
    remove: database.prepare('DELETE FROM items WHERE pk = ? AND sk = ?'),
    // `||` gives text of the very same bytes; the cast makes it a blob again without decoding.
    append: database.prepare(`
      UPDATE items SET appended = CAST(appended || ? AS BLOB), bytes = bytes + ?
      WHERE pk = ? AND sk = ? AND version = ? AND bytes <= lim
        AND length(body) + length(appended) <= ?
      RETURNING ${itemColumns}`),
  };
}
