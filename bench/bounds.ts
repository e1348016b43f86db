import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32c } from '../lib/protocol/crc32c.ts';
import { closedLoop } from './measure.ts';
import type { Rate } from './measure.ts';

/** What the machine allows, measured in the same run and as near as can be to what it bounds. */

const blockBytes = 4096;

/** Appends of 4 KiB to a file, each with its fdatasync, one at a time. */
export async function fdatasyncs(directory: string, ms: number): Promise<Rate> {
  return syncedAppends(directory, ms, blockBytes);
}

/** MiB/s of appends of so many bytes, each with its fdatasync, one at a time. */
export async function syncedMiB(directory: string, ms: number, bytes: number): Promise<number> {
  const { perSecond } = await syncedAppends(directory, ms, bytes);
  return (perSecond * bytes) / 2 ** 20;
}

async function syncedAppends(directory: string, ms: number, bytes: number): Promise<Rate> {
  const path = join(directory, 'fdatasync');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(bytes, 1);
  try {
    return await closedLoop(1, ms, async () => {
      writeSync(file, block);
      fdatasyncSync(file);
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

/** Bare inserts of 200 bytes, each committed and synced, one at a time. */
export async function sqliteCommits(directory: string, ms: number): Promise<Rate> {
  const path = join(directory, 'bare.db');
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('CREATE TABLE bare (body BLOB NOT NULL)');
    const insert = database.prepare('INSERT INTO bare VALUES (?)');
    const body = Buffer.alloc(200, 1);
    return await closedLoop(1, ms, async () => void insert.run(body));
  } finally {
    database.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  }
}

/** MiB/s of our CRC32C over blocks of 64 KiB: every byte that comes in is summed once. */
export async function crcMiB(ms: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024, 7);
  const { perSecond } = await closedLoop(1, ms, async () => {
    for (let i = 0; i < 16; i += 1) crc32c(block);
  });
  return perSecond;
}
