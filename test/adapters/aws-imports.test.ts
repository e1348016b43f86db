import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileOf, isSdk, loadedBy } from '../house/loaded-by.ts';
import { temporaryDirectory } from './directories.ts';

const directory = temporaryDirectory();
afterAll(() => rm(directory, { recursive: true }));

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
