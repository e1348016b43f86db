import { describe, expect, test } from 'vitest';
import { partitionForKey } from '../../lib/protocol/murmur2.ts';
import { api, binaryRecords, offsetsOf, uniqueName } from './api.ts';

const door = api();
const binary = { 'content-type': binaryRecords };

describe('records', () => {
  test('get offsets in order and come back as they were', async () => {
    const topic = await door.topic();
    const headers = [
      { name: 'a', value: 'AP8=' },
      { name: 'a', value: null },
      { name: '', value: '' },
    ];
    const values = [{ a: [1, null, 'é\u0000💧'] }, 'text', 0, false, '', [], -1.5e-7];
    const records = values.map((value, index) => ({ key: `k${index}`, value, headers }));
    const answer = await door.produce(topic, records);
    expect(answer.json).toMatchObject({ key_schema_id: null, value_schema_id: null });
    expect(offsetsOf(answer)).toEqual(values.map((_, offset) => ({ partition: 0, offset })));
    const read = await door.read(topic);
    expect(read.json).toMatchObject(
      records.map((record, offset) => ({ topic, partition: 0, offset, ...record })),
    );
    expect(read.headers.get('tailrace-undecoded')).toBeNull();
  });

  test('json: every digit is kept', async () => {
    const topic = await door.topic();
    const value = '{"n":12345678901234567890,"x":0.12345678901234567890,"e":1e400}';
    await door.ask(`POST /topics/${topic}`, { body: `{"records":[{"value":${value}}]}` });
    expect((await door.read(topic)).text).toContain(`"value":${value}`);
  });

  test('binary: any bytes, and null is not empty', async () => {
    const topic = await door.topic();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');
    const records = [
      { key: bytes, value: bytes },
      { key: '', value: '' },
      { key: null, value: null },
      {},
    ];
    offsetsOf(await door.produce(topic, records, {}, binary));
    const read = await door.read(topic, 'offset=beginning', 0, binaryRecords);
    expect(read.json).toMatchObject([
      { key: bytes, value: bytes },
      { key: '', value: '' },
      { key: null, value: null },
      { key: null, value: null },
    ]);
    const json = await door.read(topic);
    expect(json.headers.get('tailrace-undecoded')).toBe('4');
    expect(json.json).toMatchObject([
      { key: { __base64: bytes }, value: { __base64: bytes } },
      { key: { __base64: '' } },
      { key: null, value: null },
      { key: null, value: null },
    ]);
  });

  test('with a key go where Kafka’s partitioner says, else where they are told to', async () => {
    const topic = await door.topic(7);
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const records = keys.map((key) => ({ key: Buffer.from(key).toString('base64'), value: '' }));
    const offsets = offsetsOf(await door.produce(topic, records, {}, binary));
    expect(offsets.map(({ partition }) => partition)).toEqual(
      keys.map((key) => partitionForKey(Buffer.from(key), 7)),
    );
    const told = await door.produce(topic, [
      { key: 'a', value: 1, partition: 6 },
      { key: 'a', value: 1, partition: 2 },
    ]);
    expect(offsetsOf(told).map(({ partition }) => partition)).toEqual([6, 2]);
    const keyless = await door.produce(topic, [{ value: 1 }, { value: 2 }]);
    expect(new Set(offsetsOf(keyless).map(({ partition }) => partition)).size).toBe(1);
  });

  test('timestamps are the client’s, or the time of arrival', async () => {
    const topic = await door.topic();
    const before = Date.now();
    await door.produce(topic, [{ value: 1, timestamp: 1_000 }, { value: 2 }]);
    const { json } = await door.read(topic);
    const [first, second] = json as { timestamp: number }[];
    expect(first?.timestamp).toBe(1_000);
    // The server's clock may differ from ours when it is another machine's.
    expect(Math.abs((second?.timestamp ?? 0) - before)).toBeLessThan(300_000);
  });

  test('LogAppendTime overrules the client', async () => {
    const topic = await door.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    await door.produce(topic, [{ value: 1, timestamp: 1_000 }]);
    const { json } = await door.read(topic);
    const [record] = json as { timestamp: number }[];
    expect(record?.timestamp).toBeGreaterThan(1_000_000_000_000);
  });

  test('concurrent requests all get offsets of their own, without a hole', async () => {
    const topic = await door.topic();
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        door.produce(topic, [{ value: `${index}a` }, { value: `${index}b` }]),
      ),
    );
    const pairs = answers.map((answer) => offsetsOf(answer).map(({ offset }) => offset));
    for (const [first, second] of pairs) expect(second).toBe((first ?? 0) + 1);
    expect(pairs.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const values = await door.values(topic);
    for (const [index, pair] of pairs.entries()) {
      expect([values[pair[0] ?? 0], values[pair[1] ?? 0]]).toEqual([`${index}a`, `${index}b`]);
    }
  });

  test('acks of any kind', async () => {
    const topic = await door.topic();
    for (const acks of ['all', -1, 0, 1]) {
      offsetsOf(await door.produce(topic, [{ value: 1 }], { acks }));
    }
    expect(await door.produce(topic, [{ value: 1 }], { acks: 2 })).toBeError(40_001, /acks/);
  });
});

