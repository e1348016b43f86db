import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { temporaryDirectory } from './directories.ts';

const directory = temporaryDirectory();
afterAll(() => rm(directory, { recursive: true }));

/** What a process loads that runs this. */
async function loadedBy(work: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    ${work}
    console.log(JSON.stringify(loaded));`;
  const file = join(directory, 'program.mjs');
  await writeFile(file, program);
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  return JSON.parse(stdout) as string[];
}

const isSdk = (url: string): boolean => /\/node_modules\/@(?:aws-sdk|smithy)\//.test(url);
const fileOf = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url));

test('the server of a laptop loads nothing of the SDK, also when it answers', async () => {
  const loaded = await loadedBy(`
    const { serve } = await import(${fileOf('lib/local/serve.ts')});
    await import(${fileOf('lib/cli/serve.ts')});
    const served = await serve({
      host: '127.0.0.1',
      port: 0,
      dataDirectory: ${JSON.stringify(join(directory, 'data'))},
      log: () => undefined,
    });
    await (await fetch(served.url + '/v3/clusters')).text();
    await served.close();`);
  expect(loaded.some((url) => url.endsWith('/lib/adapters/embedded/open.ts'))).toBe(true);
  expect(loaded.filter(isSdk)).toEqual([]);
});

test('the adapters do, so the test above would see it', async () => {
  const loaded = await loadedBy(`await import(${fileOf('lib/adapters/aws/environment.ts')});`);
  expect(loaded.filter(isSdk)).not.toEqual([]);
});
