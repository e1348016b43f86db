// Records that are produced as they come, on a socket.
import { deepEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startHttpServer } from '../../lib/local/http-server.ts';
import { serve } from '../../lib/local/serve.ts';
import type { Served } from '../../lib/local/serve.ts';
import { limits } from '../../lib/std/limits.ts';
import { fakeBroker } from '../http/fake-broker.ts';
import { RawSocket } from './raw-socket.ts';

let directory = '';
let server: Served;
let topics = '';
const lines: string[] = [];
const sockets: RawSocket[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tailrace-live-'));
  const log = (line: string): void => void lines.push(line);
  server = await serve({ host: '127.0.0.1', port: 0, dataDirectory: directory, log });
  const { cluster_id: cluster } = (await ask('/health')) as { cluster_id: string };
  topics = `/v3/clusters/${cluster}/topics`;
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  // Nothing came that nobody foresaw.
  deepEqual(lines, []);
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

async function ask(path: string, body?: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
  return (await fetch(server.url + path, init)).json();
}

/** Works with another server, and ends it. */
async function on(other: Served, path: string, work: () => Promise<void>): Promise<void> {
  const [before, pathBefore] = [server, topics];
  [server, topics] = [other, path];
  try {
    await work();
  } finally {
    [server, topics] = [before, pathBefore];
    await other.close();
  }
}

const fakeTopics = '/v3/clusters/cluster-1/topics';

let made = 0;

async function newTopic(): Promise<string> {
  made += 1;
  await ask(topics, { topic_name: `t${made}` });
  return `t${made}`;
}

const values = async (topic: string): Promise<unknown[]> => {
  const records = await ask(`/topics/${topic}/partitions/0/records?offset=beginning`);
  return (records as { value: unknown }[]).map(({ value }) => value);
};

/** A connection on which a body has begun. */
async function begin(topic: string, ...headers: readonly string[]): Promise<RawSocket> {
  const socket = await RawSocket.open(server.url);
  sockets.push(socket);
  const head = [
    `POST ${topics}/${topic}/records HTTP/1.1`,
    'host: h',
    'content-type: application/json',
    'transfer-encoding: chunked',
    ...headers,
  ];
  socket.send(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const record = (data: number): string => `{"value":{"type":"JSON","data":${data}}}`;

describe('a body that comes in chunks', () => {
  test('is answered record by record, before it ends', async () => {
    const topic = await newTopic();
    const socket = await begin(topic);
    socket.send(chunk(record(1)));
    const first = await socket.received('"offset":0');
    expect(first).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(first).toMatch(/^transfer-encoding: chunked\r$/im);
    expect(await values(topic)).toEqual([1]);
    // Cut in the middle of one; the next is there as soon as its last character is.
    const text = record(2);
    socket.send(chunk(text.slice(0, 9)));
    socket.send(chunk(`${text.slice(9)}${record(3)}`));
    await socket.received('"offset":2');
    expect(await values(topic)).toEqual([1, 2, 3]);
    socket.send('0\r\n\r\nGET /health HTTP/1.1\r\nhost: h\r\n\r\n');
    const all = await socket.received('"status":"ok"');
    expect(all.match(/"error_code":200/g)).toHaveLength(3);
  });

  test('that stops being JSON keeps its reports, and the connection', async () => {
    const topic = await newTopic();
    const socket = await begin(topic);
    socket.send(chunk(`${record(1)} nonsense ${record(2)}`));
    const text = await socket.received('"error_code":40001');
    expect(text.indexOf('"offset":0')).toBeGreaterThan(0);
    expect(text.indexOf('"offset":0')).toBeLessThan(text.indexOf('40001'));
    socket.send(chunk(record(3)));
    socket.send('0\r\n\r\nGET /health HTTP/1.1\r\nhost: h\r\n\r\n');
    await socket.received('"status":"ok"');
    expect(await values(topic)).toEqual([1]);
  });

  test('may have wrong records among good ones', async () => {
    const topic = await newTopic();
    const socket = await begin(topic);
    socket.send(chunk(`${record(1)}{"partition_id":7}[]${record(2)}`));
    socket.send('0\r\n\r\n');
    const text = await socket.received('0\r\n\r\n');
    const codes = [...text.matchAll(/"error_code":(\d+)/g)].map(([, code]) => Number(code));
    expect(codes).toEqual([200, 40_402, 40_001, 200]);
    expect(await values(topic)).toEqual([1, 2]);
  });

  test('for a topic that is not there is an error as any other', async () => {
    const socket = await begin('none');
    socket.send(chunk(record(1)));
    const text = await socket.received('"error_code":40401');
    expect(text).toMatch(/^HTTP\/1.1 404 /);
    expect(text).toContain('tailrace-error: UNKNOWN_TOPIC_OR_PARTITION');
  });

  test('for a topic that goes meanwhile has the error in its reports', async () => {
    const topic = await newTopic();
    const socket = await begin(topic);
    socket.send(chunk(record(1)));
    await socket.received('"offset":0');
    await fetch(`${server.url}${topics}/${topic}`, { method: 'DELETE' });
    socket.send(chunk(`${record(2)}${record(3)}`));
    socket.send('0\r\n\r\n');
    const text = await socket.received('0\r\n\r\n');
    expect(text.match(/"error_code":40401/g)).toHaveLength(2);
    expect(text).toMatch(/^HTTP\/1.1 200 /);
  });

  test('that is empty, or no UTF-8, is refused', async () => {
    const topic = await newTopic();
    const empty = await begin(topic);
    empty.send('0\r\n\r\n');
    expect(await empty.received('empty body')).toMatch(/^HTTP\/1.1 400 /);
    const other = await begin(topic);
    other.send(
      Buffer.concat([Buffer.from('2\r\n'), Buffer.from([0xff, 0xff]), Buffer.from('\r\n')]),
    );
    expect(await other.received('UTF-8')).toMatch(/^HTTP\/1.1 400 /);
  });

  test('with an idempotency key is taken as a whole', async () => {
    const topic = await newTopic();
    for (const each of [1, 2]) {
      const socket = await begin(topic, 'idempotency-key: k');
      socket.send(chunk(record(1)));
      socket.send(chunk(record(2)));
      socket.send('0\r\n\r\n');
      const text = await socket.received('"offset":1');
      expect([each, text.includes('content-length')]).toEqual([each, true]);
    }
    expect(await values(topic)).toEqual([1, 2]);
  });

  test('may be far longer than a request, in bounded memory', async () => {
    const topic = await newTopic();
    const socket = await begin(topic);
    const data = 'x'.repeat(60_000);
    const count = 150;
    const text = JSON.stringify({ value: { type: 'STRING', data } }).repeat(count);
    expect(text.length).toBeGreaterThan(2 * limits.requestBytesMax);
    // Every piece ends within a record.
    for (let at = 0; at < text.length; at += 65_536)
      socket.send(chunk(text.slice(at, at + 65_536)));
    socket.send('0\r\n\r\n');
    const all = await socket.received('\r\n0\r\n\r\n');
    expect(all.match(/"error_code":200/g)).toHaveLength(count);
  });

  test('ends, and so does the connection, where the server fails; it writes down why', async () => {
    const broker = await fakeBroker();
    const told: string[] = [];
    const log = (line: string): void => void told.push(line);
    const other = await startHttpServer({ broker, host: '127.0.0.1', port: 0, log });
    await on(other, fakeTopics, async () => {
      const socket = await begin('t');
      socket.send(chunk(record(1)));
      await socket.received('"offset":0');
      broker.failure = new TypeError('a bug');
      socket.send(chunk(record(2)));
      await socket.closed;
      expect(socket.text).not.toContain('\r\n0\r\n\r\n');
      expect(told).toEqual([expect.stringMatching(/request_id=\S+ TypeError: a bug/)]);
    });
  });

  test('may take longer than a request, whose other kinds may not', async () => {
    const broker = await fakeBroker();
    const timeouts = { headers: 50, request: 100 };
    const quick = { broker, host: '127.0.0.1', port: 0, log: () => undefined, timeouts };
    const other = await startHttpServer(quick);
    await on(other, fakeTopics, async () => {
      const live = await begin('t');
      const whole = await begin('t', 'idempotency-key: k');
      live.send(chunk(record(1)));
      whole.send(chunk(record(1)));
      expect(await whole.received('40801')).toMatch(/^HTTP\/1.1 408 /);
      live.send(chunk(record(2)));
      live.send('0\r\n\r\n');
      const text = await live.received('\r\n0\r\n\r\n');
      expect(text.match(/"error_code":200/g)).toHaveLength(2);
    });
  });

  test('is told when the server closes, and what came before is kept', async () => {
    const broker = await fakeBroker();
    const options = { broker, host: '127.0.0.1', port: 0, log: () => undefined };
    const other = await startHttpServer(options);
    await on(other, fakeTopics, async () => {
      const socket = await begin('t');
      socket.send(chunk(record(1)));
      await socket.received('"offset":0');
      await other.close();
      expect(await socket.received('"error_code":50003')).toContain('the server closes');
      expect(broker.logs.get('t/0')).toHaveLength(1);
    });
  });
});
