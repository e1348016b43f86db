import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { append, ended, transportTo } from './transports.ts';

/** Of nobody but these tests: for 127.0.0.1, signed by itself, valid for a hundred years. */
const fixture = (name: string) =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const cert = fixture('certificate.pem');
const server = createServer({ cert, key: fixture('key.pem') });
const trusted = getCACertificates();
let connections = 0;
let answers = true;
let url = '';

beforeAll(async () => {
  server.on('secureConnection', () => (connections += 1));
  server.on('request', (request, response) => {
    request.resume();
    request.on('end', () => {
      if (!answers) {
        request.socket.destroy();
        return;
      }
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-request-id', '1');
      response.end('{"offsets":[{"partition":0,"offset":3,"count":1,"timestamp":5}]}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => setDefaultCACertificates(trusted));
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('to a certificate that nobody vouches for nothing is sent', async () => {
  const [name, message] = await ended(append(transportTo(url)));
  expect(name).toBe('NETWORK_EXCEPTION');
  expect(message).toMatch(/self-signed certificate.*nothing happened/);
  expect(connections).toBe(0);
});

test('one connection is kept; what left on it may have happened', async () => {
  setDefaultCACertificates([...trusted, cert]);
  const transport = transportTo(url);
  for (let sent = 0; sent < 3; sent += 1) {
    expect(await append(transport)).toMatchObject({ baseOffset: 3n });
  }
  expect(connections).toBe(1);
  answers = false;
  expect((await ended(append(transport)))[0]).toBe('unknown, may duplicate');
});
