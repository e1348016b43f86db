import { describe, expect, test } from 'vitest';
import { api, binaryRecords, uniqueName } from './api.ts';

const door = api();

const stream = (topic: string, body: string | ReadableStream, headers = {}) =>
  door.ask(`POST ${door.cluster}/topics/${topic}/records`, { body, headers });
const batch = (topic: string, body: unknown, headers = {}) =>
  door.ask(`POST ${door.cluster}/topics/${topic}/records:batch`, { body, headers });
const reports = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
const string = (data: string) => JSON.stringify({ value: { type: 'STRING', data } });

describe('records', () => {
  test('one record, of each type', async () => {
    const topic = await door.topic(2);
    const answer = await stream(
      topic,
      JSON.stringify({
        partition_id: 1,
        headers: [{ name: 'h', value: 'AA==' }],
        key: { type: 'BINARY', data: 'AP8=' },
        value: { type: 'JSON', data: { a: 1 } },
        timestamp: '2021-02-05T19:14:42Z',
      }),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toEqual({
      error_code: 200,
      cluster_id: door.clusterId,
      topic_name: topic,
      partition_id: 1,
      offset: 0,
      timestamp: '2021-02-05T19:14:42.000Z',
      key: { type: 'BINARY', size: 2 },
      value: { type: 'JSON', size: 7 },
    });
    await stream(topic, '{"partition_id":1,"key":{"type":"STRING","data":"é"},"value":null}');
    const read = await door.read(topic, 'offset=0', 1, binaryRecords);
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(read.json).toMatchObject([
      {
        key: 'AP8=',
        value: base64('{"a":1}'),
        timestamp: 1_612_552_482_000,
        headers: [{ name: 'h', value: 'AA==' }],
      },
      { key: base64('é'), value: null },
    ]);
  });

  test('a stream is answered record by record, in order', async () => {
    const topic = await door.topic();
    const body = [
      string('a'),
      '{"value":{"type":"AVRO","data":"x"}}',
      '{"partition_id":4,"value":{"type":"STRING","data":"x"}}',
      string('b'),
      '{"value":{"type":"BINARY","data":"?"}}',
      string('c'),
    ].join('');
    const expected = (offset: number) => [
      { error_code: 200, offset },
      { error_code: 40_001, message: expect.stringContaining('index=1') },
      { error_code: 40_402 },
      { error_code: 200, offset: offset + 1 },
      { error_code: 42_203, message: expect.stringContaining('index=4') },
      { error_code: 200, offset: offset + 2 },
    ];
    const answer = await stream(topic, body);
    expect(answer.status).toBe(200);
    expect(reports(answer.text)).toMatchObject(expected(0));
    // In chunks, which a server may read as they come: the same.
    const chunks = Array.from({ length: Math.ceil(body.length / 50) }, (_, index) =>
      Buffer.from(body.slice(50 * index, 50 * index + 50)),
    );
    const live = await stream(topic, ReadableStream.from(chunks));
    expect(live.status, live.text).toBe(200);
    expect(reports(live.text)).toMatchObject(expected(3));
    const read = await door.read(topic, 'offset=0', 0, binaryRecords);
    const appended = [{ value: 'YQ==' }, { value: 'Yg==' }, { value: 'Yw==' }];
    expect(read.json).toMatchObject([...appended, ...appended]);
  });

  test('what stands before malformed JSON is kept, what follows is not read', async () => {
    const topic = await door.topic();
    const answer = await stream(topic, `${string('a')}\n${string('b')} } ${string('c')}`);
    expect(reports(answer.text)).toMatchObject([
      { error_code: 200, offset: 0 },
      { error_code: 200, offset: 1 },
      { error_code: 40_001, message: expect.stringMatching(/position=\d+ .*index=2/) },
    ]);
    expect(await door.endOffset(topic)).toBe(2);
  });

  test('errors of the whole request', async () => {
    const topic = await door.topic();
    expect(await stream(uniqueName(), string('a'))).toBeError(40_401);
    expect(await stream(topic, '')).toBeError(40_001);
    const elsewhere = `/v3/clusters/another/topics/${topic}/records`;
    expect(await door.ask(`POST ${elsewhere}`, { body: string('a') })).toBeError(404);
    expect(await stream(topic, string('a'), { 'content-type': 'text/plain' })).toBeError(415);
    expect(await door.endOffset(topic)).toBe(0);
  });

  test('an Idempotency-Key makes repeating safe', async () => {
    const topic = await door.topic();
    const key = { 'idempotency-key': uniqueName() };
    const first = await stream(topic, string('a') + string('b'), key);
    const second = await stream(topic, string('a') + string('b'), key);
    expect(reports(first.text)).toMatchObject([{ offset: 0 }, { offset: 1 }]);
    expect(reports(second.text)).toMatchObject([{ offset: 0 }, { offset: 1 }]);
    expect(await door.endOffset(topic)).toBe(2);
  });
});

describe('records:batch', () => {
  test('successes and failures by id', async () => {
    const topic = await door.topic(2, { 'max.message.bytes': 2_000 });
    const value = { type: 'STRING', data: 'x' };
    const answer = await batch(topic, {
      entries: [
        { id: 'one', partition_id: 0, value },
        { id: 'two', partition_id: 2, value },
        { id: 'three', value: { type: 'STRING', data: 'x'.repeat(3_000) } },
        { id: 'four', value: { type: 'TEXT', data: 'x' } },
        { id: 'five', partition_id: 1, value },
      ],
    });
    expect(answer.status).toBe(207);
    const there = {
      cluster_id: door.clusterId,
      topic_name: topic,
      value: { type: 'STRING', size: 1 },
    };
    expect(answer.json).toMatchObject({
      successes: [
        { id: 'one', ...there, partition_id: 0, offset: 0 },
        { id: 'five', ...there, partition_id: 1, offset: 0 },
      ],
      failures: [
        { id: 'two', error_code: 40_402 },
        { id: 'three', error_code: 413 },
        { id: 'four', error_code: 40_001, message: expect.stringContaining('id=four') },
      ],
    });
  });

  test('is refused as a whole if its entries cannot be told apart', async () => {
    const topic = await door.topic();
    const value = { type: 'STRING', data: 'x' };
    const wrong = [
      {},
      { entries: [] },
      { entries: [{ value }] },
      {
        entries: [
          { id: 'a', value },
          { id: 'a', value },
        ],
      },
      { entries: [{ id: 'a b', value }] },
      { entries: [{ id: 'x'.repeat(81), value }] },
    ];
    for (const body of wrong) expect(await batch(topic, body)).toBeError(40_001);
    expect(await batch(topic, '{"entries":[')).toBeError(40_001, /position=12/);
    expect(await batch(uniqueName(), { entries: [{ id: 'a', value }] })).toBeError(40_401);
    expect(await door.endOffset(topic)).toBe(0);
  });
});
