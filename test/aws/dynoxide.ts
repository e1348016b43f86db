import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { answers, startKept } from './kept.ts';
import type { Kept } from './kept.ts';

/**
 * A second DynamoDB, faster than the first: in memory, without S3. There is one for Linux on x64
 * only; elsewhere undefined, and the tests of it are skipped by name (test/skipped.txt).
 */
export async function startDynoxide(): Promise<Kept | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const manifest = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json');
  const program = join(dirname(manifest), 'dynoxide');
  return startKept({
    name: 'dynoxide',
    command: (_, port) => [program, 'serve', '--host', '127.0.0.1', '--port', String(port)],
    env: (folder) => ({ HOME: folder, TMPDIR: folder }),
    isReady: (url) => answers(`${url}/`),
  });
}
