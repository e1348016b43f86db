import { describe, expect, test } from 'vitest';
import { OutcomeUnknown } from '../../lib/engine/outcome-unknown.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import { ask, produce } from './ask.ts';
import { fakeBroker, lastCall } from './fake-broker.ts';

const text = (bytes: Uint8Array | null | undefined) =>
  bytes === null || bytes === undefined ? bytes : Buffer.from(bytes).toString('utf8');

describe('produce, v2', () => {
  test('json: keys and values are stored as compact JSON, null as null', async () => {
    const broker = await fakeBroker();
    const records = [
      { key: 'k', value: { a: [1, 'é'] }, partition: 1, timestamp: 5 },
      { value: null },
      { key: 0, value: '' },
    ];
    const answer = await produce(broker, '/topics/t', { records, acks: 'all', key_schema: null });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/vnd.kafka.v2+json');
    expect(answer.json).toEqual({
      offsets: [
        { partition: 1, offset: 0, error_code: null, error: null },
        { partition: 0, offset: 0, error_code: null, error: null },
        { partition: 0, offset: 1, error_code: null, error: null },
      ],
      key_schema_id: null,
      value_schema_id: null,
    });
    const stored = [...(broker.logs.get('t/1') ?? []), ...(broker.logs.get('t/0') ?? [])];
    expect(stored.map((r) => [text(r.key), text(r.value), r.timestamp])).toEqual([
      ['"k"', '{"a":[1,"é"]}', 5n],
      [null, null, 1_000n],
      ['0', '""', 1_000n],
    ]);
  });

  test('json: a number beyond 2^53 is stored digit by digit', async () => {
    const broker = await fakeBroker();
    const body = '{"records":[{"value":{"n":12345678901234567890,"x":0.1}}]}';
    expect((await produce(broker, '/topics/t', body)).status).toBe(200);
    expect(text(broker.logs.get('t/0')?.[0]?.value)).toBe('{"n":12345678901234567890,"x":0.1}');
  });

  test('binary: base64 with headers', async () => {
    const broker = await fakeBroker();
    const headers = [
      { name: 'h', value: 'AP8=' },
      { name: 'h', value: null },
    ];
    const records = [{ key: '', value: 'aGk=', headers }];
    await produce(broker, '/topics/t/partitions/1', { records }, 'binary');
    const [record] = broker.logs.get('t/1') ?? [];
    expect(text(record?.key)).toBe('');
    expect(text(record?.value)).toBe('hi');
    expect(record?.headers).toEqual([
      { name: 'h', value: Buffer.from([0, 255]) },
      { name: 'h', value: null },
    ]);
  });

  test.each(['a', 'aGk', 'aGk=\n', 'aG k=', 'aGl=', '_-8=', '*', 7, {}, true])(
    'binary: refuses %j as base64, naming the record',
    async (value) => {
      const broker = await fakeBroker();
      const records = [{ value: 'aGk=' }, { value }];
      const answer = await produce(broker, '/topics/t', { records }, 'binary');
      expect(answer.status).toBe(422);
      expect(answer.json).toMatchObject({
        error_code: 42_203,
        message: expect.stringMatching(/^expected padded base64.* index=1 field=value$/),
      });
      expect(broker.calls).toEqual([]);
    },
  );

  test.each([
    ['[]', 'expected an object with records, got []'],
    ['{}', 'expected a list of at least one record, got nothing field=records'],
    ['{"records":[]}', 'expected a list of at least one record, got [] field=records'],
    ['{"records":{}}', 'expected a list of at least one record, got {} field=records'],
    ['{"records":[1]}', 'expected an object, got 1 index=0 field=records'],
    ['{"records":[null]}', 'expected an object, got null index=0 field=records'],
    ['{"records":[{"value":1}],"x":1}', 'got another field="x"'],
    ['{"records":[{"value":1}],"value_schema":"{}"}', 'expected no schema'],
    ['{"records":[{"vaule":1}]}', 'got another index=0 field="vaule"'],
    ['{"records":[{"__proto__":1}]}', 'got another index=0 field="__proto__"'],
    ['{"records":[{"partition":-1}]}', 'got -1 index=0 field=partition'],
    ['{"records":[{"partition":1.5}]}', 'got 1.5 index=0 field=partition'],
    ['{"records":[{"partition":"0"}]}', 'got "0" index=0 field=partition'],
    ['{"records":[{"partition":4294967296}]}', 'index=0 field=partition'],
    ['{"records":[{"timestamp":-1}]}', 'index=0 field=timestamp'],
    ['{"records":[{"timestamp":9223372036854775807}]}', 'got 9223372036854775807 index=0'],
    ['{"records":[{"timestamp":1.5}]}', 'index=0 field=timestamp'],
    ['{"records":[{"headers":{}}]}', 'index=0 field=headers'],
    ['{"records":[{"headers":[{"name":1}]}]}', 'index=0 field=headers[0].name'],
    ['{"records":[{"headers":[{"name":"a","valeu":""}]}]}', 'field="headers[0].valeu"'],
    ['{"records":[{"headers":[{"name":"\\ud800"}]}]}', 'field=headers[0].name'],
    ['{"records":[{"value":1}]', 'position=24 got=the end'],
    ['{"records":[{"value":1}],"producers":{}}', 'field=producers'],
    ['{"records":[{"value":1}],"producers":[{}]}', 'producers[0] field=partition'],
  ])('refuses %s', async (body, message) => {
    const broker = await fakeBroker();
    const answer = await produce(broker, '/topics/t', body);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringContaining(message),
    });
    expect(broker.calls).toEqual([]);
  });

  test('refuses a body that is not UTF-8, or has too many records, and unknown acks', async () => {
    const broker = await fakeBroker();
    const latin = Buffer.from('{"records":[{"value":"é"}]}', 'latin1');
    expect((await produce(broker, '/topics/t', latin)).status).toBe(400);
    const many = { records: Array.from({ length: 100_001 }, () => ({})) };
    expect((await produce(broker, '/topics/t', many)).status).toBe(413);
    const acks = await produce(broker, '/topics/t', { records: [{ value: 1 }], acks: 2 });
    expect(acks.json).toMatchObject({ error_code: 40_001 });
    const headers = Array.from({ length: 1_001 }, () => ({ name: 'h' }));
    const heavy = await produce(broker, '/topics/t', { records: [{ headers }] });
    expect(heavy.json).toMatchObject({ error_code: 40_001 });
    expect(broker.calls).toEqual([]);
  });

  test('refuses a value too deep for readers', async () => {
    const broker = await fakeBroker();
    const value = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const answer = await produce(broker, '/topics/t', `{"records":[{"value":${value}}]}`);
    expect(answer.json).toMatchObject({
      error_code: 42_203,
      message: 'expected JSON at most 500 deep, got deeper index=0 field=value',
    });
  });

  test('the partition of the path counts; another one in a record is refused', async () => {
    const broker = await fakeBroker();
    const good = { records: [{ value: 1, partition: 1 }, { value: 2 }] };
    expect((await produce(broker, '/topics/t/partitions/1', good)).status).toBe(200);
    expect(broker.logs.get('t/1')?.length).toBe(2);
    const answer = await produce(broker, '/topics/t/partitions/0', good);
    expect(answer.json).toMatchObject({ error_code: 40_001 });
  });

  test('producers and keys are passed on exactly, not both', async () => {
    const broker = await fakeBroker();
    const body =
      '{"records":[{"value":1}],"producers":[{"partition":0,"producer_id":9223372036854775807,"producer_epoch":3,"sequence":2147483647}]}';
    expect((await produce(broker, '/topics/t', body)).status).toBe(200);
    expect(lastCall(broker, 'produce')).toMatchObject({
      producers: [
        { partition: 0, producerId: 2n ** 63n - 1n, producerEpoch: 3, sequence: 2_147_483_647 },
      ],
    });
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k 1' };
    const both = await ask(broker, 'POST /topics/t', { headers, body });
    expect(both.json).toMatchObject({ error_code: 40_001 });
    await ask(broker, 'POST /topics/t', { headers, body: { records: [{ value: 1 }] } });
    expect(lastCall(broker, 'produce')).toMatchObject({ idempotencyKey: 'k 1' });
  });

  test.each(['', 'x'.repeat(257), 'é', '\u0001'])('refuses the key %j', async (key) => {
    const broker = await fakeBroker();
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const answer = await ask(broker, 'POST /topics/t', { headers, body: { records: [{}] } });
    expect(answer.json).toMatchObject({ error_code: 40_001 });
  });

  test('one producer per partition, and that of the path', async () => {
    const broker = await fakeBroker();
    const producer = { partition: 0, producer_id: 1, producer_epoch: 0, sequence: 0 };
    const records = [{ value: 1 }];
    const twice = { records, producers: [producer, producer] };
    expect((await produce(broker, '/topics/t', twice)).status).toBe(400);
    const other = { records, producers: [producer] };
    expect((await produce(broker, '/topics/t/partitions/1', other)).status).toBe(400);
  });

  test('a record that fails carries its error; its neighbours have offsets', async () => {
    const broker = await fakeBroker();
    const unknown = { commandId: 'abc', retryMayDuplicate: true };
    const failed = { ok: false, partition: 0, message: 'm' } as const;
    broker.answers = [
      { ok: true, partition: 0, offset: 2n ** 63n - 1n, timestamp: 1n },
      { ...failed, error: 'MESSAGE_TOO_LARGE' },
      { ...failed, error: 'REQUEST_TIMED_OUT', unknown },
      { ...failed, partition: 7, error: 'UNKNOWN_TOPIC_OR_PARTITION' },
      { ...failed, partition: undefined, error: 'UNKNOWN_TOPIC_OR_PARTITION' },
    ];
    const records = [{}, {}, {}, { partition: 7 }, {}];
    const answer = await produce(broker, '/topics/t', { records });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"offset":9223372036854775807,');
    const failure = { partition: 0, offset: null, error: 'm' };
    expect(answer.json).toMatchObject({
      offsets: [
        { partition: 0, error_code: null, error: null },
        { ...failure, error_code: 413 },
        { ...failure, error_code: 50_401, command_id: 'abc', retry_may_duplicate: true },
        { ...failure, partition: 7, error_code: 40_402 },
        { ...failure, partition: null, error_code: 40_401 },
      ],
    });
  });

  test('topic and partition that are not there', async () => {
    const broker = await fakeBroker();
    const body = { records: [{ value: 1 }] };
    expect((await produce(broker, '/topics/no', body)).json).toMatchObject({ error_code: 40_401 });
    const to = async (path: string) => (await produce(broker, path, body)).json;
    expect(await to('/topics/no/partitions/0')).toMatchObject({ error_code: 40_401 });
    expect(await to('/topics/t/partitions/2')).toMatchObject({ error_code: 40_402 });
    expect(await to('/topics/t/partitions/-1')).toMatchObject({ error_code: 40_402 });
    expect(await to('/topics/t/partitions/99999999999')).toMatchObject({ error_code: 40_402 });
    expect(await to('/topics/a%20b')).toMatchObject({ error_code: 40_001 });
  });
});

