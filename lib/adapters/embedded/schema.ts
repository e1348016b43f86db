import { DatabaseSync } from 'node:sqlite';
import { EmbeddedStoreError } from './errors.ts';

export const databaseFile = 'table.db';
const schemaVersion = 1;
/** "Tail", so that a stranger's database is not taken for ours. */
const applicationId = 0x5461696c;
/** A lock is met only while somebody recovers or restarts the WAL: milliseconds. */
const busyTimeoutMs = 5_000;

/**
 * The writer's connection. Creates the table in an empty file. No automatic checkpoints: they
 * would ignore a failed fsync (ADR 0003).
 */
export function openForWriting(directory: string, path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    const found = versionOf(database);
    if (found.version === 0 && found.tables === 0) create(database);
    else assertSchema(directory, found);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA fullfsync = ON');
    database.exec('PRAGMA checkpoint_fullfsync = ON');
    database.exec('PRAGMA wal_autocheckpoint = 0');
    database.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
    database.exec('PRAGMA cache_size = -2048');
    // What a killed process wrote but did not sync is visible now: make it durable first.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function openForReading(directory: string, path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  try {
    assertSchema(directory, versionOf(database));
    database.exec('PRAGMA cache_size = -2048');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

interface Found {
  readonly application: number;
  readonly version: number;
  readonly tables: number;
}

function versionOf(database: DatabaseSync): Found {
  return {
    application: number(database, 'PRAGMA application_id'),
    version: number(database, 'PRAGMA user_version'),
    tables: number(database, 'SELECT count(*) FROM sqlite_schema'),
  };
}

function number(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

function create(database: DatabaseSync): void {
  // WAL first: then the tables and their version appear in one transaction or not at all.
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE items (
      pk TEXT NOT NULL,
      sk TEXT NOT NULL,
      version INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      lim INTEGER NOT NULL,
      body BLOB NOT NULL,
      appended BLOB NOT NULL,
      UNIQUE (pk, sk)
    ) STRICT;
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
    COMMIT;
  `);
}

function assertSchema(directory: string, found: Found): void {
  if (found.application !== applicationId) {
    throw new EmbeddedStoreError(
      directory,
      `a database of this program in ${databaseFile}`,
      'it is of another program or was never finished',
      'choose another directory',
    );
  }
  if (found.version !== schemaVersion) {
    throw new EmbeddedStoreError(
      directory,
      `schema version ${schemaVersion}`,
      `the directory has version ${found.version}`,
      'open it with the release that wrote it, or a newer one',
    );
  }
}
