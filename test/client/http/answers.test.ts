import { describe, expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../lib/engine/outcome-unknown.ts';
import { httpServer } from './servers.ts';
import { append, ended, endings, idempotent, read, transportTo } from './transports.ts';

interface Canned {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A transport to a server that answers everything alike. */
async function answered({ status, headers = {}, body = '' }: Canned) {
  const server = await httpServer((_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  });
  return transportTo(server.url);
}

const ours = (code: number, name?: string, more: object = {}): Canned => ({
  status: Number(String(code).slice(0, 3)),
  headers: {
    'content-type': 'application/json',
    'x-request-id': '1',
    ...(name === undefined ? {} : { 'tailrace-error': name }),
  },
  body: JSON.stringify({ error_code: code, message: 'what was expected', ...more }),
});

const html: Canned = {
  status: 200,
  headers: { 'content-type': 'text/html', server: 'a proxy' },
  body: '<html><title>Welcome</title></html>',
};
const all = (name: string) => [name, name, name];
const open = (reading: string) => [reading, 'unknown, may duplicate', 'unknown'];

describe("an answer of Tailrace's", () => {
  test.each([
    ['by the name in its header', ours(422, 'INVALID_RECORD'), all('INVALID_RECORD')],
    ['of a code alone', ours(40_402), all('UNKNOWN_TOPIC_OR_PARTITION')],
    ['too large for the door', ours(413), all('MESSAGE_TOO_LARGE')],
    ['held back', ours(42_901), all('THROTTLING_QUOTA_EXCEEDED')],
    ['cut before it came', ours(40_801), all('NETWORK_EXCEPTION')],
    ['refused by the door', ours(40_001), all('INVALID_REQUEST')],
    ['of a newer Kafka', ours(40_901, 'NAME_OF_TOMORROW'), all('INVALID_REQUEST')],
    ['nothing happened', ours(50_003, 'KAFKA_STORAGE_ERROR'), all('KAFKA_STORAGE_ERROR')],
    ['a bug there', ours(50_002), open('UNKNOWN_SERVER_ERROR')],
    ['a failure of a newer Kafka', ours(50_099, 'NAME_OF_TOMORROW'), open('UNKNOWN_SERVER_ERROR')],
    ['open by its name', ours(50_401, 'REQUEST_TIMED_OUT'), open('REQUEST_TIMED_OUT')],
    ['open by another', ours(50_401, 'NETWORK_EXCEPTION'), open('NETWORK_EXCEPTION')],
  ])('%s', async (_name, canned, expected) => {
    expect(await endings(await answered(canned))).toEqual(expected);
  });

  test('an unknown outcome is what the broker threw', async () => {
    for (const retryMayDuplicate of [true, false]) {
      const transport = await answered(
        ours(50_401, 'REQUEST_TIMED_OUT', {
          command_id: 'abc',
          retry_may_duplicate: retryMayDuplicate,
        }),
      );
      const error: unknown = await append(transport, idempotent).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OutcomeUnknown);
      expect(error).toMatchObject({ commandId: 'abc', retryMayDuplicate });
      expect(error).toEqual(new OutcomeUnknown('abc', retryMayDuplicate));
    }
  });

  test('keeps its message', async () => {
    const [, message] = await ended(read(await answered(ours(40_003, 'OFFSET_OUT_OF_RANGE'))));
    expect(message).toBe('what was expected');
  });
});

describe("an answer that is not Tailrace's says what came and what to do", () => {
  const json = { 'content-type': 'application/json' };
  test.each([
    [
      'IAM, unsigned',
      { status: 403, headers: json, body: '{"message":"Forbidden"}' },
      all('CLUSTER_AUTHORIZATION_FAILED'),
      /let in.*status=403.*Forbidden.*sign: true.*request=POST/,
    ],
    [
      'an authorizer',
      { status: 401, headers: json, body: '{"message":"Unauthorized"}' },
      all('SASL_AUTHENTICATION_FAILED'),
      /Unauthorized.*`headers`/,
    ],
    [
      'another server',
      { status: 404, headers: { server: 'nginx' }, body: '<h1>404</h1>' },
      all('MISMATCHED_ENDPOINT_TYPE'),
      /a tailrace server there.*server="nginx".*check the URL.*tailrace serve.*ApiUrl/,
    ],
    [
      'another server with JSON',
      { status: 404, headers: json, body: '{"message":"Not Found"}' },
      all('MISMATCHED_ENDPOINT_TYPE'),
      /Not Found/,
    ],
    [
      'a redirection',
      { status: 301, headers: { location: 'https://elsewhere/' } },
      all('MISMATCHED_ENDPOINT_TYPE'),
      /location="https:\/\/elsewhere\/".*give the URL that it leads to/,
    ],
    [
      'a quota',
      { status: 429, headers: { ...json, 'retry-after': '7' }, body: '{"message":"Too Many"}' },
      all('THROTTLING_QUOTA_EXCEEDED'),
      /retry-after="7"/,
    ],
    ['a limit of a proxy', { ...html, status: 413 }, all('MESSAGE_TOO_LARGE'), /smaller batches/],
  ] satisfies readonly [string, Canned, readonly string[], RegExp][])(
    '%s refuses, so nothing happened',
    async (_name, canned, expected, message) => {
      const transport = await answered(canned);
      expect(await endings(transport)).toEqual(expected);
      expect((await ended(append(transport)))[1]).toMatch(message);
    },
  );

  test.each([408, 500, 502, 503, 504])(
    'a gateway that fails with %i may have passed it on',
    async (status) => {
      const transport = await answered({ ...html, status });
      expect(await endings(transport)).toEqual(open('NETWORK_EXCEPTION'));
      expect((await ended(append(transport)))[1]).toMatch(
        /not one of a tailrace server: status=\d+.*text\/html/,
      );
    },
  );

  test.each([
    ['HTML', html],
    ['HTML with an id', { ...html, headers: { ...html.headers, 'x-request-id': '1' } }],
    [
      'JSON of another kind',
      { status: 200, headers: { ...json, 'x-request-id': '1' }, body: '{}' },
    ],
    ['a list', { status: 200, headers: { ...json, 'x-request-id': '1' }, body: '[{}]' }],
    [
      'half of it',
      { status: 200, headers: { ...json, 'x-request-id': '1' }, body: '{"offsets":[{' },
    ],
    ['nothing', { status: 204 }],
  ])('%s where success was expected', async (_name, canned) => {
    const transport = await answered(canned);
    expect(await endings(transport)).toEqual(open('MISMATCHED_ENDPOINT_TYPE'));
    for (const work of [
      transport.clusterId(),
      transport.listTopics(),
      transport.listOffset({ topic: 't', partition: 0, at: 5n }),
    ]) {
      expect((await ended(work))[0]).toBe('MISMATCHED_ENDPOINT_TYPE');
    }
  });

  test('batches that are none, or of which a part is missing', async () => {
    const raw = {
      'content-type': 'application/octet-stream',
      'x-request-id': '1',
      'tailrace-offset': '0',
      'tailrace-high-watermark': '1',
      'tailrace-last-stable-offset': '1',
      'tailrace-log-start-offset': '0',
    };
    const none = await answered({ status: 200, headers: raw, body: 'x'.repeat(100) });
    expect((await ended(read(none)))[0]).toBe('CORRUPT_MESSAGE');
    const without = { ...raw, 'tailrace-offset': 'x' };
    const headless = await answered({ status: 200, headers: without });
    expect((await ended(read(headless)))[0]).toBe('MISMATCHED_ENDPOINT_TYPE');
    const cut = await httpServer((_request, response) => {
      response.writeHead(200, raw).end(idempotent.subarray(0, -1));
    });
    expect((await ended(read(transportTo(cut.url))))[0]).toBe('MISMATCHED_ENDPOINT_TYPE');
  });
});

describe('what is never sent', () => {
  test('a name that would lead elsewhere, an offset below 0', async () => {
    let requests = 0;
    const server = await httpServer((_request, response) => {
      requests += 1;
      response.end();
    });
    const transport = transportTo(server.url);
    for (const name of ['', '.', '..', 'a/b', 'a b', 'é', 'x'.repeat(250)]) {
      expect((await ended(transport.describeTopic(name)))[0]).toBe('INVALID_TOPIC_EXCEPTION');
      const log = { topic: name, partition: 0, batch: idempotent };
      expect((await ended(transport.produceBatch(log)))[0]).toBe('INVALID_TOPIC_EXCEPTION');
    }
    const below = { topic: 't', partition: 0, offset: -1n, minBytes: 1, maxWaitMs: 0, maxBytes: 1 };
    expect((await ended(transport.fetch(below)))[0]).toBe('OFFSET_OUT_OF_RANGE');
    expect(requests).toBe(0);
  });
});
