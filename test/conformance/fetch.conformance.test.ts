import { describe, expect, test } from 'vitest';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { api, binaryRecords, offsetsOf, uniqueName } from './api.ts';
import type { Answer } from './api.ts';

const door = api();

const bounds = ({ headers }: Answer) => ({
  highWatermark: headers.get('tailrace-high-watermark'),
  logStartOffset: headers.get('tailrace-log-start-offset'),
  next: headers.get('tailrace-next-offset'),
});

describe('fetch', () => {
  test('from the beginning, the end, and every offset between', async () => {
    const topic = await door.topic();
    await door.produce(topic, [{ value: 0 }, { value: 1 }]);
    await door.produce(topic, [{ value: 2 }, { value: 3 }, { value: 4 }]);
    for (let offset = 0; offset <= 5; offset += 1) {
      const answer = await door.read(topic, `offset=${offset}`);
      const expected = [0, 1, 2, 3, 4].slice(offset);
      expect(answer.json).toMatchObject(
        expected.map((value) => ({ topic, partition: 0, offset: value, value })),
      );
      expect(bounds(answer)).toEqual({ highWatermark: '5', logStartOffset: '0', next: '5' });
    }
    expect((await door.read(topic, 'offset=beginning')).json).toHaveLength(5);
    expect((await door.read(topic, 'offset=end')).json).toEqual([]);
  });

  test('an empty partition answers at once, with nothing', async () => {
    const topic = await door.topic();
    const answer = await door.read(topic);
    expect(answer.json).toEqual([]);
    expect(bounds(answer)).toEqual({ highWatermark: '0', logStartOffset: '0', next: '0' });
  });

  test('outside the log is 40003; what is no offset is 40001', async () => {
    const topic = await door.topic();
    await door.produce(topic, [{ value: 1 }]);
    expect(await door.read(topic, 'offset=2')).toBeError(40_003, /0.*1/);
    expect(await door.read(topic, 'offset=9007199254740993')).toBeError(40_003, /9007199254740993/);
    expect(await door.read(topic, 'offset=9223372036854775807')).toBeError(40_003);
    for (const offset of ['-1', '9223372036854775808', '1e3', '1.0', 'x', '', '%00', 'END']) {
      expect(await door.read(topic, `offset=${offset}`)).toBeError(40_001, /parameter=offset/);
    }
    expect(await door.read(topic, '')).toBeError(40_001, /parameter=offset/);
    expect(await door.read(topic, 'offset=0&offset=1')).toBeError(40_001);
    for (const name of ['timeout', 'min_bytes', 'max_bytes']) {
      for (const value of ['-1', 'x', '2147483648', '1.5', '']) {
        const answer = await door.read(topic, `offset=0&${name}=${value}`);
        expect(answer).toBeError(40_001, new RegExp(`parameter=${name}`));
      }
    }
  });

  test('what is not there', async () => {
    const topic = await door.topic();
    expect(await door.read(uniqueName())).toBeError(40_401);
    expect(await door.read(topic, 'offset=0', 1)).toBeError(40_402);
  });

  test('max_bytes cuts, never to nothing, and reading on by Next-Offset gives all', async () => {
    const topic = await door.topic();
    const values = Array.from({ length: 30 }, (_, index) => `${index}-${'x'.repeat(index * 40)}`);
    await door.produce(
      topic,
      values.slice(0, 10).map((value) => ({ value })),
    );
    await door.produce(
      topic,
      values.slice(10).map((value) => ({ value })),
    );
    const seen: unknown[] = [];
    let next = '0';
    let answers = 0;
    while (next !== '30' && answers < 31) {
      const answer = await door.read(topic, `offset=${next}&max_bytes=1500`);
      const records = answer.json as { value: unknown }[];
      expect(records.length).toBeGreaterThan(0);
      seen.push(...records.map(({ value }) => value));
      next = bounds(answer).next ?? '';
      answers += 1;
    }
    expect(seen).toEqual(values);
    expect(answers).toBeGreaterThan(5);
  });

  test('a large partition comes in answers within the limit', async () => {
    const topic = await door.topic(1, { 'max.message.bytes': 2_000_000 });
    const value = Buffer.alloc(900_000, 0xff).toString('base64');
    for (let sent = 0; sent < 4; sent += 1) {
      offsetsOf(await door.produce(topic, [{ value }], {}, { 'content-type': binaryRecords }));
    }
    const seen: number[] = [];
    while (seen.length < 4) {
      const answer = await door.read(topic, `offset=${seen.length}`, 0, binaryRecords);
      expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(4 * 1024 * 1024);
      const records = answer.json as { offset: number; value: string }[];
      expect(records.every((record) => record.value === value)).toBe(true);
      seen.push(...records.map(({ offset }) => offset));
    }
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('waits for what is not there yet', async () => {
    const topic = await door.topic();
    const waiting = door.read(topic, 'offset=0&timeout=15000&min_bytes=1');
    await door.produce(topic, [{ value: 'here' }]);
    expect((await waiting).json).toMatchObject([{ offset: 0, value: 'here' }]);
  });

  test('gives what there is when the time is over, and does not wait for no bytes', async () => {
    const topic = await door.topic();
    await door.produce(topic, [{ value: 1 }]);
    const late = await door.read(topic, 'offset=0&timeout=300&min_bytes=1000000');
    expect(late.json).toMatchObject([{ value: 1 }]);
    const empty = await door.read(topic, 'offset=1&timeout=300&min_bytes=1');
    expect(empty.json).toEqual([]);
    const none = await door.read(topic, 'offset=1&timeout=15000&min_bytes=0');
    expect(none.json).toEqual([]);
  });
});

describe('offsets', () => {
  const offsets = (topic: string, query = '') =>
    door.ask(`GET /topics/${topic}/partitions/0/offsets${query}`);

  test('first and last', async () => {
    const topic = await door.topic();
    expect((await offsets(topic)).json).toEqual({ beginning_offset: 0, end_offset: 0 });
    await door.produce(topic, [{ value: 1 }, { value: 2 }]);
    expect((await offsets(topic)).json).toEqual({ beginning_offset: 0, end_offset: 2 });
  });

  test('by time: the first record at or after it, wherever it lies', async () => {
    const topic = await door.topic();
    const none = { offset: -1, timestamp: -1 };
    expect((await offsets(topic, '?timestamp=0')).json).toEqual(none);
    expect((await offsets(topic, '?timestamp=max')).json).toEqual(none);
    const timestamps = [50, 10, 30, 30, 90, 20];
    await door.produce(
      topic,
      timestamps.slice(0, 3).map((timestamp) => ({ timestamp })),
    );
    const rest = timestamps.slice(3).map((time) => BigInt(time));
    const batch = encodeBatch(
      rest.map((timestamp) => ({ key: null, value: null, headers: [], timestamp })),
      { codec: 'gzip' },
    );
    offsetsOf(await door.raw(topic, batch));
    for (const time of [0, 10, 11, 30, 50, 51, 90, 91]) {
      const offset = timestamps.findIndex((timestamp) => timestamp >= time);
      const expected = offset < 0 ? none : { offset, timestamp: timestamps[offset] };
      expect((await offsets(topic, `?timestamp=${time}`)).json, `at ${time}`).toEqual(expected);
    }
    expect((await offsets(topic, '?timestamp=max')).json).toEqual({ offset: 4, timestamp: 90 });
    const v3 = await door.ask(
      `GET ${door.cluster}/topics/${topic}/partitions/0/offset?timestamp=51`,
    );
    expect(v3.json).toMatchObject({ kind: 'KafkaPartitionOffset', offset: 4, timestamp: 90 });
  });

  test('huge and malformed times', async () => {
    const topic = await door.topic();
    await door.produce(topic, [{ value: 1 }]);
    const late = await offsets(topic, '?timestamp=9223372036854775807');
    expect(late.json).toEqual({ offset: -1, timestamp: -1 });
    for (const time of ['-1', '9223372036854775808', 'yesterday', '']) {
      expect(await offsets(topic, `?timestamp=${time}`)).toBeError(40_001, /parameter=timestamp/);
    }
  });
});
