import { expect, test } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../lib/http/http-message.ts';
import { resultOf } from '../../lib/http/lambda-result.ts';
import { limits } from '../../lib/std/limits.ts';

/** What Lambda takes: 6 MB, of which the envelope is some. */
const payloadBytesMax = 6 * 1024 * 1024 - 100_000;

const request: HttpRequest = {
  method: 'GET',
  path: '/topics/t/partitions/0/records',
  query: '',
  headers: {},
  body: new Uint8Array(),
  baseUrl: 'https://h',
  requestId: 'r-1',
};

const answer = (body: Uint8Array | undefined, type = 'application/json'): HttpResponse => ({
  status: 200,
  headers: {
    'content-type': type,
    'content-length': String(body?.length ?? 0),
    'x-request-id': 'r-2',
  },
  body,
});

test('text stays text, with the headers that are not the gateway’s own', () => {
  const body = Buffer.from('{"é":1}');
  expect(resultOf(request, answer(body, 'application/vnd.kafka.json.v2+json'))).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/vnd.kafka.json.v2+json', 'x-request-id': 'r-2' },
    body: '{"é":1}',
    isBase64Encoded: false,
  });
});

test('no body is an empty text', () => {
  expect(resultOf(request, answer(undefined))).toMatchObject({ body: '', isBase64Encoded: false });
});

test('other bytes come in base64', () => {
  const bytes = Buffer.from([0, 255, 128]);
  expect(resultOf(request, answer(bytes, 'application/octet-stream'))).toMatchObject({
    body: bytes.toString('base64'),
    isBase64Encoded: true,
  });
});

test('the largest answer is carried, whatever it is made of', () => {
  for (const bytes of [limits.responseBytesMax, limits.responseBytesMax / 2]) {
    // As a JSON string each quotation mark takes two bytes.
    const result = resultOf(request, answer(Buffer.alloc(bytes, '"')));
    expect(result.statusCode).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(payloadBytesMax);
    const encoding = result.isBase64Encoded === true ? 'base64' : 'utf8';
    expect(Buffer.from(result.body, encoding)).toHaveLength(bytes);
  }
});

test('a larger one is 413, and says what to do', () => {
  const result = resultOf(request, answer(Buffer.alloc(limits.responseBytesMax + 1, 'x')));
  expect(result).toMatchObject({ statusCode: 413, headers: { 'x-request-id': 'r-2' } });
  expect(JSON.parse(result.body)).toEqual({
    error_code: 413,
    message: expect.stringMatching(/at most 4194304 bytes.*ask for less/),
  });
});
