import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryInUse, EmbeddedStoreError } from '../../../lib/adapters/embedded/errors.ts';
import { openEmbedded } from '../../../lib/adapters/embedded/open.ts';
import type { EmbeddedOptions } from '../../../lib/adapters/embedded/open.ts';
import { remove, temporaryDirectory } from '../directories.ts';
import { bytesOf, itemWith, read, shown } from '../items.ts';
import { start } from './processes.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

async function refusalOf(path: string, options?: EmbeddedOptions): Promise<EmbeddedStoreError> {
  const error: unknown = await openEmbedded(path, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof EmbeddedStoreError))
    throw new Error('it was not refused', { cause: error });
  return error;
}

test('a second writer is refused with the name of the first, and let in after kill -9', async () => {
  const child = start(['write', directory]);
  await child.said(1);
  const error = await refusalOf(directory);
  if (!(error instanceof DirectoryInUse)) throw error;
  expect(error.holder).toMatchObject({ pid: child.process.pid, program: 'child' });
  expect(error.message).toContain(`pid=${child.process.pid}`);
  await child.kill();
  const store = await openEmbedded(directory, { program: 'next' });
  expect(store.holder).toMatchObject({ pid: process.pid, program: 'next' });
  await store.close();
});

test('a second writer of the same process is refused, and let in after a close', async () => {
  const store = await openEmbedded(directory);
  expect(await refusalOf(directory)).toBeInstanceOf(DirectoryInUse);
  await store.close();
  await store.close();
  await (await openEmbedded(directory)).close();
});

test('what was written is there when the store is opened again', async () => {
  const first = await openEmbedded(join(directory, 'new'));
  const item = itemWith({ body: bytesOf(1), appended: [bytesOf(2)] });
  const putting = first.table.put(item, { kind: 'any' });
  const landing = first.objects.put('a/b', bytesOf(3));
  await first.close();
  expect([(await putting).kind, (await landing).kind]).toEqual(['done', 'done']);
  const second = await openEmbedded(join(directory, 'new'));
  expect(await read(second.table, 'p', 's')).toEqual(shown(item));
  expect(await second.objects.list('')).toMatchObject({ value: { keys: ['a/b'] } });
  await second.close();
});

test('after a close, writes and reads are unavailable', async () => {
  const store = await openEmbedded(directory);
  await store.close();
  const key = { pk: 'p', sk: 's' };
  const outcomes = [
    await store.table.put(itemWith({}), { kind: 'any' }),
    await store.table.append(key, 0, bytesOf()),
    await store.table.transact([{ kind: 'check', key, condition: { kind: 'any' } }]),
    await store.table.get(key, { consistent: true }),
    await store.objects.put('a', bytesOf()),
    await store.objects.delete(['a']),
  ];
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(outcomes.map(() => 'unavailable'));
});

test('a reader beside the writer sees what is committed, live, and cannot write', async () => {
  const writer = await openEmbedded(directory, { program: 'the writer' });
  const reader = await openEmbedded(directory, { readOnly: true });
  expect(reader.holder?.program).toBe('the writer');
  for (const version of [1, 2, 3]) {
    const item = itemWith({ version });
    await writer.table.put(item, { kind: 'any' });
    await writer.objects.put(`o${version}`, bytesOf(version));
    expect(await read(reader.table, 'p', 's')).toEqual(shown(item));
    expect(await reader.objects.get(`o${version}`)).toMatchObject({ kind: 'done' });
  }
  expect((await reader.table.put(itemWith({}), { kind: 'any' })).kind).toBe('unavailable');
  expect((await reader.objects.put('x', bytesOf())).kind).toBe('unavailable');
  expect((await reader.objects.delete(['o1'])).kind).toBe('unavailable');
  await reader.close();
  await writer.close();
});

test('a reader of what a killed writer left sees all that was acknowledged', async () => {
  const child = start(['write', directory]);
  await child.said(100);
  await child.kill();
  const reader = await openEmbedded(directory, { readOnly: true });
  const items = child.lines.filter((line) => line.startsWith('item '));
  for (const line of items) {
    const [, pk = '', id = ''] = line.split(' ');
    expect(await read(reader.table, pk, id)).toMatchObject({ sk: id });
  }
  expect(items.length).toBeGreaterThan(10);
  await reader.close();
});

test('a read-only open of a directory without a store is refused', async () => {
  expect(await refusalOf(directory, { readOnly: true })).toMatchObject({ came: 'there is none' });
});

test('a parent that does not exist is named as what is missing', async () => {
  const error = await refusalOf(join(directory, 'no', 'store'));
  expect(error.expected).toBe('an existing parent directory');
  expect(error.message).toContain(join(directory, 'no', 'store'));
});

test.each(['file', 'file/store'])('%s, where a file is in the way, is refused', async (path) => {
  writeFileSync(join(directory, 'file'), 'x');
  expect(await refusalOf(join(directory, path))).toMatchObject({ expected: 'a directory' });
});

// Not even root may create anything in /proc or, on Linux, on /sys.
test.runIf(process.platform === 'linux').each(['/proc', '/proc/store'])(
  '%s, where nothing can be written, is refused',
  async (path) => {
    const error = await refusalOf(path);
    expect(error.expected).not.toContain('parent');
    expect(error.message).toMatch(/^cannot open the store: expected .+, but .+; .+: directory=/u);
  },
);

test('a newer schema is refused', async () => {
  await (await openEmbedded(directory)).close();
  const database = new DatabaseSync(join(directory, 'table.db'));
  database.exec('PRAGMA user_version = 2');
  database.close();
  for (const readOnly of [false, true]) {
    const error = await refusalOf(directory, { readOnly });
    expect(error).toMatchObject({ came: 'the directory has version 2' });
  }
});

test('a database of another program is refused and left alone', async () => {
  const path = join(directory, 'table.db');
  const theirs = new DatabaseSync(path);
  theirs.exec('CREATE TABLE precious (x)');
  theirs.close();
  expect((await refusalOf(directory)).expected).toContain('of this program');
  const again = new DatabaseSync(path);
  expect(again.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' });
  again.close();
});

test('a file that is no database is refused', async () => {
  writeFileSync(join(directory, 'table.db'), 'x'.repeat(10_000));
  expect((await refusalOf(directory)).expected).toBe('an intact database');
});

test('temporary files that a crash left are removed', async () => {
  mkdirSync(join(directory, 'tmp'));
  writeFileSync(join(directory, 'tmp', '1'), 'half');
  const store = await openEmbedded(directory);
  expect(await store.objects.put('a', bytesOf(1))).toEqual({ kind: 'done', value: undefined });
  await store.close();
});
