import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DirectoryInUse, sqliteCode, sqliteCodes } from './errors.ts';
import type { Holder } from './errors.ts';

// No other code may open the lock file: closing any descriptor of it drops this process's locks.
const lockFile = 'lock.db';
const holderFile = 'holder.json';

export interface Lock {
  readonly holder: Holder;
  release(): void;
}

/**
 * Takes the one right to write to the directory, or throws `DirectoryInUse`. The lock is the
 * operating system's, held by an open transaction: it ends with the process, however it ends.
 */
export function acquireLock(directory: string, program: string): Lock {
  const path = join(directory, lockFile);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    const holder: Holder = {
      pid: process.pid,
      host: hostname(),
      program,
      since: new Date().toISOString(),
    };
    writeHolder(directory, holder);
    return {
      holder,
      release: () => {
        rmSync(join(directory, holderFile), { force: true });
        database.close();
      },
    };
  } catch (error) {
    database.close();
    if (sqliteCode(error) !== sqliteCodes.busy) throw error;
    throw new DirectoryInUse(directory, readHolder(directory));
  }
}

function writeHolder(directory: string, holder: Holder): void {
  const temporary = join(directory, `${holderFile}.new`);
  writeFileSync(temporary, `${JSON.stringify(holder)}\n`);
  renameSync(temporary, join(directory, holderFile));
}

/** Whoever wrote its name last; undefined when there is none, or none that can be read. */
export function readHolder(directory: string): Holder | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(directory, holderFile), 'utf8'));
    return isHolder(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  if (!('pid' in value && 'host' in value && 'program' in value && 'since' in value)) return false;
  return (
    typeof value.pid === 'number' &&
    typeof value.host === 'string' &&
    typeof value.program === 'string' &&
    typeof value.since === 'string'
  );
}
