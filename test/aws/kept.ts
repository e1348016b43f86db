import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server in a process of its own that ends with ours, however ours ends. */
export interface Kept {
  readonly url: string;
  /** For files. It goes when the server does. */
  readonly folder: string;
  /** Resolves when the process has ended and its folder is gone. */
  readonly stop: () => Promise<void>;
}

interface Program {
  readonly name: string;
  /** What it needs in the folder before it starts. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Given a folder for what it leaves behind, and a free port. */
  readonly command: (folder: string, port: number) => readonly [string, ...string[]];
  readonly env: (folder: string, port: number) => NodeJS.ProcessEnv;
  /** Rejects, or resolves to false, while it is not ready. */
  readonly isReady: (url: string) => Promise<boolean>;
}

const keeper = resolve(import.meta.dirname, 'keeper.ts');
const readyMs = 60_000;

/** Starts a server on 127.0.0.1. Rejects with its output if it ends before it is ready. */
export async function startKept(program: Program): Promise<Kept> {
  const { name, prepare, command, env, isReady } = program;
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), `tailrace-${name}-`));
  await prepare?.(folder);
  // Detached: a terminal's ^C must not end the keeper before it has done its work.
  const child = spawn(process.execPath, [keeper, folder, ...command(folder, port)], {
    env: env(folder, port),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const take = (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-20_000));
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + readyMs;
  while (!(await isReady(url).catch(() => false))) {
    const late = performance.now() > deadline;
    if (!late && child.exitCode === null) {
      await Promise.race([sleep(50), ended]);
      continue;
    }
    await stop();
    const what = late ? `was not ready after ms=${readyMs}` : 'ended before it was ready';
    throw new Error(`${name} ${what} code=${child.exitCode} output=${output.trim()}`);
  }
  return { url, folder, stop };
}

/** True if `url` answers with success. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.arrayBuffer();
  return response.ok;
}

/** Of 127.0.0.1, as long as nobody else takes it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
