// Clients that do not behave, against one server in a process of its own, which outlives them all.
import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { limits } from '../../lib/std/limits.ts';
import { remove, temporaryDirectory } from '../adapters/directories.ts';
import { Client, shown } from './client.ts';
import { createTopics } from './load.ts';
import { RawSocket } from './raw-socket.ts';
import { endServers, serve } from './server-process.ts';
import type { TailraceProcess } from './server-process.ts';

const MiB = 1024 * 1024;
/** It holds up to 256 MiB of bodies and as much of answers; these crowds ask for gigabytes. */
const residentMax = 640 * MiB;

let directory: string;
let server: TailraceProcess;
let url: string;
let client: Client;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  directory = temporaryDirectory();
  server = serve(join(directory, 'data'));
  url = await server.url();
  client = new Client(url);
  await createTopics(client);
  await alive();
});

/** After each of them the server serves others, and has let go of the ones before. */
afterEach(async () => {
  await alive();
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitUntil(() => descriptors() <= quietDescriptors, { timeout: 20_000, interval: 50 });
  ok(resident() < residentMax, `resident=${resident()}`);
});

afterAll(async () => {
  client.close();
  const { code, stderr } = await server.signal('SIGTERM');
  await endServers();
  remove(directory);
  deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

/** Its files, threads and a few connections: no crowd. */
const quietDescriptors = 64;

/** Open files of the server; elsewhere than on Linux there is no telling. */
function descriptors(): number {
  return process.platform === 'linux' ? readdirSync(`/proc/${server.pid}/fd`).length : 0;
}

function resident(): number {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024;
}

let produced = 0;

/** A client that behaves writes and reads what it wrote. */
async function alive(): Promise<void> {
  produced += 1;
  const body = { records: [{ value: produced }] };
  const answer = await client.ask('POST', '/topics/log/partitions/0', { body });
  expect(shown(answer)).toMatch(/^200 .*"error_code":null/u);
  const offset = Number(/"offset":(\d+)/u.exec(answer.text)?.[1]);
  const read = await client.get(`/topics/log/partitions/0/records?offset=${offset}`);
  expect(read).toMatchObject([{ offset, value: produced }]);
}

async function open(): Promise<RawSocket> {
  const socket = await RawSocket.open(url);
  sockets.push(socket);
  return socket;
}

/** In portions, so that the queue of new connections does not overflow. */
async function openMany(count: number): Promise<RawSocket[]> {
  const opened: RawSocket[] = [];
  while (opened.length < count) {
    const portion = Math.min(250, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: portion }, open))));
  }
  return opened;
}

