import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { endServers, serve } from '../local/server-process.ts';
import { done, tailrace } from './tailrace.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await endServers();
  remove(directory);
});

test('a directory without a server, and then with one', async () => {
  const data = join(directory, 'data');
  const here = ['--data', data];
  expect(await done(['topic', 'create', 'rivers', '-P', '3', ...here])).toContain('created');
  await done(['produce', 'rivers', '--key', 'rhine', ...here], '1\n2\n');
  expect(await done(['consume', 'rivers', '-e', '-f', '%p %o %s|', ...here])).toBe('2 0 1|2 1 2|');
  expect(await done(['offsets', 'rivers', '-p', '2', ...here])).toContain('2          0    2');
  expect(await done(['health', ...here])).toContain(`ok: log=${data}`);
  const server = serve(data);
  const url = await server.url();
  const held = await tailrace(['topic', 'list', ...here]);
  expect(held).toMatchObject({ code: 1, stdout: '' });
  expect(held.stderr).toMatch(/^tailrace: cannot open the store: .* held by tailrace serve.*\n$/u);
  expect(await done(['consume', 'rivers', '-e', '--server', url])).toBe('1\n2\n');
  await done(['produce', 'rivers', '-k', 'rhine', '--server', url], '3\n');
  await server.signal('SIGTERM');
  expect(await done(['consume', 'rivers', '-e', '--last', '1', ...here])).toBe('3\n');
});

test('a name that was mistyped is no new directory', async () => {
  const data = join(directory, 'data');
  for (const args of [
    ['topic', 'list'],
    ['consume', 'rivers'],
    ['health'],
    ['produce', 'rivers'],
  ]) {
    const { code } = await tailrace([...args, '--data', data]);
    expect(code).toBe(2);
    expect(existsSync(data)).toBe(false);
  }
});
