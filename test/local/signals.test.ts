import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEmbedded } from '../../lib/adapters/embedded/open.ts';
import { deleteTopicJob } from '../../lib/core/topic/mark-topic.ts';
import { encodeDue } from '../../lib/store/due.ts';
import { encodeLease } from '../../lib/store/lease.ts';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { Client } from './client.ts';
import { Ledger } from './ledger.ts';
import { checkAll, createTopics, Load } from './load.ts';
import { RawSocket } from './raw-socket.ts';
import { Seeded } from './random.ts';
import { endServers, serve } from './server-process.ts';
import type { TailraceProcess } from './server-process.ts';

/** Below the 20 s that a fetch may wait, and the 25 s that a stop may take. */
const timeout = 15_000;

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await endServers();
  remove(directory);
});

const start = (): TailraceProcess => serve(join(directory, 'data'));

const body = '{"records":[{"value":"held","partition":0}]}';
const half = [
  'POST /topics/sequenced HTTP/1.1',
  'Host: x',
  'Content-Type: application/json',
  `Content-Length: ${body.length}`,
  'Expect: 100-continue',
  '\r\n',
].join('\r\n');

/** A produce whose body is still to come, and that the server waits for. */
async function hold(url: string): Promise<RawSocket> {
  const socket = await RawSocket.open(url);
  socket.send(half);
  await socket.received('100 Continue');
  return socket;
}

/** Nothing listens there any more. */
async function refused(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const isRefused = async (): Promise<boolean> => {
    const socket = connect(Number(port), hostname);
    const outcome = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).catch(
      (error: unknown) => error,
    );
    socket.destroy();
    return outcome instanceof Error && 'code' in outcome && outcome.code === 'ECONNREFUSED';
  };
  await vi.waitUntil(isRefused, { timeout, interval: 20 });
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('under load: what was told is there, and the exit is clean', { timeout }, async () => {
    const server = start();
    const client = new Client(await server.url());
    const ledger = new Ledger();
    const load = new Load(ledger, new Seeded(3));
    await createTopics(client);
    const running = load.run(client);
    await Promise.race([ledger.more(300), running]);
    const ended = await server.signal(signal);
    await running;
    client.close();
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(ended.stdout).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/u);
    const next = start();
    const again = new Client(await next.url());
    await checkAll(again, ledger);
    await load.retry(again);
    await checkAll(again, ledger);
    expect(ledger.problems).toEqual([]);
    expect(ledger.told).toBeGreaterThan(300);
    again.close();
  });

  test('answers what is in flight, ends waits, refuses what is new', { timeout }, async () => {
    const server = start();
    const url = await server.url();
    const client = new Client(url);
    await createTopics(client);
    const held = await hold(url);
    const waiting = await RawSocket.open(url);
    // The answer to the first says that the second has come as well.
    waiting.send(
      'GET /health HTTP/1.1\r\nHost: x\r\n\r\n' +
        'GET /topics/log/partitions/0/records?offset=end&timeout=20000 HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    await waiting.received('"status":"ok"');
    const ended = server.signal(signal);
    await refused(url);
    await waiting.closed;
    expect(waiting.text).toContain('tailrace-high-watermark: 0');
    expect(waiting.text).toMatch(/\r\n\r\n\[\]$/u);
    held.send(body);
    await held.closed;
    expect(held.text).toContain('HTTP/1.1 200 OK');
    expect(held.text).toContain('"offsets":[{"partition":0,"offset":0,');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    client.close();
    const again = new Client(await start().url());
    expect(await again.readAll('sequenced', 0)).toMatchObject([{ offset: 0, value: 'held' }]);
    again.close();
  });
});

test('a second signal ends it at once, and nothing told is lost', { timeout }, async () => {
  const server = start();
  const url = await server.url();
  const client = new Client(url);
  await createTopics(client);
  await client.ask('POST', '/topics/sequenced', { body: { records: [{ value: 'told' }] } });
  client.close();
  const held = await hold(url);
  const ended = server.signal('SIGTERM');
  await refused(url);
  server.process.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' });
  await held.closed;
  const again = new Client(await start().url());
  expect(await again.readAll('sequenced', 0)).toMatchObject([{ offset: 0, value: 'told' }]);
  again.close();
});

test('does not wait for the lease of a server that was killed', { timeout }, async () => {
  const store = await openEmbedded(join(directory, 'data'));
  const lease = { name: 'maintain', owner: 'dead', address: '', epoch: 1, durationMs: 15_000 };
  const due = { dueMs: 0, what: `${deleteTopicJob}#none`, version: 0 };
  for (const item of [encodeLease({ ...lease, version: 0 }), encodeDue(due)]) {
    expect((await store.table.put(item, { kind: 'absent' })).kind).toBe('done');
  }
  await store.close();
  const server = start();
  const client = new Client(await server.url());
  // As many requests as make sure that maintenance has looked: it began before the first.
  for (let n = 0; n < 20; n += 1) await client.createTopic(`t${n}`, 1);
  client.close();
  expect(await server.signal('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
});
