import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { Client, producedBy } from './client.ts';
import { createTopics } from './load.ts';
import { RawSocket } from './raw-socket.ts';
import { endServers, serve } from './server-process.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await endServers();
  remove(directory);
});

test('more connections than descriptors: who is in goes on, and the rest when there is room', async () => {
  const server = serve(join(directory, 'data'), 'ulimit -n 96');
  const url = await server.url();
  const [small, large] = [new Client(url), new Client(url)];
  await createTopics(small);
  // Each in a partition of its own: commits of one partition keep their order.
  const produce = async (client: Client, padLength: number): Promise<unknown> => {
    const partition = client === small ? 0 : 1;
    const body = { records: [{ value: 'x'.repeat(padLength), partition }] };
    return producedBy(await client.ask('POST', '/topics/log', { body }))[0];
  };
  // From here on both have a connection.
  expect(await produce(small, 10)).toMatchObject({ offset: 0 });
  expect(await produce(large, 10)).toMatchObject({ offset: 0 });
  const crowd = await Promise.all(Array.from({ length: 200 }, () => RawSocket.open(url)));
  expect(await produce(small, 10)).toMatchObject({ offset: 1 });
  // An object needs a descriptor: it is tried again until the crowd has left.
  const written = produce(large, 100_000);
  await vi.waitUntil(() => server.stderr.includes('EMFILE'), { timeout: 15_000, interval: 20 });
  expect(await produce(small, 10)).toMatchObject({ offset: 2 });
  for (const socket of crowd) socket.destroy();
  expect(await written).toMatchObject({ error_code: null });
  const late = await RawSocket.open(url);
  late.send('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await late.received('"status":"ok"');
  late.destroy();
  small.close();
  large.close();
  expect(await server.signal('SIGTERM')).toMatchObject({ code: 0 });
  expect(server.stderr).toMatch(/^(?:the store could not .+EMFILE.+\n){1,9}$/u);
});
