import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { requestOfEvent, summaryOf } from '../../lib/http/lambda-request.ts';
import type { GatewayEvent } from '../../lib/http/lambda-request.ts';

// The fixtures have every field that AWS's documentation shows for its two payload formats.
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'));
const httpEvent = fixture('http-api-event.json') as APIGatewayProxyEventV2;
const restEvent = fixture('rest-api-event.json') as APIGatewayProxyEvent;

const bytes = Buffer.from([0x00, 0xff, 0x80, 0xc7, 0xff]);

/** As an HTTP API sends it. */
const http = (parts: object, context: object = {}): GatewayEvent => ({
  ...httpEvent,
  ...parts,
  requestContext: { ...httpEvent.requestContext, ...context },
});

/** As a REST API sends it, with its path in both places. */
const rest = (path: string, parts: object = {}, context: object = {}): GatewayEvent => ({
  ...restEvent,
  path,
  ...parts,
  requestContext: { ...restEvent.requestContext, path: `/v1${path}`, ...context },
});

describe('the documented events', () => {
  test('of an HTTP API', () => {
    const request = requestOfEvent(httpEvent);
    expect(request).toMatchObject({
      method: 'POST',
      path: '/topics/orders/partitions/3',
      query: 'a=1&a=2&b=%2F+%C3%A9',
      baseUrl: 'https://r3pmxmplak.execute-api.eu-west-1.amazonaws.com',
      requestId: 'JKJaXmPLvHcESHA=',
    });
    expect(request.headers).toEqual({ ...httpEvent.headers, cookie: 'session=1; theme=dark' });
    expect(Buffer.from(request.body)).toEqual(bytes);
    expect(summaryOf(httpEvent)).toEqual({
      method: 'POST',
      path: '/topics/orders/partitions/3',
      request_bytes: 8,
    });
  });

  test('of a REST API', () => {
    const request = requestOfEvent(restEvent);
    expect(request).toMatchObject({
      method: 'POST',
      path: '/topics/orders/partitions/3',
      baseUrl: 'https://gy415nuibc.execute-api.us-east-2.amazonaws.com/v1',
      requestId: '77375676-xmpl-4b79-853a-f982474efe18',
    });
    expect([...new URLSearchParams(request.query)]).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b', '/ é'],
    ]);
    expect(request.headers['accept']).toBe('application/json, */*;q=0.1');
    expect(request.headers['x-forwarded-proto']).toBe('https');
    expect(Buffer.from(request.body)).toEqual(bytes);
    expect(summaryOf(restEvent)).toMatchObject({ method: 'POST', request_bytes: 8 });
  });
});

describe('bodies', () => {
  test('text comes as UTF-8, nothing as no bytes', () => {
    const bodyOf = (event: GatewayEvent) => Buffer.from(requestOfEvent(event).body).toString();
    expect(bodyOf(http({ body: '{"é":1}', isBase64Encoded: false }))).toBe('{"é":1}');
    expect(bodyOf(http({ body: undefined, isBase64Encoded: false }))).toBe('');
    expect(bodyOf(rest('/topics', { body: null, isBase64Encoded: false }))).toBe('');
    expect(summaryOf(rest('/topics', { body: null }))).toMatchObject({ request_bytes: 0 });
  });
});

describe('paths', () => {
  const pathOf = (event: GatewayEvent, publicUrl?: string) =>
    requestOfEvent(event, publicUrl === undefined ? {} : { publicUrl }).path;

  test.each([
    ['a b', 'a%20b'],
    ['a?b#c', 'a%3Fb%23c'],
    ['ä€', '%C3%A4%E2%82%AC'],
    ['a"b<c>\\^`{|}', 'a%22b%3Cc%3E%5C%5E%60%7B%7C%7D'],
    ['lone\ud800', 'lone%EF%BF%BD'],
    // What cannot come of decoding is left: an HTTP API leaves %25 as it is.
    ['a%2541', 'a%2541'],
    ["a-._~!$&'()*+,;=:@z", "a-._~!$&'()*+,;=:@z"],
    ['%zz', '%zz'],
  ])('what an HTTP API decoded is encoded again: %s', (decoded, encoded) => {
    expect(pathOf(http({ rawPath: `/topics/${decoded}` }))).toBe(`/topics/${encoded}`);
  });

  test('a REST API gives the path as it came', () => {
    expect(pathOf(rest('/topics/a%20b%2Fc%25'))).toBe('/topics/a%20b%2Fc%25');
  });

  test('the stage of an HTTP API does not count, and is part of links', () => {
    const staged = (rawPath: string) => http({ rawPath }, { stage: 'prod' });
    expect(pathOf(staged('/prod/topics/t'))).toBe('/topics/t');
    expect(pathOf(staged('/prod'))).toBe('/');
    expect(requestOfEvent(staged('/prod/topics')).baseUrl).toBe(
      'https://r3pmxmplak.execute-api.eu-west-1.amazonaws.com/prod',
    );
    // A custom domain leads to a stage that the client does not name.
    expect(requestOfEvent(staged('/topics'))).toMatchObject({
      path: '/topics',
      baseUrl: 'https://r3pmxmplak.execute-api.eu-west-1.amazonaws.com',
    });
    expect(pathOf(staged('/production/topics'))).toBe('/production/topics');
  });

  test('a REST API behind a custom domain names no stage in links', () => {
    expect(requestOfEvent(rest('/topics', {}, { path: '/topics' })).baseUrl).toBe(
      'https://gy415nuibc.execute-api.us-east-2.amazonaws.com',
    );
    // A topic that is called like the stage.
    expect(pathOf(rest('/v1/topics'))).toBe('/v1/topics');
  });

  test('the public URL leads: its base path does not count, and links begin with it', () => {
    const publicUrl = 'https://kafka.example.com/log/';
    for (const event of [http({ rawPath: '/log/topics/t' }), rest('/log/topics/t')]) {
      expect(requestOfEvent(event, { publicUrl })).toMatchObject({
        path: '/topics/t',
        baseUrl: 'https://kafka.example.com/log',
      });
    }
    expect(pathOf(http({ rawPath: '/topics' }), publicUrl)).toBe('/topics');
    expect(pathOf(http({ rawPath: '/log' }), publicUrl)).toBe('/');
  });
});

describe('links', () => {
  const baseUrl = (headers: Readonly<Record<string, string>>) =>
    requestOfEvent(http({ headers })).baseUrl;

  test('take the host of the request, if it can be one', () => {
    const domain = 'r3pmxmplak.execute-api.eu-west-1.amazonaws.com';
    expect(baseUrl({ host: 'kafka.example.com', 'x-forwarded-proto': 'https' })).toBe(
      'https://kafka.example.com',
    );
    expect(baseUrl({ host: '"><script>', 'x-forwarded-proto': 'https' })).toBe(`https://${domain}`);
    expect(baseUrl({ 'x-forwarded-proto': 'https' })).toBe(`https://${domain}`);
    // An emulator names no scheme.
    expect(baseUrl({ host: '127.0.0.1:4566' })).toBe('http://127.0.0.1:4566');
  });
});

test('the signal of the surroundings goes with the request', () => {
  const { signal } = new AbortController();
  expect(requestOfEvent(httpEvent, { signal }).signal).toBe(signal);
});

test('what no gateway sent is refused with what was expected', () => {
  const scheduled = { source: 'aws.events', detail: {} } as unknown as GatewayEvent;
  expect(() => requestOfEvent(scheduled)).toThrow(/payload format 1\.0 or 2\.0/);
  expect(summaryOf(scheduled)).toEqual({});
});
