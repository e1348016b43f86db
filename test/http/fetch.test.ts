import { describe, expect, test } from 'vitest';
import { encodeControlBatch } from '../../lib/protocol/control-batch.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import type { LogRecord } from '../../lib/protocol/record.ts';
import { limits } from '../../lib/std/limits.ts';
import { ask } from './ask.ts';
import type { Answer } from './ask.ts';
import { fakeBroker, lastCall } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const path = '/topics/t/partitions/0/records';
const binary = 'application/vnd.kafka.binary.v2+json';

async function brokerWith(...values: (Uint8Array | string | null)[]): Promise<FakeBroker> {
  const broker = await fakeBroker();
  const records = values.map((value, index): LogRecord => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    return { key: null, value: bytes, headers: [], timestamp: BigInt(index) };
  });
  broker.logs.get('t/0')?.push(...records);
  return broker;
}

const read = (broker: FakeBroker, query: string, accept = 'application/json'): Promise<Answer> =>
  ask(broker, `GET ${path}?${query}`, { headers: { accept } });

describe('fetch', () => {
  test('json: values as they are stored, with where the log stands', async () => {
    const broker = await brokerWith('{"n":12345678901234567890, "x":1.0}', '"a"', null);
    const headers = [{ name: 'h"', value: Buffer.from([0]) }];
    broker.logs.get('t/0')?.push({ key: Buffer.from('1'), value: null, headers, timestamp: 9n });
    const answer = await read(broker, 'offset=beginning');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'tailrace-offset': '0',
      'tailrace-high-watermark': '4',
      'tailrace-last-stable-offset': '4',
      'tailrace-log-start-offset': '0',
      'tailrace-next-offset': '4',
    });
    expect(answer.headers['tailrace-undecoded']).toBeUndefined();
    expect(answer.text).toContain('"value":{"n":12345678901234567890, "x":1.0},');
    const common = { topic: 't', partition: 0, key: null, headers: [] };
    expect(answer.json).toMatchObject([
      { ...common, offset: 0, timestamp: 0 },
      { ...common, offset: 1, timestamp: 1, value: 'a' },
      { ...common, offset: 2, timestamp: 2, value: null },
      { offset: 3, timestamp: 9, key: 1, headers: [{ name: 'h"', value: 'AA==' }] },
    ]);
  });

  test('json: what is no JSON comes as base64 and is counted', async () => {
    const deep = '['.repeat(600) + ']'.repeat(600);
    const broker = await brokerWith(Buffer.from([255]), 'text', '', '\ufeff1', deep, '1');
    const answer = await read(broker, 'offset=0');
    expect(answer.headers['tailrace-undecoded']).toBe('5');
    expect(answer.json).toMatchObject([
      { value: { __base64: '/w==' } },
      { value: { __base64: 'dGV4dA==' } },
      { value: { __base64: '' } },
      { value: { __base64: '77u/MQ==' } },
      { value: { __base64: Buffer.from(deep).toString('base64') } },
      { value: 1 },
    ]);
  });

  test('binary: base64', async () => {
    const broker = await brokerWith(Buffer.from([255]), '', null);
    const answer = await read(broker, 'offset=0', binary);
    expect(answer.headers['content-type']).toBe(binary);
    expect(answer.json).toMatchObject([{ value: '/w==' }, { value: '' }, { value: null }]);
  });

  test('begins at the offset asked for, and says where to go on', async () => {
    const broker = await brokerWith('1', '2', '3');
    const answer = await read(broker, 'offset=1');
    expect(answer.json).toMatchObject([{ offset: 1 }, { offset: 2 }]);
    const end = await read(broker, 'offset=end');
    expect(end.json).toEqual([]);
    expect(end.headers['tailrace-next-offset']).toBe('3');
  });

  test('goes on behind control records', async () => {
    const broker = await fakeBroker();
    const batch = encodeControlBatch({
      outcome: 'commit',
      producerId: 1n,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      timestamp: 1n,
    });
    const fetched = { batches: [batch], offset: 0n, highWatermark: 1n };
    const bounds = { lastStableOffset: 1n, logStartOffset: 0n };
    broker.fetched = { ...fetched, ...bounds };
    const answer = await ask(broker, `GET ${path}?offset=0`);
    expect(answer.json).toEqual([]);
    expect(answer.headers['tailrace-next-offset']).toBe('1');
  });

  test('max_bytes cuts the answer, but never to nothing', async () => {
    const broker = await brokerWith('"aaaaaaaaaa"', '"bbbbbbbbbb"', '"cccccccccc"');
    const two = await read(broker, 'offset=0&max_bytes=24');
    expect(two.json).toMatchObject([{ offset: 0 }, { offset: 1 }]);
    expect(two.headers['tailrace-next-offset']).toBe('2');
    const one = await read(broker, 'offset=1&max_bytes=0');
    expect(one.json).toMatchObject([{ offset: 1 }]);
    expect(one.headers['tailrace-next-offset']).toBe('2');
  });

  test('unfolds no batch that the answer has no room for', async () => {
    const broker = await fakeBroker();
    const value = Buffer.alloc(100, 'a');
    const records = [{ key: null, value, headers: [], timestamp: 1n }];
    const first = encodeBatch(records, { codec: 'gzip' });
    const second = encodeBatch(records, { codec: 'gzip', baseOffset: 1n });
    const bounds = { highWatermark: 3n, lastStableOffset: 3n, logStartOffset: 0n };
    // To touch the third would fail.
    broker.fetched = { batches: [first, second, Buffer.alloc(61)], offset: 0n, ...bounds };
    const answer = await read(broker, 'offset=0&max_bytes=150');
    expect(answer.json).toMatchObject([{ offset: 0 }]);
    expect(answer.headers['tailrace-next-offset']).toBe('1');
  });

  test('an encoded answer stays within the limit, and does not count what it cut', async () => {
    const bytes = Buffer.alloc(1_200_000, 255);
    const broker = await brokerWith(bytes, bytes, bytes, bytes);
    const answer = await read(broker, 'offset=0');
    expect(answer.json).toMatchObject([{ offset: 0 }, { offset: 1 }]);
    expect(answer.text.length).toBeLessThanOrEqual(limits.responseBytesMax);
    expect(answer.headers['tailrace-undecoded']).toBe('2');
  });

  test('what is asked for reaches the broker, within our limits', async () => {
    const broker = await brokerWith('1');
    await read(broker, 'offset=1&timeout=2147483647&min_bytes=7&max_bytes=2147483647&other=1');
    expect(lastCall(broker, 'fetch')).toMatchObject({
      topic: 't',
      partition: 0,
      offset: 1n,
      minBytes: 7,
      maxWaitMs: limits.fetchWaitMsMax,
      maxBytes: limits.responseBytesMax,
    });
    await read(broker, 'offset=1');
    expect(lastCall(broker, 'fetch')).toMatchObject({ minBytes: 1, maxWaitMs: 0 });
  });

  test.each([
    ['', 'got nothing parameter=offset'],
    ['offset=', 'got "" parameter=offset'],
    ['offset=-1', 'expected beginning, end or an integer from 0 to 9223372036854775807, got "-1"'],
    ['offset=1.5', 'parameter=offset'],
    ['offset=1e3', 'parameter=offset'],
    ['offset=9223372036854775808', 'parameter=offset'],
    ['offset=99999999999999999999999', 'parameter=offset'],
    ['offset=BEGINNING', 'parameter=offset'],
    ['offset=1&offset=2', 'expected a parameter once'],
    ['offset=1&timeout=-1', 'got "-1" parameter=timeout'],
    ['offset=1&timeout=2147483648', 'parameter=timeout'],
    ['offset=1&min_bytes=x', 'parameter=min_bytes'],
    ['offset=1&max_bytes=', 'parameter=max_bytes'],
    ['offset=%zz', 'parameter=offset'],
  ])('refuses ?%s', async (query, message) => {
    const answer = await read(await fakeBroker(), query);
    expect(answer.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringContaining(message),
    });
  });

  test('offsets that are not there', async () => {
    const broker = await brokerWith('1');
    const answer = await read(broker, 'offset=9223372036854775807');
    expect(lastCall(broker, 'fetch')).toMatchObject({ offset: 2n ** 63n - 1n });
    expect(answer.json).toMatchObject({ error_code: 40_003 });
    const partition = await ask(broker, 'GET /topics/t/partitions/2/records?offset=0');
    expect(partition.json).toMatchObject({ error_code: 40_402 });
    const topic = await ask(broker, 'GET /topics/no/partitions/0/records?offset=0');
    expect(topic.json).toMatchObject({ error_code: 40_401 });
  });
});

describe('offsets', () => {
  const offsets = async (query: string, broker: FakeBroker) =>
    (await ask(broker, `GET /topics/t/partitions/0/offsets${query}`)).json;

  test('first, last and by time', async () => {
    const broker = await brokerWith('1', '2', '3');
    expect(await offsets('', broker)).toEqual({ beginning_offset: 0, end_offset: 3 });
    expect(await offsets('?timestamp=1', broker)).toEqual({ offset: 1, timestamp: 1 });
    expect(await offsets('?timestamp=max', broker)).toEqual({ offset: 2, timestamp: 2 });
    expect(await offsets('?timestamp=9', broker)).toEqual({ offset: -1, timestamp: -1 });
    const v3 = await ask(
      broker,
      'GET /v3/clusters/cluster-1/topics/t/partitions/0/offset?timestamp=2',
    );
    expect(v3.json).toMatchObject({ kind: 'KafkaPartitionOffset', offset: 2, timestamp: 2 });
  });

  test.each(['?timestamp=-1', '?timestamp=yesterday', '?timestamp=9223372036854775808'])(
    'refuses %s',
    async (query) => {
      expect(await offsets(query, await fakeBroker())).toMatchObject({ error_code: 40_001 });
    },
  );
});
