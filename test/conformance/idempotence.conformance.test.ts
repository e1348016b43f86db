import { describe, expect, test } from 'vitest';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { api, offsetsOf, uniqueName } from './api.ts';

const door = api();

describe('producers', () => {
  const producer = (sequence: number, epoch = 0, partition = 0) => ({
    producers: [{ partition, producer_id: 77, producer_epoch: epoch, sequence }],
  });
  const errorOf = async (topic: string, more: object) => {
    const answer = await door.produce(topic, [{ value: 'no', partition: 0 }], { ...more });
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  };
  const refused = (code: number) => ({
    offsets: [{ partition: 0, offset: null, error_code: code, error: expect.stringMatching(/\w/) }],
  });

  test('a repetition answers with the original offsets', async () => {
    const topic = await door.topic();
    const two = [{ value: 1 }, { value: 2 }];
    expect(offsetsOf(await door.produce(topic, two, producer(0)))).toMatchObject([
      { offset: 0 },
      { offset: 1 },
    ]);
    offsetsOf(await door.produce(topic, [{ value: 3 }], producer(2)));
    expect(offsetsOf(await door.produce(topic, two, producer(0)))).toMatchObject([
      { offset: 0 },
      { offset: 1 },
    ]);
    expect(await door.values(topic)).toEqual([1, 2, 3]);
  });

  test('a gap is refused, an old epoch is fenced, a new one begins at 0', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, [{ value: 1 }], producer(0)));
    expect(await errorOf(topic, producer(5))).toMatchObject(refused(40_903));
    expect(await errorOf(topic, producer(3, 1))).toMatchObject(refused(40_903));
    offsetsOf(await door.produce(topic, [{ value: 2 }], producer(0, 1)));
    expect(await errorOf(topic, producer(1, 0))).toMatchObject(refused(40_903));
    expect(await door.values(topic)).toEqual([1, 2]);
  });

  test('sequences count by partition', async () => {
    const topic = await door.topic(2);
    const records = [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1 },
      { value: 'c', partition: 0 },
    ];
    const producers = [0, 1].map((partition) => ({
      partition,
      producer_id: 9_223_372_036_854,
      producer_epoch: 0,
      sequence: 0,
    }));
    const first = offsetsOf(await door.produce(topic, records, { producers }));
    expect(offsetsOf(await door.produce(topic, records, { producers }))).toEqual(first);
    expect(await door.values(topic, 0)).toEqual(['a', 'c']);
    expect(await door.values(topic, 1)).toEqual(['b']);
  });

  test('ids up to 2^63-1 are exact, beyond they are refused', async () => {
    const topic = await door.topic();
    const body = (id: string) =>
      `{"records":[{"value":1}],"producers":[{"partition":0,"producer_id":${id},"producer_epoch":0,"sequence":0}]}`;
    const post = (id: string) => door.ask(`POST /topics/${topic}`, { body: body(id) });
    expect(offsetsOf(await post('9223372036854775806'))).toMatchObject([{ offset: 0 }]);
    expect(offsetsOf(await post('9223372036854775807'))).toMatchObject([{ offset: 1 }]);
    expect(offsetsOf(await post('9223372036854775806'))).toMatchObject([{ offset: 0 }]);
    for (const id of ['9223372036854775808', '-1', '1.5', '"1"', '1e30']) {
      expect(await post(id)).toBeError(40_001, /producer_id/);
    }
  });

  test('nonsense is refused', async () => {
    const topic = await door.topic();
    const good = { partition: 0, producer_id: 1, producer_epoch: 0, sequence: 0 };
    const wrong = [
      'x',
      [1],
      [{}],
      [{ ...good, sequence: -1 }],
      [{ ...good, sequence: 2 ** 31 }],
      [{ ...good, producer_epoch: 40_000 }],
      [{ ...good, extra: 1 }],
      [good, good],
    ];
    for (const producers of wrong) {
      expect(await door.produce(topic, [{ value: 1 }], { producers })).toBeError(40_001);
    }
    expect(await door.endOffset(topic)).toBe(0);
  });

  test('a raw batch carries its own', async () => {
    const topic = await door.topic();
    const batchAt = (baseSequence: number, producerEpoch = 0) =>
      encodeBatch(
        [{ key: null, value: Buffer.from('1'), headers: [], timestamp: BigInt(Date.now()) }],
        { codec: 'none', producerId: 5n, producerEpoch, baseSequence },
      );
    expect(offsetsOf(await door.raw(topic, batchAt(0)))).toMatchObject([{ offset: 0 }]);
    expect(offsetsOf(await door.raw(topic, batchAt(1)))).toMatchObject([{ offset: 1 }]);
    expect(offsetsOf(await door.raw(topic, batchAt(0)))).toMatchObject([{ offset: 0 }]);
    expect(await door.raw(topic, batchAt(7))).toBeError(40_903);
    offsetsOf(await door.raw(topic, batchAt(0, 1)));
    expect(await door.raw(topic, batchAt(2, 0))).toBeError(40_903);
    expect(await door.endOffset(topic)).toBe(3);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (topic: string, records: unknown, key: string) =>
    door.produce(topic, records, {}, { 'idempotency-key': key });

  test('a repetition answers with the original offsets', async () => {
    const topic = await door.topic(3);
    const key = uniqueName();
    const records = ['a', 'b', 'c', 'd', 'e'].map((value) => ({ key: value, value }));
    const first = offsetsOf(await keyed(topic, records, key));
    await door.produce(topic, records);
    expect(offsetsOf(await keyed(topic, records, key))).toEqual(first);
    const ends = await Promise.all([0, 1, 2].map((partition) => door.endOffset(topic, partition)));
    expect(ends.map(Number).reduce((sum, end) => sum + end, 0)).toBe(10);
  });

  test('many at once append once', async () => {
    const topic = await door.topic();
    const key = uniqueName();
    const records = [{ value: 1 }, { value: 2 }];
    const answers = await Promise.all(Array.from({ length: 8 }, () => keyed(topic, records, key)));
    const offsets = answers.map(offsetsOf);
    for (const each of offsets) expect(each).toEqual(offsets[0]);
    expect(await door.values(topic)).toEqual([1, 2]);
  });

  test('another body under the same key is refused', async () => {
    const topic = await door.topic();
    const key = uniqueName();
    offsetsOf(await keyed(topic, [{ value: 1 }], key));
    expect(await keyed(topic, [{ value: 2 }], key)).toBeError(40_001, /key/);
    expect(await door.values(topic)).toEqual([1]);
  });

  test('the same key in another topic is another request', async () => {
    const key = uniqueName();
    const topics = [await door.topic(), await door.topic()];
    for (const topic of topics) offsetsOf(await keyed(topic, [{ value: 1 }], key));
    for (const topic of topics) expect(await door.values(topic)).toEqual([1]);
  });

  test('is not for raw batches, not beside producers, and at most 256 characters', async () => {
    const topic = await door.topic();
    expect(await keyed(topic, [{ value: 1 }], 'x'.repeat(257))).toBeError(40_001, /256/);
    const producers = [{ partition: 0, producer_id: 1, producer_epoch: 0, sequence: 0 }];
    const both = await door.produce(
      topic,
      [{ value: 1 }],
      { producers },
      { 'idempotency-key': 'k' },
    );
    expect(both).toBeError(40_001, /both/);
    const raw = await door.ask(`POST /topics/${topic}/partitions/0`, {
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': 'k' },
      body: encodeBatch([{ key: null, value: null, headers: [], timestamp: 1n }], {
        codec: 'none',
      }),
    });
    expect(raw).toBeError(40_001, /raw/);
    expect(await door.endOffset(topic)).toBe(0);
  });
});
