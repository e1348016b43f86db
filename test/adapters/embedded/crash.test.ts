import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openEmbedded } from '../../../lib/adapters/embedded/open.ts';
import type { EmbeddedStore } from '../../../lib/adapters/embedded/open.ts';
import { remove, temporaryDirectory } from '../directories.ts';
import { read } from '../items.ts';
import { start } from './processes.ts';

/** More of them finds rarer things: CRASH_ROUNDS=500 npx vitest run test/adapters/embedded. */
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 20);
const timeout = 10_000 + rounds * 3_000;

async function objectOf(store: EmbeddedStore, key: string): Promise<string | undefined> {
  const outcome = await store.objects.get(key);
  if (outcome.kind !== 'done') throw new Error(`a read ended as kind=${outcome.kind}`);
  return outcome.value && Buffer.from(outcome.value).toString();
}

/** What a line of the child claims, as it must be found; and whether it is. */
async function missing(store: EmbeddedStore, line: string): Promise<string | undefined> {
  const [what, pk = '', id = ''] = line.split(' ');
  const command = id.padEnd(64, '.');
  if (what === 'object') {
    return (await objectOf(store, `o/${pk}/${id}`)) === command ? undefined : line;
  }
  const item = await read(store.table, pk, id);
  const twin = await read(store.table, `${pk}-twin`, id);
  if (item === undefined || twin === undefined) return line;
  const hex = Buffer.from(command).toString('hex');
  return what === 'item' || item.appended[0] === hex ? undefined : line;
}

/** Pairs are written in one transaction: one without the other is a torn one. */
function tornPairs(directory: string): unknown[] {
  const database = new DatabaseSync(join(directory, 'table.db'), { readOnly: true });
  try {
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    return database
      .prepare(
        `SELECT pk, sk FROM items AS a WHERE pk NOT LIKE '%-twin' AND NOT EXISTS
           (SELECT 1 FROM items AS b WHERE b.pk = a.pk || '-twin' AND b.sk = a.sk)`,
      )
      .all();
  } finally {
    database.close();
  }
}

test(`whatever was acknowledged is there after kill -9, ${rounds} times`, { timeout }, async () => {
  const directory = temporaryDirectory();
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const child = start(['write', directory, `r${round}`]);
    // The moment is random in what the disk and the scheduler do, not in the count alone.
    await child.said(2 + Math.floor(Math.random() * 400));
    await child.kill();
    const lines = child.lines.filter((line) => line !== 'open');
    acknowledged.push(...lines);
    const store = await openEmbedded(directory);
    const lost = await Promise.all(lines.map((line) => missing(store, line)));
    expect(lost.filter((line) => line !== undefined)).toEqual([]);
    await store.close();
    expect(tornPairs(directory)).toEqual([]);
    expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
  }
  const store = await openEmbedded(directory);
  const lost = await Promise.all(acknowledged.map((line) => missing(store, line)));
  expect(lost.filter((line) => line !== undefined)).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(rounds);
  await store.close();
  remove(directory);
});
