import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const headers = { 'content-type': 'application/json' };
const base = '/v3/clusters/cluster-1/topics/t';

const stream = (broker: FakeBroker, body: string) =>
  ask(broker, `POST ${base}/records`, { headers, body });
const batch = (broker: FakeBroker, body: unknown) =>
  ask(broker, `POST ${base}/records:batch`, { headers, body });
const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('records, v3', () => {
  test('one record of each type', async () => {
    const broker = await fakeBroker();
    const body = [
      '{"partition_id":1,"key":{"type":"STRING","data":"ké"},"value":{"type":"JSON","data":{"n":12345678901234567890}},"timestamp":"1970-01-01T00:00:00.005Z"}',
      '{"value":{"type":"BINARY","data":"AP8="},"headers":[{"name":"h","value":"AA=="}],"timestamp":7}',
      '\n {"key":{"type":"STRING","data":null},"value":null}',
      '{}',
    ].join('');
    const answer = await stream(broker, body);
    expect(answer.status).toBe(200);
    const common = { error_code: 200, cluster_id: 'cluster-1', topic_name: 't' };
    expect(lines(answer.text)).toEqual([
      {
        ...common,
        partition_id: 1,
        offset: 0,
        timestamp: '1970-01-01T00:00:00.005Z',
        key: { type: 'STRING', size: 3 },
        value: { type: 'JSON', size: 26 },
      },
      {
        ...common,
        partition_id: 0,
        offset: 0,
        timestamp: '1970-01-01T00:00:00.007Z',
        value: { type: 'BINARY', size: 2 },
      },
      {
        ...common,
        partition_id: 0,
        offset: 1,
        timestamp: '1970-01-01T00:00:01.000Z',
        key: { type: 'STRING', size: 0 },
      },
      { ...common, partition_id: 0, offset: 2, timestamp: '1970-01-01T00:00:01.000Z' },
    ]);
    expect(Buffer.from(broker.logs.get('t/1')?.[0]?.value ?? []).toString()).toBe(
      '{"n":12345678901234567890}',
    );
    expect(broker.calls.length).toBe(1);
  });

  test('reports come in the order of the records, also of those that were refused', async () => {
    const broker = await fakeBroker();
    const body = [
      '{"value":{"type":"STRING","data":"a"}}',
      '{"value":{"type":"AVRO","data":"a"}}',
      '{"partition_id":9}',
      '{"value":{"type":"BINARY","data":"?"}}',
      '[1]',
      '{"value":{"type":"STRING","data":"b"}}',
      '{"value":}{"value":{"type":"STRING","data":"never read"}}',
    ].join('\n');
    const answer = await stream(broker, body);
    expect(answer.status).toBe(200);
    expect(lines(answer.text)).toMatchObject([
      { error_code: 200, offset: 0 },
      { error_code: 40_001, message: expect.stringContaining('index=1 field=value.type') },
      { error_code: 40_402 },
      { error_code: 42_203, message: expect.stringContaining('index=3 field=value.data') },
      { error_code: 40_001, message: expect.stringContaining('index=4') },
      { error_code: 200, offset: 1 },
      { error_code: 40_001, message: expect.stringMatching(/position=\d+ got="}" index=6$/) },
    ]);
    expect(broker.logs.get('t/0')?.length).toBe(2);
  });

  test.each(['', ' \n'])('refuses the body %j', async (body) => {
    const answer = await stream(await fakeBroker(), body);
    expect(answer.json).toMatchObject({ error_code: 40_001 });
  });

  test('topic and cluster that are not there', async () => {
    const broker = await fakeBroker();
    const no = (path: string) => ask(broker, `POST ${path}/records`, { headers, body: '{}' });
    expect((await no('/v3/clusters/cluster-1/topics/no')).json).toMatchObject({
      error_code: 40_401,
    });
    expect((await no('/v3/clusters/other/topics/t')).json).toMatchObject({ error_code: 404 });
  });
});

describe('records:batch, v3', () => {
  test('successes and failures by id', async () => {
    const broker = await fakeBroker();
    const entries = [
      { id: 'a', value: { type: 'STRING', data: 'x' } },
      { id: 'b', value: { type: 'STRING', data: 1 } },
      { id: 'c', partition_id: 5 },
      { id: 'd', partition_id: 1 },
    ];
    const answer = await batch(broker, { entries });
    expect(answer.status).toBe(207);
    expect(answer.json).toMatchObject({
      successes: [
        { id: 'a', cluster_id: 'cluster-1', topic_name: 't', partition_id: 0, offset: 0 },
        { id: 'd', partition_id: 1, offset: 0 },
      ],
      failures: [
        { id: 'b', error_code: 42_203, message: expect.stringContaining('id=b field=value.data') },
        { id: 'c', error_code: 40_402 },
      ],
    });
  });

  test.each([
    [{}],
    [{ entries: [] }],
    [{ entries: [{}] }],
    [{ entries: [{ id: 1 }] }],
    [{ entries: [{ id: '' }] }],
    [{ entries: [{ id: 'a b' }] }],
    [{ entries: [{ id: 'a' }, { id: 'a' }] }],
    [{ entries: [{ id: 'a' }], x: 1 }],
    [[]],
  ])('refuses %j as a whole', async (body) => {
    const broker = await fakeBroker();
    const answer = await batch(broker, body);
    expect(answer.json).toMatchObject({ error_code: 40_001 });
    expect(broker.calls).toEqual([]);
  });
});
