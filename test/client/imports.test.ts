import { afterAll, beforeAll, expect, test } from 'vitest';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '../adapters/directories.ts';
import { startTestServer } from '../conformance/server.ts';
import type { TestServer } from '../conformance/server.ts';
import { fileOf, isSdk, loadedBy } from '../house/loaded-by.ts';

const directory = temporaryDirectory();
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const using = (options: object) => `
  const { createClient } = await import(${fileOf('lib/client/index.ts')});
  const client = await createClient(${JSON.stringify(options)});
  await client.admin.clusterId();
  await client.close();`;
const isStore = (url: string): boolean =>
  url === 'node:sqlite' || /\/lib\/(?:engine\/engine|store)/.test(url);

test('a client over HTTP loads neither the SDK nor a store', async () => {
  const loaded = await loadedBy(using({ url: server.url }));
  expect(loaded.some((url) => url.endsWith('/lib/client/http/transport.ts'))).toBe(true);
  expect(loaded.filter(isSdk)).toEqual([]);
  expect(loaded.filter(isStore)).toEqual([]);
});

test('one that signs loads the signing, and no client of a service', async () => {
  const sign = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const loaded = await loadedBy(using({ url: server.url, sign }));
  expect(loaded.some((url) => url.includes('/@smithy/signature-v4/'))).toBe(true);
  expect(loaded.filter((url) => url.includes('/@aws-sdk/'))).toEqual([]);
  expect(loaded.filter(isStore)).toEqual([]);
});

test('one on a directory loads a store, and nothing of the SDK', async () => {
  const loaded = await loadedBy(using({ dir: join(directory, 'log') }));
  expect(loaded.filter(isStore)).not.toEqual([]);
  expect(loaded.filter(isSdk)).toEqual([]);
});
