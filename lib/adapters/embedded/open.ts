import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { MetadataTable } from '../../ports/metadata-table.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { DurableDirectories } from './durable-directories.ts';
import { EmbeddedStoreError, exitOnFatal, systemCode } from './errors.ts';
import type { Fatal, Holder } from './errors.ts';
import { acquireLock, readHolder } from './lock.ts';
import type { Lock } from './lock.ts';
import { EmbeddedObjects, objectsDirectory, temporaryDirectory } from './objects.ts';
import { refusal } from './refusal.ts';
import { databaseFile, openForReading } from './schema.ts';
import { EmbeddedTable } from './table.ts';
import type { WriteSink } from './table.ts';
import { Writer } from './writer.ts';

export interface EmbeddedOptions {
  /** Only read, beside the process that writes. Writes end as `unavailable`. */
  readonly readOnly?: boolean;
  /** Told to whoever finds the directory in use. */
  readonly program?: string;
  /** By default prints one line and ends the process with exit code 74. */
  readonly fatal?: Fatal;
  /** Replaced by tests to make an fsync of a directory fail. */
  readonly directories?: DurableDirectories;
}

export interface EmbeddedStore {
  readonly table: MetadataTable;
  readonly objects: ObjectStore;
  /** Who writes to the directory: this process, or with `readOnly` the last one that did. */
  readonly holder: Holder | undefined;
  /** Ends what is under way, then frees the directory. Further writes end as `unavailable`. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a directory as table and objects, and creates it (not its parents) if it is missing.
 * One process may write. Throws `DirectoryInUse` if another one does, `EmbeddedStoreError` if
 * the directory cannot be used. Keeps the process alive until it is closed.
 */
export async function openEmbedded(
  directory: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedStore> {
  const path = resolve(directory);
  try {
    return await (options.readOnly === true
      ? openReader(path, options)
      : openWriter(path, options));
  } catch (error) {
    throw refusal(path, error);
  }
}

async function openWriter(path: string, options: EmbeddedOptions): Promise<EmbeddedStore> {
  createDirectory(path);
  const lock = acquireLock(path, options.program ?? basename(process.argv[1] ?? 'node'));
  try {
    prepareFiles(path);
    return await serve(path, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serve(path: string, lock: Lock, options: EmbeddedOptions): Promise<EmbeddedStore> {
  let stopped: string | undefined;
  const fatal: Fatal = (error) => {
    stopped ??= `the store failed: ${error.message}`;
    (options.fatal ?? exitOnFatal)(error);
  };
  const database = join(path, databaseFile);
  const writer = await Writer.open({ directory: path, path: database }, fatal);
  const reading = openForReading(path, database);
  const sink: WriteSink = {
    write: (write) =>
      stopped === undefined
        ? writer.write(write)
        : Promise.resolve({ kind: 'unavailable', cause: stopped }),
  };
  const objects = new EmbeddedObjects({
    directory: path,
    directories: options.directories ?? new DurableDirectories(),
    fatal,
    stopped: () => stopped,
  });
  const close = async (): Promise<void> => {
    stopped ??= 'the store is closed';
    await objects.settled();
    // The writer closes last: whoever closes last removes the WAL, and a reader cannot.
    reading.close();
    await writer.close();
    lock.release();
  };
  let closing: Promise<void> | undefined;
  return {
    table: new EmbeddedTable(reading, sink, fatal),
    objects,
    holder: lock.holder,
    close: () => (closing ??= close()),
  };
}

async function openReader(path: string, options: EmbeddedOptions): Promise<EmbeddedStore> {
  const database = join(path, databaseFile);
  try {
    statSync(database);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const expected = `a store, with its ${databaseFile}`;
    throw new EmbeddedStoreError(path, expected, 'there is none', 'check the path');
  }
  const fatal = options.fatal ?? exitOnFatal;
  const cause = 'the store is open for reading only';
  const reading = openForReading(path, database);
  return {
    table: new EmbeddedTable(
      reading,
      { write: async () => ({ kind: 'unavailable', cause }) },
      fatal,
    ),
    objects: new EmbeddedObjects({
      directory: path,
      directories: new DurableDirectories(),
      fatal,
      stopped: () => cause,
    }),
    holder: readHolder(path),
    close: async () => {
      if (reading.isOpen) reading.close();
    },
  };
}

function createDirectory(path: string): void {
  try {
    mkdirSync(path);
    syncDirectory(dirname(path));
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || !existsSync(dirname(path))) throw error;
    const expected = 'a file system in which directories can be made';
    throw new EmbeddedStoreError(path, expected, 'this one refuses', 'choose another directory');
  }
}

/** The lock is held: nobody else writes to `tmp` or relies on what lies there. */
function prepareFiles(path: string): void {
  mkdirSync(join(path, objectsDirectory), { recursive: true });
  const temporary = join(path, temporaryDirectory);
  mkdirSync(temporary, { recursive: true });
  for (const name of readdirSync(temporary)) rmSync(join(temporary, name), { recursive: true });
  syncDirectory(path);
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