const head = (line: string, ...headers: string[]): string =>
  `${[`${line} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`;
const json = 'Content-Type: application/json';
const statusesOf = (socket: RawSocket): string[] =>
  [...socket.text.matchAll(/HTTP\/1\.1 (\d+)/gu)].map(([, status]) => String(status));

describe('slow and silent', () => {
  test('headers that never end are cut off, and block nobody', { timeout: 40_000 }, async () => {
    const slow = await openMany(200);
    for (const socket of slow) socket.send('GET /topics HTTP/1.1\r\nHost: x\r\n');
    const done = new AbortController();
    const drip = (async () => {
      for await (const _ of every(200, undefined, { signal: done.signal })) {
        for (const socket of slow) socket.send('X: y\r\n');
        await alive();
      }
    })().catch((error: unknown) => {
      if (!done.signal.aborted) throw error;
    });
    await Promise.race([drip, Promise.all(slow.map(({ closed }) => closed))]);
    done.abort();
    await drip;
    // The bytes that came too late reset some connections before their answer was read.
    expect(new Set(slow.flatMap(statusesOf))).toEqual(new Set(['408']));
  });

  test('2,500 idle connections leave room for those who talk', { timeout: 40_000 }, async () => {
    const idle = await openMany(2_500);
    const half = idle.filter((_, index) => index % 2 === 0);
    for (const socket of half) socket.send('POST /topics/log HTTP/1.1\r\nContent-Le');
    for (let n = 0; n < 20; n += 1) await alive();
    const late = await open();
    late.send(head('GET /health'));
    expect(await late.received('"status":"ok"')).toContain('200 OK');
    expect(resident()).toBeLessThan(residentMax);
  });

  test('a body that breaks off has no effect', async () => {
    const before = await client.get('/topics/log/partitions/1/offsets');
    const whole = '{"records":[{"value":1,"partition":1}]}';
    const broken = await openMany(50);
    for (const [index, socket] of broken.entries()) {
      socket.send(head('POST /topics/log', json, `Content-Length: ${whole.length + 1}`));
      socket.send(whole);
      if (index % 2 === 0) socket.end();
      else socket.destroy();
    }
    await Promise.all(broken.map(({ closed }) => closed));
    expect(await client.get('/topics/log/partitions/1/offsets')).toEqual(before);
  });
});

describe('too much', () => {
  const tooLong = limits.requestBytesMax + 1;

  test('a length beyond the limit is 413 before any of the body', async () => {
    const socket = await open();
    socket.send(head('POST /topics/log', json, `Content-Length: ${tooLong}`));
    await socket.received('"error_code":413');
    await socket.closed;
    expect(statusesOf(socket)).toEqual(['413']);
    const expecting = await open();
    const length = `Content-Length: ${tooLong}`;
    expecting.send(head('POST /topics/log', json, length, 'Expect: 100-continue'));
    await expecting.closed;
    expect(statusesOf(expecting)).toEqual(['413']);
  });

  test('the senders of 20 endless chunked bodies each get their 413', async () => {
    const chunk = `${MiB.toString(16)}\r\n${'a'.repeat(MiB)}\r\n`;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = await open();
        socket.send(head('POST /topics/log', json, 'Transfer-Encoding: chunked'));
        for (let sent = 0; sent <= limits.requestBytesMax; sent += MiB) socket.send(chunk);
        await socket.received('"error_code":413');
        expect(statusesOf(socket)).toEqual(['413']);
      }),
    );
  });

  test('the largest body is taken after 100 Continue', async () => {
    const start = '{"records":[{"value":1}]';
    const body = `${start}${' '.repeat(limits.requestBytesMax - start.length - 1)}}`;
    const socket = await open();
    const length = `Content-Length: ${body.length}`;
    socket.send(head('POST /topics/log', json, length, 'Expect: 100-continue'));
    await socket.received('100 Continue');
    socket.send(body);
    await socket.received('"offset":');
    expect(statusesOf(socket)).toEqual(['100', '200']);
  });

  test('an expectation that nobody knows is 417', async () => {
    const socket = await open();
    socket.send(head('GET /health', 'Expect: a-miracle'));
    await socket.received('\r\n\r\n');
    expect(statusesOf(socket)).toEqual(['417']);
  });
});

describe('nonsense', () => {
  test.each([
    ['a TLS handshake', Buffer.from('16030100a5010000a10303', 'hex')],
    ['no request line', '\r\n\r\nnonsense\r\n\r\n'],
    ['an unknown method', head('NONSENSE /topics')],
    ['two lengths', head('POST /topics/log', 'Content-Length: 1', 'Content-Length: 2')],
    ['a negative length', head('POST /topics/log', 'Content-Length: -1')],
    ['length and chunks', head('POST /x', 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['a bad chunk', `${head('POST /topics/log', json, 'Transfer-Encoding: chunked')}zz\r\n`],
    ['a NUL in a header', head('GET /topics', 'X: a\u0000b')],
    ['no Host', 'GET /topics HTTP/1.1\r\n\r\n'],
    ['another protocol', 'GET /topics HTTP/9.9\r\nHost: x\r\n\r\n'],
  ])('%s is 400 and ends the connection', async (_, bytes) => {
    const socket = await open();
    socket.send(bytes);
    await socket.closed;
    expect(statusesOf(socket)).toEqual(['400']);
  });

  test('pipelined requests are answered in their order', async () => {
    const socket = await open();
    const paths = Array.from({ length: 100 }, (_, n) => `/topics/none-${n}`);
    socket.send(paths.map((path) => head(`GET ${path}`)).join(''));
    await socket.received('topic=none-99');
    const named = [...socket.text.matchAll(/topic=(none-\d+)/gu)].map(
      ([, name]) => `/topics/${name}`,
    );
    expect(named).toEqual(paths);
  });

  const records = (value: string): string => `{"records":[{"value":${value},"partition":0}]}`;
  const deep = 100_000;

  test.each([
    ['half an object', '{"records":[{"value":'],
    ['nothing', ''],
    ['another type', '[]'],
    ['a lone surrogate in a name', '{"\\ud800":1}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['a partition beyond all numbers', '{"records":[{"value":1,"partition":1e999}]}'],
    ['a timestamp beyond int64', '{"records":[{"value":1,"timestamp":99999999999999999999}]}'],
    ['an unclosed nest', '['.repeat(deep)],
    ['a closed nest', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['a prototype', '{"__proto__":{"records":[]}}'],
  ])('a body of %s is 400', async (_, body) => {
    const bytes = Buffer.from(body);
    const socket = await open();
    socket.send(head('POST /topics/log', json, `Content-Length: ${bytes.length}`));
    socket.send(bytes);
    await socket.received('"error_code":40001');
    expect(statusesOf(socket)).toEqual(['400']);
  });

  test('a value may nest deeply, be huge and have any name, or is refused', async () => {
    const nest = `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`;
    for (const value of [nest, '9'.repeat(100_000), '1e400', '{"__proto__":1,"constructor":2}']) {
      const answer = await client.ask('POST', '/topics/log', { body: records(value) });
      expect([200, 400, 422]).toContain(answer.status);
      if (answer.status === 200) expect(answer.text).toContain('"error_code":null');
    }
  });

  test.each(['text/plain', 'application/xml', 'application/json; charset=utf-16', 'x'])(
    'a body of the type %s is 415',
    async (type) => {
      const headers = { 'content-type': type };
      const answer = await client.ask('POST', '/topics/log', { body: records('1'), headers });
      expect(shown(answer)).toMatch(/^415 /u);
    },
  );
});

describe('those who go away', () => {
  const wait = '/topics/log/partitions/2/records?offset=end&timeout=20000';

  test('in the middle of a wait, a thousand times', { timeout: 40_000 }, async () => {
    for (let round = 0; round < 4; round += 1) {
      const waiting = await openMany(250);
      // The answer to the first says that the second has come as well.
      for (const socket of waiting) socket.send(head('GET /health') + head(`GET ${wait}`));
      await Promise.all(waiting.map((socket) => socket.received('"status":"ok"')));
      expect(descriptors()).toBeGreaterThanOrEqual(process.platform === 'linux' ? 250 : 0);
      await alive();
      for (const socket of waiting) socket.destroy();
    }
  });

  test('in the middle of an answer', { timeout: 40_000 }, async () => {
    const body = { records: [{ value: 'x'.repeat(900_000), partition: 2 }] };
    for (let n = 0; n < 4; n += 1) await client.ask('POST', '/topics/log', { body });
    const fetch = head('GET /topics/log/partitions/2/records?offset=0');
    for (let round = 0; round < 10; round += 1) {
      const reading = await openMany(5);
      for (const socket of reading) socket.send(fetch);
      await Promise.all(reading.map((socket) => socket.received('"offset":')));
      expect(new Set(reading.flatMap(statusesOf))).toEqual(new Set(['200']));
      for (const socket of reading) socket.destroy();
    }
  });

  test('without reading what they asked for', { timeout: 40_000 }, async () => {
    const fetch = head('GET /topics/log/partitions/2/records?offset=0');
    const deaf = await openMany(20);
    for (const socket of deaf) {
      socket.pause();
      socket.send(fetch.repeat(30));
    }
    for (let n = 0; n < 5; n += 1) await alive();
    expect(resident()).toBeLessThan(residentMax);
  });
});
