import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../lib/adapters/system/clock.ts';
import { encodeBatch } from '../../../lib/protocol/record-batch-encode.ts';
import { httpServer, rawServer } from './servers.ts';
import { append, ended, endings, plain, read, transportTo } from './transports.ts';

const nothing = ['NETWORK_EXCEPTION', 'NETWORK_EXCEPTION', 'NETWORK_EXCEPTION'];
const open = ['NETWORK_EXCEPTION', 'unknown, may duplicate', 'unknown'];

describe('nothing happened where nothing left', () => {
  test('nobody listens', async () => {
    const server = await rawServer(() => undefined);
    await server.close();
    const transport = transportTo(server.url);
    expect(await endings(transport)).toEqual(nothing);
    expect((await ended(append(transport)))[1]).toMatch(
      /ECONNREFUSED.*nothing happened request=POST http:\/\/127.*partitions\/0$/,
    );
  });

  test('no such host', async () => {
    expect(await endings(transportTo('http://nowhere.invalid'))).toEqual(nothing);
  });

  test('no TLS there', async () => {
    const server = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await endings(transportTo(server.url.replace('http', 'https')))).toEqual(nothing);
  });

  test('the end came before there was a socket for it', async () => {
    const server = await rawServer((socket) => socket.resume());
    const transport = transportTo(server.url);
    const holding = Array.from({ length: 128 }, () => ended(append(transport)));
    await server.connected(128);
    const late = ended(append(transport));
    await transport.close();
    expect((await late)[0]).toBe('NETWORK_EXCEPTION');
    const names = (await Promise.all(holding)).map(([name]) => name);
    expect(new Set(names)).toEqual(new Set(['unknown, may duplicate']));
  });

  test('a fetch that is given up', async () => {
    const server = await rawServer(() => undefined);
    const transport = transportTo(server.url);
    const signal = AbortSignal.abort();
    expect((await ended(read(transport, signal)))[0]).toBe('NETWORK_EXCEPTION');
    const stop = new AbortController();
    const reading = ended(read(transport, stop.signal));
    stop.abort();
    expect((await reading)[1]).toMatch(/given up/);
  });
});

describe('nobody knows what became of a write that left', () => {
  test('the connection ends before an answer', async () => {
    const server = await rawServer((socket) => socket.on('data', () => socket.destroy()));
    expect(await endings(transportTo(server.url))).toEqual(open);
  });

  test('the connection ends in the middle of a large request', async () => {
    const server = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const value = Buffer.alloc(3_000_000);
    const record = { key: null, value, headers: [], timestamp: 5n };
    const large = encodeBatch([record], { codec: 'none' });
    const [name] = await ended(append(transportTo(server.url), large));
    expect(name).toBe('unknown, may duplicate');
  });

  test('it is reset', async () => {
    const server = await rawServer((socket) => socket.on('data', () => socket.resetAndDestroy()));
    expect(await endings(transportTo(server.url))).toEqual(open);
  });

  test('the answer is cut within its headers, within its body, or is none', async () => {
    const head = 'HTTP/1.1 200 OK\r\nx-request-id: 1\r\ncontent-type: application/json\r\n';
    for (const answer of [
      head,
      `${head}content-length: 100\r\n\r\n{"offsets":[`,
      `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"off\r\n`,
      'no http\r\n\r\n',
    ]) {
      const server = await rawServer((socket) => socket.on('data', () => socket.end(answer)));
      expect(await endings(transportTo(server.url)), answer).toEqual(open);
    }
  });

  test('no answer comes in time, or it drips', async () => {
    const silent = await rawServer((socket) => socket.resume());
    const transport = transportTo(silent.url, { requestTimeoutMs: 300 });
    expect(await endings(transport)).toEqual(open);
    expect((await ended(append(transport)))[1]).toMatch(/^no answer came within 300 ms \(POST/);
    const dripping = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': '1' });
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    });
    expect(await endings(transportTo(dripping.url, { requestTimeoutMs: 300 }))).toEqual(open);
  });

  test('the client is closed meanwhile; after that it says so', async () => {
    const server = await rawServer((socket) => socket.resume());
    const transport = transportTo(server.url);
    const reading = ended(read(transport));
    const writing = ended(append(transport));
    await server.connected(2);
    await transport.close();
    expect((await reading)[0]).toBe('NETWORK_EXCEPTION');
    expect((await writing)[0]).toBe('unknown, may duplicate');
    expect((await ended(append(transport)))[0]).toBe('ClosedError');
  });
});

describe('connections', () => {
  const ok = '{"offsets":[{"partition":0,"offset":3,"count":1,"timestamp":null}]}';
  const answering = () =>
    httpServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-request-id', '1');
      response.end(ok);
    });

  test('are kept, and bounded', async () => {
    const server = await answering();
    const transport = transportTo(server.url);
    for (let sent = 0; sent < 5; sent += 1) await append(transport);
    expect(server.connections()).toBe(1);
    await Promise.all(Array.from({ length: 400 }, () => append(transport)));
    expect(server.connections()).toBeLessThanOrEqual(128);
  });

  test('are not used again after a while: the server may just be closing them', async () => {
    const server = await answering();
    let aheadMs = 0;
    const clock = systemClock();
    const transport = transportTo(server.url, {}, { ...clock, now: () => clock.now() + aheadMs });
    await append(transport);
    await append(transport);
    aheadMs = 6_000;
    await append(transport);
    expect(server.connections()).toBe(2);
  });

  test('a fetch that waits keeps nobody waiting', async () => {
    const waiting: (() => void)[] = [];
    const server = await httpServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-request-id', '1');
      if (request.method === 'POST') response.end(ok);
      else waiting.push(() => response.end('[]'));
    });
    const transport = transportTo(server.url);
    const reads = Array.from({ length: 130 }, () => ended(read(transport)));
    expect(await append(transport)).toMatchObject({ baseOffset: 3n, timestamp: undefined });
    await transport.close();
    expect(new Set((await Promise.all(reads)).map(([name]) => name))).toEqual(
      new Set(['NETWORK_EXCEPTION']),
    );
    expect(waiting.length).toBeLessThanOrEqual(128);
  });

  test('a request carries what it was told to, below the path of the URL', async () => {
    const seen: unknown[] = [];
    const server = await httpServer((request, response, body) => {
      const { authorization, accept, 'x-request-id': id } = request.headers;
      seen.push([request.method, request.url, authorization, accept, typeof id, body.length]);
      response.writeHead(503).end();
    });
    const transport = transportTo(`${server.url}/v1/`, { headers: { Authorization: 'Bearer x' } });
    await ended(append(transport));
    await ended(read(transport));
    const json = 'application/json';
    const log = '/v1/topics/t/partitions/0';
    const query = 'offset=0&timeout=0&min_bytes=1&max_bytes=1000000';
    const raw = 'application/octet-stream';
    expect(seen).toEqual([
      ['POST', log, 'Bearer x', json, 'string', plain.length],
      ['GET', `${log}/records?${query}`, 'Bearer x', raw, 'string', 0],
    ]);
  });
});