describe('produce, raw', () => {
  const headers = { 'content-type': 'application/octet-stream' };
  const record = { key: null, value: Buffer.from('v'), headers: [], timestamp: 1n };
  const body = encodeBatch([record, record], { codec: 'none' });

  test('passes the bytes on and answers with the base offset', async () => {
    const broker = await fakeBroker();
    const answer = await ask(broker, 'POST /topics/t/partitions/0', { headers, body });
    expect(answer.json).toMatchObject({
      offsets: [
        { partition: 0, offset: 0, error_code: null, error: null, count: 2, timestamp: 1_000 },
      ],
    });
    expect(lastCall(broker, 'produceBatch')).toMatchObject({ batch: Buffer.from(body) });
  });

  test('wants a partition, and no key', async () => {
    const broker = await fakeBroker();
    const topic = await ask(broker, 'POST /topics/t', { headers, body });
    expect(topic.status).toBe(415);
    const keyed = { headers: { ...headers, 'idempotency-key': 'k' }, body };
    const answer = await ask(broker, 'POST /topics/t/partitions/0', keyed);
    expect(answer.json).toMatchObject({ error_code: 40_001 });
  });

  test('an unknown outcome is told with its command', async () => {
    const broker = await fakeBroker();
    broker.failure = new OutcomeUnknown('0123456789abcdef', false);
    const answer = await ask(broker, 'POST /topics/t/partitions/0', { headers, body });
    expect(answer.status).toBe(504);
    expect(answer.json).toMatchObject({
      error_code: 50_401,
      command_id: '0123456789abcdef',
      retry_may_duplicate: false,
    });
  });

  test('over the quota says when to come back', async () => {
    const broker = await fakeBroker();
    broker.failure = new ProtocolError('THROTTLING_QUOTA_EXCEEDED');
    const answer = await ask(broker, 'POST /topics/t/partitions/0', { headers, body });
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('1');
  });
});
