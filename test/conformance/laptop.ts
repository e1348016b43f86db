import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TestServer {
  readonly url: string;
  /**
   * What links begin with. It is the URL, but for an emulated gateway, which is reached under a path
   * that its functions are not told of.
   */
  readonly linkBase: string;
  readonly close: () => Promise<void>;
}

const program = fileURLToPath(new URL('../../bin/tailrace.js', import.meta.url));

/** A server of our own, on an empty directory. */
export async function startLaptop(): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tailrace-conformance-'));
  const args = [program, 'serve', '--port', '0', '--data', directory];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const url = await listeningUrl(child);
  return {
    url,
    linkBase: url,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const url = /^listening on (http:\/\/\S+)$/m.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('close', () => reject(new Error(`the server ended: ${output}`)));
  });
}
