import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Fetched, FetchInput } from '../../lib/broker/broker.ts';
import { startHttpServer } from '../../lib/local/http-server.ts';
import type { HttpServer, HttpServerOptions } from '../../lib/local/http-server.ts';
import { limits } from '../../lib/std/limits.ts';
import { FakeBroker } from '../http/fake-broker.ts';
import { RawSocket } from './raw-socket.ts';

const servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const lines: string[] = [];

async function start(
  broker: FakeBroker,
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  const log = (line: string) => lines.push(line);
  const server = await startHttpServer({ broker, host: '127.0.0.1', port: 0, log, ...options });
  servers.push(server);
  return server;
}

/** A broker whose fetches wait until they are told to go on, or their signal aborts. */
class SlowBroker extends FakeBroker {
  started: () => void = () => undefined;
  readonly waiting = new Promise<void>((resolve) => {
    this.started = resolve;
  });
  signal: AbortSignal | undefined;
  readonly result: Fetched = {
    batches: [],
    offset: 0n,
    highWatermark: 0n,
    lastStableOffset: 0n,
    logStartOffset: 0n,
  };

  override readonly fetch = async ({ signal }: FetchInput): Promise<Fetched> => {
    this.signal = signal;
    this.started();
    if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
    return this.result;
  };
}