describe('records that fail', () => {
  test('carry their own errors, and their neighbours have offsets', async () => {
    const topic = await door.topic(2, { 'max.message.bytes': 2_000 });
    const answer = await door.produce(topic, [
      { value: 'good', partition: 0 },
      { value: 'x'.repeat(3_000), partition: 0 },
      { value: 'nowhere', partition: 2 },
      { value: 'good', partition: 1 },
      { value: 'early', partition: 0, timestamp: 9_000_000_000_000_000 },
      { value: 'good', partition: 0 },
    ]);
    expect(answer.status).toBe(200);
    const refused = { offset: null, error: expect.stringMatching(/\w/) };
    expect(answer.json).toMatchObject({
      offsets: [
        { partition: 0, offset: 0, error_code: null, error: null },
        { ...refused, partition: 0, error_code: 413 },
        { ...refused, partition: 2, error_code: 40_402 },
        { partition: 1, offset: 0, error_code: null, error: null },
        { ...refused, partition: 0, error_code: 422 },
        { partition: 0, offset: 1, error_code: null, error: null },
      ],
    });
    expect(await door.values(topic)).toEqual(['good', 'good']);
  });

  test('topics and partitions that are not there', async () => {
    const topic = await door.topic();
    expect(await door.produce(uniqueName(), [{ value: 1 }])).toBeError(40_401);
    expect(await door.produce(`${uniqueName()}/partitions/0`, [{ value: 1 }])).toBeError(40_401);
    expect(await door.produce(`${topic}/partitions/1`, [{ value: 1 }])).toBeError(40_402);
    expect(await door.produce('a%20b', [{ value: 1 }])).toBeError(40_001);
  });
});

describe('requests that are refused leave nothing', () => {
  test('malformed ones', async () => {
    const topic = await door.topic();
    const post = (body: unknown, headers = {}) =>
      door.ask(`POST /topics/${topic}`, { body, headers });
    const good = '{"value":1}';
    expect(await post(`{"records":[${good},]}`)).toBeError(40_001, /position=24/);
    expect(await post('')).toBeError(40_001);
    expect(await post(`{"records":[${good}]} x`)).toBeError(40_001, /position=26/);
    expect(await post({ records: [] })).toBeError(40_001);
    expect(await post({ record: [{ value: 1 }] })).toBeError(40_001);
    expect(await post({ records: [{ value: 1 }, 2] })).toBeError(40_001, /index=1/);
    expect(await post({ records: [{ value: 1 }, { val: 2 }] })).toBeError(
      40_001,
      /index=1 field="val"/,
    );
    expect(await post(`{"records":[${good},{"partition":18014398509481985}]}`)).toBeError(
      40_001,
      /index=1/,
    );
    expect(await post(`{"records":[${good},{"timestamp":18446744073709551616}]}`)).toBeError(
      40_001,
    );
    expect(await post(`{"records":[${good},{"timestamp":-1}]}`)).toBeError(40_001, /index=1/);
    const deep = `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
    expect(await post(`{"records":[${good},{"value":${deep}}]}`)).toBeError(42_203, /index=1/);
    for (const value of ['a', 'aGk', 'a*==', 'aGl=', 1]) {
      const answer = await post({ records: [{ value: 'aGk=' }, { value }] }, binary);
      expect(answer).toBeError(42_203, /base64.*index=1 field=value/);
    }
    expect(await door.endOffset(topic)).toBe(0);
  });

  test('too many records', async () => {
    const topic = await door.topic();
    const records = Array.from({ length: 10_001 }, () => ({}));
    expect(await door.produce(topic, records)).toBeError(413, /10000/);
    expect(await door.endOffset(topic)).toBe(0);
  });
});
