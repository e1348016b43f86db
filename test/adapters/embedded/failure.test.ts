import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { DurableDirectories } from '../../../lib/adapters/embedded/durable-directories.ts';
import { GroupWriter } from '../../../lib/adapters/embedded/group-writer.ts';
import { openEmbedded } from '../../../lib/adapters/embedded/open.ts';
import { openForWriting } from '../../../lib/adapters/embedded/schema.ts';
import { packOperation } from '../../../lib/adapters/embedded/write.ts';
import type { Write } from '../../../lib/adapters/embedded/write.ts';
import { must } from '../../../lib/std/assert.ts';
import { openTemporary, remove, temporaryDirectory } from '../directories.ts';
import { bytesOf, itemWith, range, read } from '../items.ts';
import { start } from './processes.ts';

/** SQLite's extended codes. */
const codes = { full: 13, busy: 5, fsync: 1034, write: 778 };

const failure = (errcode: number): Error =>
  Object.assign(new Error('injected'), { code: 'ERR_SQLITE_ERROR', errcode });

const put = (sk: string): Write => ({
  kind: 'transact',
  operations: [
    packOperation({ kind: 'put', item: itemWith({ sk }), condition: { kind: 'absent' } }),
  ],
});

/** A connection on which one statement fails once, before it does anything. */
function failing(database: DatabaseSync, statement: string, errcode: number): DatabaseSync {
  let armed = true;
  return new Proxy(database, {
    get(target, name) {
      if (name === 'exec') {
        return (sql: string): void => {
          if (armed && sql === statement) {
            armed = false;
            throw failure(errcode);
          }
          target.exec(sql);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function openGroup(statement: string, errcode: number) {
  const directory = temporaryDirectory();
  const database = openForWriting(directory, join(directory, 'table.db'));
  const count = (): unknown => database.prepare('SELECT count(*) AS n FROM items').get()?.['n'];
  const close = (): void => {
    database.close();
    remove(directory);
  };
  return { writer: new GroupWriter(failing(database, statement, errcode)), count, close };
}

test.each([
  ['COMMIT', codes.full],
  ['BEGIN IMMEDIATE', codes.full],
  ['BEGIN IMMEDIATE', codes.busy],
])('%s with sqlite=%d undoes the group, and the next one is done', (statement, code) => {
  const { writer, count, close } = openGroup(statement, code);
  expect(writer.commit([put('a'), put('b')]).kind).toBe('undone');
  expect(count()).toBe(0);
  expect(writer.commit([put('a'), put('a')])).toMatchObject({
    kind: 'committed',
    results: [{ kind: 'done' }, { kind: 'failed' }],
  });
  expect(count()).toBe(1);
  close();
});

test.each([codes.fsync, codes.write])('a commit that fails with sqlite=%d is fatal', (code) => {
  const { writer, close } = openGroup('COMMIT', code);
  expect(() => writer.commit([put('a')])).toThrow('injected');
  close();
});

test('a failed fsync of a directory is fatal, and nothing more is taken', async () => {
  const failures: string[] = [];
  const directories = new DurableDirectories(() =>
    Promise.reject(Object.assign(new Error('injected'), { code: 'ENOSPC' })),
  );
  const fatal = (error: Error): unknown => failures.push(error.message);
  const store = await openTemporary({ fatal, directories });
  expect((await store.objects.put('a/b', bytesOf(1))).kind).toBe('indeterminate');
  expect(failures).toEqual(['a write of an object failed: fsync of a directory failed: injected']);
  expect((await store.objects.put('a/c', bytesOf(1))).kind).toBe('unavailable');
  expect((await store.table.put(itemWith({}), { kind: 'any' })).kind).toBe('unavailable');
  await store.close();
});

test('those who wait for one directory share its fsyncs, and none is missed', async () => {
  const begun: (() => void)[] = [];
  const directories = new DurableDirectories(
    () => new Promise<void>((resolve) => begun.push(resolve)),
  );
  const ended: number[] = [];
  const waiting = range(5).map((n) => directories.sync('d').then(() => ended.push(n)));
  expect(begun).toHaveLength(1);
  begun[0]?.();
  await waiting[0];
  expect([begun.length, ended]).toEqual([2, [0]]);
  begun[1]?.();
  await Promise.all(waiting);
  expect(ended).toEqual([0, 1, 2, 3, 4]);
  void directories.sync('d');
  expect(begun).toHaveLength(3);
});

test('an I/O error of SQLite ends the process, and what was acknowledged is there', async () => {
  const directory = temporaryDirectory();
  // A file beyond its limit fails with EFBIG, which for SQLite is an I/O error: 4 MB in blocks.
  const child = start(['fill', directory], 'ulimit -f 8192');
  const { code, errors } = await child.ended;
  expect(code).toBe(74);
  expect(errors).toMatch(/^tailrace: the store failed, ending the process: .+sqlite=778\n$/u);
  const done = child.lines.filter((line) => line.startsWith('done '));
  expect(done.length).toBeGreaterThan(10);
  const store = await openEmbedded(directory);
  for (const line of done) {
    expect(await read(store.table, 'p', line.slice('done '.length))).toBeDefined();
  }
  await store.close();
  remove(directory);
});

/** A file system of 2 MB, if this user may mount one. */
function smallDisk(): { readonly path: string; unmount(): void } | undefined {
  const directory = temporaryDirectory();
  const path = join(directory, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    remove(directory);
    return undefined;
  }
  return {
    path,
    unmount: () => {
      execFileSync('umount', [path]);
      remove(directory);
    },
  };
}

// Without the right to mount, the injected failures above stand alone.
const probe = smallDisk();
probe?.unmount();
const canMount = probe !== undefined;

async function withSmallDisk(run: (disk: string) => Promise<void>): Promise<void> {
  const disk = must(smallDisk(), 'the right to mount');
  await run(disk.path).finally(() => disk.unmount());
}

test.runIf(canMount)('a full disk refuses writes, keeps what it has, and recovers', () =>
  withSmallDisk(async (disk) => {
    const store = await openEmbedded(join(disk, 'store'), {
      fatal: (error) => {
        throw error;
      },
    });
    const body = new Uint8Array(100_000).fill(1);
    await store.objects.put('ballast', new Uint8Array(400_000));
    const kept: string[] = [];
    let refused: unknown;
    for (let n = 0; n < 100 && refused === undefined; n += 1) {
      const outcome = await store.table.put(itemWith({ sk: `${n}`, body }), { kind: 'absent' });
      if (outcome.kind === 'done') kept.push(`${n}`);
      else refused = outcome;
    }
    expect(refused).toMatchObject({ kind: 'unavailable', cause: expect.stringContaining('full') });
    expect(kept.length).toBeGreaterThan(2);
    expect(await read(store.table, 'p', `${kept.length}`)).toBeUndefined();
    const object = await store.objects.put('big', new Uint8Array(2_000_000));
    expect(object).toMatchObject({ kind: 'unavailable', cause: expect.stringContaining('ENOSPC') });
    expect(await store.objects.get('big')).toEqual({ kind: 'done', value: undefined });
    expect(readdirSync(join(disk, 'store', 'tmp'))).toEqual([]);
    await store.objects.delete(['ballast']);
    const again = await store.table.put(itemWith({ sk: 'again', body }), { kind: 'absent' });
    expect(again.kind).toBe('done');
    for (const sk of kept) expect((await read(store.table, 'p', sk))?.body.length).toBe(200_000);
    await store.close();
  }),
);

test.runIf(canMount)('a full disk at open is named', () =>
  withSmallDisk(async (disk) => {
    expect(() => writeFileSync(join(disk, 'ballast'), new Uint8Array(3_000_000))).toThrow('ENOSPC');
    await expect(openEmbedded(join(disk, 'store'))).rejects.toThrow('it is full');
  }),
);
