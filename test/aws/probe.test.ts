import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { probeObjects, probeTable } from './probe.ts';

// The emulator as it would be if it knew no conditions.
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers = Object.entries(request.headers).filter(
      ([name]) =>
        !['if-none-match', 'host', 'connection', 'content-length', 'expect'].includes(name),
    );
    const body = Buffer.concat(chunks);
    const item = headers.some(([name]) => name === 'x-amz-target');
    const forwarded = item ? Buffer.from(withoutConditions(body.toString('utf8'))) : body;
    const forward = async () => {
      const answer = await fetch(inject('emulator') + (request.url ?? ''), {
        method: request.method ?? 'GET',
        headers: Object.fromEntries(headers) as Record<string, string>,
        ...(request.method === 'GET' ? {} : { body: forwarded }),
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
    void forward();
  });
});
let url = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function withoutConditions(body: string): string {
  return JSON.stringify(JSON.parse(body), (key, value: unknown) =>
    key === 'ConditionExpression' ? undefined : value,
  );
}

describe('the probe', () => {
  test('passes the emulator', async () => {
    await expect(probeObjects(inject('emulator'))).resolves.toBeUndefined();
    await expect(probeTable(inject('emulator'))).resolves.toBeUndefined();
  });

  test('refuses objects without conditions', async () => {
    await expect(probeObjects(url)).rejects.toThrow(/If-None-Match expected=1 got=100/);
  });

  test('refuses a table without conditions', async () => {
    await expect(probeTable(url)).rejects.toThrow(/64 conditional puts expected=1 got=64/);
  });
});
