import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface OwnServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Stops it and removes its data. Rejects if it did not end well. */
  stop(): Promise<void>;
}

const program = resolve(import.meta.dirname, '../../lib/cli/main.ts');

/**
 * Starts `tailrace serve` on a free port, on a directory that goes with it. Once `signal` is
 * aborted, it does not matter how the server ends: a terminal's ^C reaches it, too.
 */
export async function startOwnServer(signal: AbortSignal): Promise<OwnServer> {
  const data = await mkdtemp(join(tmpdir(), 'tailrace-example-'));
  const args = [program, 'serve', '--port', '0', '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true });
    const { exitCode, signalCode } = child;
    if (exitCode === 0 || signal.aborted) return;
    throw new Error(`the server did not end well code=${exitCode} signal=${signalCode}`);
  };
  for await (const line of createInterface({ input: child.stdout, signal })) {
    const url = /listening on (http:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume(); // What it says from here on is nobody's concern, but must not fill up.
    return { url, stop };
  }
  await stop();
  throw new Error('the server ended before it listened');
}
