import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { endServers, serve, TailraceProcess } from '../local/server-process.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await endServers();
  remove(directory);
});

/** The one line that says why it did not start. */
async function refusal(args: readonly string[]): Promise<string> {
  const { code, signal, stdout, stderr } = await new TailraceProcess(args).ended;
  expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' });
  expect(stderr).toMatch(
    /^tailrace: cannot (?:open the store|listen): expected .+, but .+; .+: \w+=.+\n$/u,
  );
  return stderr;
}

const refusalOf = (data: string): Promise<string> =>
  refusal(['serve', '--port', '0', '--data', data]);

test('a port that is taken is named, and the one who wants it lets go of the directory', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const data = join(directory, 'data');
  const line = await refusal(['serve', '--port', String(port), '--data', data]);
  expect(line).toContain('expected a free port, but another program listens there');
  expect(line).toContain(`address=127.0.0.1:${port}`);
  other.close();
  expect(await serve(data).url()).toContain('http://127.0.0.1:');
});

test.each([
  ['192.0.2.1', 'it has no such address'],
  ['nobody.invalid', 'the(?:re is no such name| name cannot be looked up)'],
])('an address of no interface is refused: %s', async (host, came) => {
  const line = await refusal(['serve', '--port', '0', '--host', host, '--data', directory]);
  expect(line).toMatch(new RegExp(`expected an address of this machine, but ${came}`, 'u'));
});

test('a directory in use names who holds it, who goes on', async () => {
  const data = join(directory, 'data');
  const holder = serve(data);
  const url = await holder.url();
  expect(await refusalOf(data)).toContain(`held by tailrace serve (pid=${holder.pid} host=`);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('a file, a path through a file, and a missing parent are told apart', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, 'precious');
  expect(await refusalOf(file)).toContain('expected a directory, but the path is or leads');
  expect(await refusalOf(join(file, 'data'))).toContain('expected a directory');
  const lost = join(directory, 'none', 'data');
  expect(await refusalOf(lost)).toContain('expected an existing parent directory');
  expect(existsSync(join(directory, 'none'))).toBe(false);
});

test('a newer schema is refused', async () => {
  const server = serve(directory);
  await server.url();
  await server.signal('SIGTERM');
  const database = new DatabaseSync(join(directory, 'table.db'));
  database.exec('PRAGMA user_version = 2');
  database.close();
  const line = await refusalOf(directory);
  expect(line).toContain('expected schema version 1, but the directory has version 2');
});

// Not even root may create anything there.
test.runIf(process.platform === 'linux')('what cannot be written is refused', async () => {
  expect(await refusalOf('/proc')).toContain('a directory that can be written');
  expect(await refusalOf('/proc/data')).toContain('in which directories can be made');
});

function mount(args: readonly string[]): boolean {
  try {
    execFileSync('mount', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs with a read-only file system in `path`; false if this user may not mount one. */
async function readOnly(path: string, run: () => Promise<void>): Promise<boolean> {
  mkdirSync(path);
  if (!mount(['-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', path])) return false;
  await run().finally(() => execFileSync('umount', [path]));
  return true;
}

const probe = temporaryDirectory();
const canMount = await readOnly(join(probe, 'disk'), () => Promise.resolve());
remove(probe);

// Without the right to mount, /proc above stands alone.
test.runIf(canMount)('a read-only file system is refused', async () => {
  const disk = join(directory, 'disk');
  await readOnly(disk, async () => {
    expect(await refusalOf(disk)).toContain('a directory that can be written');
    expect(await refusalOf(join(disk, 'data'))).toContain('but it is read-only');
  });
});
