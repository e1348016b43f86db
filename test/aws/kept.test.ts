import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';
import { answers, startKept } from './kept.ts';

/** A server that leaves a file in its folder, and a helper at work. */
const SERVER = `
  const { spawn } = require('node:child_process');
  const [folder, port] = process.argv.slice(1);
  const helper = spawn('sleep', ['1000'], { stdio: 'ignore' });
  require('node:fs').writeFileSync(folder + '/left', 'x');
  const pids = JSON.stringify({ server: process.pid, helper: helper.pid, folder });
  require('node:http').createServer((_, answer) => answer.end(pids)).listen(port, '127.0.0.1');
`;

interface Pids {
  readonly server: number;
  readonly helper: number;
  readonly folder: string;
}

const start = () =>
  startKept({
    name: 'test',
    command: (folder, port) => [process.execPath, '-e', SERVER, folder, String(port)],
    env: () => ({ PATH: process.env['PATH'] }),
    isReady: answers,
  });

const pidsOf = async (url: string) => (await (await fetch(url)).json()) as Pids;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** It was killed before; whoever adopted it may take its time to notice. */
const helperEnds = ({ helper }: Pids) =>
  vi.waitFor(() => expect(isRunning(helper)).toBe(false), { timeout: 20_000 });

test('a stopped server leaves neither helpers nor files', async () => {
  const kept = await start();
  const pids = await pidsOf(kept.url);
  expect([isRunning(pids.server), isRunning(pids.helper)]).toEqual([true, true]);
  expect(existsSync(pids.folder)).toBe(true);
  await kept.stop();
  expect([isRunning(pids.server), existsSync(pids.folder)]).toEqual([false, false]);
  await helperEnds(pids);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'nor does one whose starter was ended by %s',
  async (signal) => {
    const starter = `
      import { answers, startKept } from ${JSON.stringify(new URL('kept.ts', import.meta.url).href)};
      const kept = await startKept({
        name: 'test',
        command: (folder, port) => [process.execPath, '-e', ${JSON.stringify(SERVER)}, folder, String(port)],
        env: () => ({ PATH: process.env.PATH }),
        isReady: answers,
      });
      console.log(kept.url);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const pids = await pidsOf(url);
    child.kill(signal);
    await vi.waitFor(() => expect(existsSync(pids.folder)).toBe(false), { timeout: 20_000 });
    expect(isRunning(pids.server)).toBe(false);
    await helperEnds(pids);
  },
);

test('a server that ends before it is ready fails at once, with its output', async () => {
  const failing = startKept({
    name: 'test',
    command: () => [process.execPath, '-e', 'console.log("port taken"); process.exit(3)'],
    env: () => ({ PATH: process.env['PATH'] }),
    isReady: answers,
  });
  await expect(failing).rejects.toThrow('test ended before it was ready code=3 output=port taken');
});

test('a program that is not there is named', async () => {
  const failing = startKept({
    name: 'test',
    command: () => ['/nowhere/server'],
    env: () => ({}),
    isReady: answers,
  });
  await expect(failing).rejects.toThrow(/code=1 output=.*\/nowhere\/server ENOENT/);
});