const records = '/topics/t/partitions/0/records?offset=0';
const json = { 'content-type': 'application/json' };
const head = (line: string, ...headers: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`;

describe('requests', () => {
  test('are answered, with a base URL from Host, and a fresh id each', async () => {
    const { url } = await start(new FakeBroker());
    const first = await fetch(`${url}/`);
    expect(await first.json()).toMatchObject({ links: { topics: `${url}/topics` } });
    const second = await fetch(`${url}/topics?x=1`);
    expect(await second.json()).toEqual([]);
    const ids = [first, second].map((answer) => answer.headers.get('x-request-id'));
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(ids[1]).not.toBe(ids[0]);
  });

  test('in absolute form, with a strange Host, one after the other on a connection', async () => {
    const { url } = await start(new FakeBroker());
    const socket = await RawSocket.open(url);
    socket.send('GET http://example.org/health HTTP/1.1\r\nHost: <x>\r\n\r\n');
    expect(await socket.received('"status":"ok"')).toContain('HTTP/1.1 200 OK');
    socket.send('GET / HTTP/1.1\r\nHost: <x>\r\n\r\n');
    expect(await socket.received(`${url}/topics`)).not.toContain('<x>');
    socket.destroy();
  });

  test('HEAD, Expect: 100-continue and chunked bodies', async () => {
    const broker = new FakeBroker();
    await broker.createTopic({ name: 't' });
    const { url } = await start(broker);
    const answer = await fetch(`${url}/topics`, { method: 'HEAD' });
    expect(answer.headers.get('content-length')).toBe('5');
    const body = '{"records":[{"value":1}]}';
    const socket = await RawSocket.open(url);
    const length = `Content-Length: ${body.length}`;
    const type = 'Content-Type: application/json';
    socket.send(head('POST /topics/t', type, length, 'Expect: 100-continue'));
    await socket.received('100 Continue');
    socket.send(body);
    expect(await socket.received('"offset":0')).toContain('200 OK');
    socket.send(head('POST /topics/t', type, 'Transfer-Encoding: chunked'));
    socket.send(`5\r\n${body.slice(0, 5)}\r\n`);
    socket.send(`14\r\n${body.slice(5)}\r\n0\r\n\r\n`);
    expect(await socket.received('"offset":1')).toContain('200 OK');
    socket.destroy();
  });

  test('a throw of the broker is 500, logged with the id, and the server goes on', async () => {
    const broker = new FakeBroker();
    const { url } = await start(broker);
    broker.failure = new TypeError('a bug');
    const answer = await fetch(`${url}/topics/t/partitions/0/offsets`, {
      headers: { 'x-request-id': 'id-7' },
    });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('bug');
    expect(lines.at(-1)).toMatch(/request_id=id-7 TypeError: a bug/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('bodies', () => {
  const tooLong = limits.requestBytesMax + 1;

  test('a length beyond the limit is refused before the body comes', async () => {
    const { url } = await start(new FakeBroker());
    const socket = await RawSocket.open(url);
    socket.send(head('POST /topics/t', `Content-Length: ${tooLong}`, 'Expect: 100-continue'));
    await socket.closed;
    expect(socket.text).toContain('HTTP/1.1 413');
    expect(socket.text).toContain('"error_code":413');
    expect(socket.text).not.toContain('100 Continue');
  });

  test('the sender of too much gets its answer, and the connection ends', async () => {
    const { url } = await start(new FakeBroker());
    const body = new Uint8Array(tooLong + 3_000_000);
    const answer = await fetch(`${url}/topics/t`, { method: 'POST', headers: json, body });
    expect(answer.status).toBe(413);
    expect(answer.headers.get('connection')).toBe('close');
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/);
    expect(await answer.json()).toMatchObject({ error_code: 413 });
  });

  test('so does one who does not say how long it is', async () => {
    const { url } = await start(new FakeBroker());
    const socket = await RawSocket.open(url);
    socket.send(head('POST /topics/t', 'Transfer-Encoding: chunked'));
    const chunk = Buffer.alloc(1_048_576, 'a');
    for (let sent = 0; sent < 5; sent += 1) {
      socket.send('100000\r\n');
      socket.send(chunk);
      socket.send('\r\n');
    }
    socket.send('0\r\n\r\n');
    await socket.closed;
    expect(socket.text).toContain('HTTP/1.1 413');
  });

  test('more than the server can hold at once is 429, and room comes back', async () => {
    const { url } = await start(new FakeBroker(), { heldBytesMax: 1_000 });
    const post = async (bytes: number) => {
      const body = ' '.repeat(bytes);
      const answer = await fetch(`${url}/topics/t`, { method: 'POST', headers: json, body });
      return [answer.status, answer.headers.get('retry-after')];
    };
    expect(await post(2_000)).toEqual([429, '1']);
    for (let asked = 0; asked < 5; asked += 1) expect(await post(600)).toEqual([400, null]);
  });

  test('the largest that is allowed is read', async () => {
    const { url } = await start(new FakeBroker());
    const body = ' '.repeat(limits.requestBytesMax);
    const answer = await fetch(`${url}/topics/t`, { method: 'POST', headers: json, body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error_code: 40_001 });
  });
});

describe('clients that do not behave', () => {
  const timeouts = { headers: 100, request: 200, idle: 60_000, keepAlive: 30_000 };

  test('what is no HTTP is 400, headers without end are 431, with a body and an id', async () => {
    const { url } = await start(new FakeBroker());
    const noise = await RawSocket.open(url);
    noise.send('\u0016\u0003\u0001 hello\r\n\r\n');
    await noise.closed;
    expect(noise.text).toContain('HTTP/1.1 400 Bad Request');
    expect(noise.text).toContain('"error_code":40001');
    expect(noise.text).toContain('x-request-id: ');
    const long = await RawSocket.open(url);
    long.send(head('GET /', `X: ${'a'.repeat(20_000)}`));
    await long.closed;
    expect(long.text).toContain('HTTP/1.1 431');
  });

  test('half a request is 408 after a while, and the connection ends', async () => {
    const { url } = await start(new FakeBroker(), { timeouts });
    const socket = await RawSocket.open(url);
    socket.send('GET /topics HTTP/1.1\r\nHost:');
    await socket.closed;
    expect(socket.text).toContain('HTTP/1.1 408');
    expect(socket.text).toContain('"error_code":40801');
  });

  test('half a body ends the connection after a while; a silent one, too', async () => {
    const { url } = await start(new FakeBroker(), { timeouts });
    const half = await RawSocket.open(url);
    half.send(`${head('POST /topics/t', 'Content-Length: 100')}{"reco`);
    const silent = await RawSocket.open(url);
    await Promise.all([half.closed, silent.closed]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test('an answer under way is not mixed with an error', async () => {
    const broker = new SlowBroker();
    const { url } = await start(broker);
    const socket = await RawSocket.open(url);
    socket.send(head(`GET ${records}`));
    await broker.waiting;
    socket.send('\u0000garbage\r\n\r\n');
    await socket.closed;
    expect(socket.text).toBe('');
    expect(broker.signal?.aborted).toBe(true);
  });

  test('requests of a connection are worked on one after the other', async () => {
    const broker = new SlowBroker();
    const { url, close } = await start(broker);
    const socket = await RawSocket.open(url);
    socket.send(head(`GET ${records}`) + head('GET /health').repeat(200));
    await broker.waiting;
    // What has not begun is not answered, so that its client knows that nothing came of it.
    await close();
    await socket.closed;
    expect([...socket.text.matchAll(/HTTP\/1.1 200/gu)]).toHaveLength(1);
  });

  test('who sends hundreds of requests ahead of their answers is cut off', async () => {
    const broker = new SlowBroker();
    const { url } = await start(broker);
    const socket = await RawSocket.open(url);
    socket.send(head(`GET ${records}`) + head('GET /health').repeat(300));
    await socket.closed;
    expect(socket.text).toBe('');
    await vi.waitUntil(() => broker.signal?.aborted === true);
  });

  test('answers that nobody reads are held up to a limit', async () => {
    const broker = new FakeBroker();
    await broker.createTopic({ name: 't' });
    const value = Buffer.alloc(3_900_000, 'a');
    broker.logs.get('t/0')?.push({ key: null, value, headers: [], timestamp: 1n });
    const { url } = await start(broker, { heldBytesMax: 6_000_000, timeouts: { close: 50 } });
    const deaf = await RawSocket.open(url);
    deaf.send(head(`GET ${records}`));
    await deaf.received('HTTP/1.1 200');
    deaf.pause();
    deaf.send(head(`GET ${records}`));
    // As soon as the first of them waits to be read.
    await vi.waitUntil(async () => (await fetch(`${url}${records}`)).status === 429);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const body = '{"records":[{"value":1}]}';
    const written = await fetch(`${url}/topics/t`, { method: 'POST', headers: json, body });
    expect(written.status).toBe(200);
    deaf.destroy();
    await vi.waitUntil(async () => (await fetch(`${url}${records}`)).status === 200);
  });

  test('a client that goes away ends its fetch', async () => {
    const broker = new SlowBroker();
    const { url } = await start(broker);
    const socket = await RawSocket.open(url);
    socket.send(head(`GET ${records}`));
    await broker.waiting;
    const aborted = once(broker.signal as AbortSignal, 'abort');
    socket.destroy();
    await aborted;
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test('a thousand open connections leave room for one more', async () => {
    const { url } = await start(new FakeBroker());
    const sockets = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const socket = await RawSocket.open(url);
        if (index % 2 === 0) socket.send('POST /topics/t HTTP/1.1\r\nHost: x\r\nContent-Le');
        return socket;
      }),
    );
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe('the end', () => {
  test('waits are answered, then nothing is accepted any more', async () => {
    const broker = new SlowBroker();
    const { url, close } = await start(broker);
    const idle = await RawSocket.open(url);
    const answer = fetch(`${url}${records}`);
    await broker.waiting;
    const closed = close();
    const answered = await answer;
    expect(answered.status).toBe(200);
    expect(answered.headers.get('connection')).toBe('close');
    expect(await answered.json()).toEqual([]);
    await closed;
    await idle.closed;
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  });

  test('comes without requests, twice, and with a client that never reads', async () => {
    const quiet = await start(new FakeBroker());
    await quiet.close();
    const broker = new FakeBroker();
    await broker.createTopic({ name: 't' });
    broker.logs.get('t/0')?.push({
      key: null,
      value: Buffer.alloc(3_000_000, 'a'),
      headers: [],
      timestamp: 1n,
    });
    const { url, close } = await start(broker, { timeouts: { close: 50 } });
    const socket = await RawSocket.open(url);
    socket.pause();
    for (let asked = 0; asked < 8; asked += 1) socket.send(head(`GET ${records}`));
    await close();
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  });

  test('a port in use is refused', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start(new FakeBroker(), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });
});
