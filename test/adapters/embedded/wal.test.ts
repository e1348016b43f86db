import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbedded } from '../../../lib/adapters/embedded/open.ts';
import { remove, temporaryDirectory } from '../directories.ts';
import { itemWith, range } from '../items.ts';

const headerBytes = 32;
const frameBytes = 24 + 4096;

/** Frames that end a transaction: their header names the size of the database. */
function commitsIn(wal: Buffer): number {
  let commits = 0;
  for (let at = headerBytes; at + frameBytes <= wal.length; at += frameBytes) {
    if (wal.readUInt32BE(at + 4) !== 0) commits += 1;
  }
  return commits;
}

test('writes that are sent together share one commit', async () => {
  const directory = temporaryDirectory();
  const store = await openEmbedded(directory);
  const outcomes = await Promise.all(
    range(200).map((n) => store.table.put(itemWith({ sk: `${n % 150}` }), { kind: 'absent' })),
  );
  expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(150);
  expect(commitsIn(readFileSync(join(directory, 'table.db-wal')))).toBe(1);
  await store.close();
  remove(directory);
});

test('the WAL stays short however much is written, also beside a reader', async () => {
  const directory = temporaryDirectory();
  const store = await openEmbedded(directory);
  const reader = await openEmbedded(directory, { readOnly: true });
  for (const n of range(300)) {
    // Other bytes each time: a page that does not change is not written.
    const body = new Uint8Array(100_000).fill(n);
    await store.table.put(itemWith({ sk: `${n % 7}`, version: n, body }), { kind: 'any' });
    await reader.table.get({ pk: 'p', sk: `${n % 7}` }, { consistent: true });
  }
  expect(statSync(join(directory, 'table.db-wal')).size).toBeLessThan(10_000_000);
  await reader.close();
  await store.close();
  remove(directory);
});
