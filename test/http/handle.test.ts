import { describe, expect, test } from 'vitest';
import { handle } from '../../lib/http/handle.ts';
import { errorByCode, ProtocolError } from '../../lib/protocol/errors.ts';
import { limits } from '../../lib/std/limits.ts';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';

describe('every answer', () => {
  test('has a request id: the client’s if it is sane, else ours', async () => {
    const broker = await fakeBroker();
    const idOf = async (headers: Record<string, string>) =>
      (await ask(broker, 'GET /topics', { headers })).headers['x-request-id'];
    expect(await idOf({})).toBe('r-1');
    expect(await idOf({ 'x-request-id': 'abc-123' })).toBe('abc-123');
    expect(await idOf({ 'x-request-id': 'a\r\nb' })).toBe('r-1');
    expect(await idOf({ 'x-request-id': 'x'.repeat(129) })).toBe('r-1');
    const error = await ask(broker, 'GET /nothing', { headers: { 'x-request-id': 'abc' } });
    expect(error.headers['x-request-id']).toBe('abc');
  });

  test('says how long it is, and may not be stored', async () => {
    const answer = await ask(await fakeBroker(), 'GET /topics');
    expect(answer.headers).toMatchObject({
      'content-length': String(Buffer.byteLength(answer.text)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('methods', () => {
  test('HEAD is GET without the body', async () => {
    const broker = await fakeBroker();
    const get = await ask(broker, 'GET /topics');
    const head = await ask(broker, 'HEAD /topics');
    expect(head).toMatchObject({ status: 200, text: '', headers: get.headers });
  });

  test('OPTIONS says what there is', async () => {
    const answer = await ask(await fakeBroker(), 'OPTIONS /topics/t');
    expect(answer).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, POST, OPTIONS' } });
    expect((await ask(await fakeBroker(), 'OPTIONS /no')).status).toBe(404);
  });

  test('another method is 405 with those that there are', async () => {
    const answer = await ask(await fakeBroker(), 'DELETE /topics/t');
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST, OPTIONS' } });
    expect(answer.json).toMatchObject({ error_code: 405 });
  });

  test('a path that is not there is 404, in the body, too', async () => {
    const answer = await ask(await fakeBroker(), 'GET /nothing');
    expect(answer).toMatchObject({ status: 404, json: { error_code: 404 } });
  });
});

describe('errors', () => {
  test.each(Array.from({ length: 134 }, (_, index) => index - 1).filter((code) => code !== 0))(
    'kafka error %i answers with its row of the table',
    async (code) => {
      const row = errorByCode(code);
      const broker = await fakeBroker();
      broker.failure = new ProtocolError(row?.name ?? 'NONE', 'what was expected');
      const answer = await ask(broker, 'GET /topics/t/partitions/0/offsets');
      expect(answer.status).toBe(row?.http.status);
      expect(answer.headers['tailrace-error']).toBe(row?.name);
      expect(answer.json).toEqual({
        error_code: row?.http.error_code,
        message: 'what was expected',
      });
    },
  );

  test('what nobody foresaw is 50002 with the request id, told to the log only', async () => {
    const broker = await fakeBroker();
    broker.failure = new Error('secret path /etc/x');
    const told: unknown[] = [];
    const answer = await ask(broker, 'GET /topics/t/partitions/0/offsets', {
      onError: (error, requestId) => told.push([String(error), requestId]),
    });
    expect(answer.status).toBe(500);
    expect(answer.json).toMatchObject({ error_code: 50_002 });
    expect(answer.text).toContain('request_id=r-1');
    expect(answer.text).not.toContain('secret');
    expect(answer.headers['tailrace-error']).toBeUndefined();
    expect(told).toEqual([['Error: secret path /etc/x', 'r-1']]);
  });

  test('an Accept that cannot be met is 406, told in JSON', async () => {
    const answer = await ask(await fakeBroker(), 'GET /topics', {
      headers: { accept: 'text/html' },
    });
    expect(answer).toMatchObject({ status: 406, json: { error_code: 406 } });
    expect(answer.headers['content-type']).toBe('application/json');
  });

  test('errors come in the type asked for', async () => {
    const typeOf = async (path: string, accept?: string) => {
      const headers = accept === undefined ? {} : { accept };
      return (await ask(await fakeBroker(), `GET ${path}`, { headers })).headers['content-type'];
    };
    expect(await typeOf('/topics/no')).toBe('application/vnd.kafka.v2+json');
    expect(await typeOf('/topics/no', 'application/json')).toBe('application/json');
    expect(await typeOf('/v3/clusters/no')).toBe('application/json');
  });

  test('a body beyond the limit is 413', async () => {
    const request = {
      method: 'POST',
      path: '/topics/t',
      query: '',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(limits.requestBytesMax + 1),
      baseUrl: 'http://h:1',
      requestId: 'r-1',
    };
    const answer = await handle(await fakeBroker(), request, () => undefined);
    expect(answer.status).toBe(413);
  });
});
