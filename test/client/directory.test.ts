import { afterAll, beforeAll } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../../lib/client/create-client.ts';
import { clientSuite } from './client-suite.ts';

let parent = '';
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tailrace-client-'));
});
afterAll(() => rm(parent, { recursive: true }));

clientSuite('on a directory', async () => {
  const client = await createClient({ dir: join(parent, 'log') });
  return { client, close: () => client.close() };
});
