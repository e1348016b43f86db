import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** npm passes a signal to the shell that it started: a server behind that shell would live on. */
test('a signal to `npm start` stops the server, cleanly', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-npm-'));
  const npm = spawn('npm', ['start', '--', '--port', '0', '--data', join(directory, 'data')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const ended = once(npm, 'close');
    const url = await new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: npm.stdout });
      lines.on('line', (line) => {
        const found = /^listening on (\S+)$/u.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      lines.on('close', () => reject(new Error('npm start ended without listening')));
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    npm.kill('SIGTERM');
    // stdout closes only when the server, which holds it too, has ended.
    const [code] = await ended;
    expect(code).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  } finally {
    npm.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
});
