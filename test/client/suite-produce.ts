import { expect, test } from 'vitest';
import { ClosedError } from '../../lib/client/errors.ts';
import { string } from '../../lib/client/serdes.ts';
import type { Client, ProducerRecord } from '../../lib/client/types.ts';
import type { Codec } from '../../lib/protocol/compression.ts';
import { partitionForKey } from '../../lib/protocol/murmur2.ts';
import { errorOf } from '../broker/setup.ts';
import { failureOf, newTopic, numbered, readAll, sendAll, texts } from './suite-support.ts';

export function produceTests(client: () => Client): void {
  const all = (topic: string) =>
    readAll(client().consumer({ value: string, assignments: [{ topic }], until: 'end' }));

  test('a record that was sent is read where its delivery says, with all its parts', async () => {
    const topic = await newTopic(client());
    const timestamp = Date.now() - 1_000;
    const headers = [
      { name: 'h', value: 'x' },
      { name: 'h', value: new Uint8Array([0, 255]) },
      { name: 'ünïcode', value: null },
      { name: '', value: '' },
    ];
    const sent = [{ topic, key: 'k', value: 'v', headers, timestamp }];
    const [delivery] = await sendAll(client(), sent);
    const place = { topic, partition: 0, offset: 0n, timestamp: BigInt(timestamp) };
    expect(delivery).toEqual(place);
    const read = await readAll(client().consumer({ assignments: [{ topic }], until: 'end' }));
    expect(read).toEqual([
      {
        ...place,
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        headers: [
          { name: 'h', value: Buffer.from('x') },
          { name: 'h', value: Buffer.from([0, 255]) },
          { name: 'ünïcode', value: null },
          { name: '', value: Buffer.alloc(0) },
        ],
      },
    ]);
  });

  test('null, what is absent and what is empty are told apart', async () => {
    const topic = await newTopic(client());
    const sent: ProducerRecord[] = [
      { topic, key: 'k', value: null },
      { topic, key: null, value: '' },
      { topic, key: '', value: new Uint8Array() },
      { topic, headers: { a: '1', b: null } },
    ];
    await sendAll(client(), sent);
    const read = await readAll(client().consumer({ assignments: [{ topic }], until: 'end' }));
    const empty = Buffer.alloc(0);
    expect(read.map(({ key, value }) => [key, value])).toEqual([
      [Buffer.from('k'), null],
      [null, empty],
      [empty, empty],
      [null, null],
    ]);
    expect(read[3]?.headers).toEqual([
      { name: 'a', value: Buffer.from('1') },
      { name: 'b', value: null },
    ]);
  });

  test('many records of a partition keep their order, whatever batches they went in', async () => {
    const topic = await newTopic(client());
    const sent = numbered(topic, 500);
    const deliveries = await sendAll(client(), sent, { batchBytes: 2_000, lingerMs: 0 });
    expect(deliveries.map(({ offset }) => offset)).toEqual(sent.map((_, i) => BigInt(i)));
    const read = await all(topic);
    expect(texts(read)).toEqual(sent.map(({ value }) => value));
    expect(read.map(({ offset }) => offset)).toEqual(sent.map((_, i) => BigInt(i)));
  });

  test.each<Codec>(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compression %s', async (codec) => {
    const topic = await newTopic(client());
    const sent = numbered(topic, 200, 'the same words again and again, and a number: ');
    await sendAll(client(), sent, { compression: codec });
    expect(texts(await all(topic))).toEqual(sent.map(({ value }) => value));
  });

  test('keys go where Kafka puts them, in order by key', async () => {
    const topic = await newTopic(client(), { partitions: 5 });
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    const sent = [0, 1, 2].flatMap((round) =>
      keys.map((key) => ({ topic, key, value: `${key} ${round}` })),
    );
    const deliveries = await sendAll(client(), sent);
    expect(deliveries.map(({ partition }) => partition)).toEqual(
      sent.map(({ key }) => partitionForKey(Buffer.from(key), 5)),
    );
    const read = await all(topic);
    for (const key of keys) {
      const found = texts(read).filter((text) => text.startsWith(`${key} `));
      expect(found).toEqual([`${key} 0`, `${key} 1`, `${key} 2`]);
    }
  });

  test('records without a key stay together for a batch, then go elsewhere', async () => {
    const topic = await newTopic(client(), { partitions: 20 });
    const value = 'x'.repeat(900);
    const sent = Array.from({ length: 60 }, () => ({ topic, value }));
    const deliveries = await sendAll(client(), sent, { batchBytes: 10_000 });
    const switches = deliveries.filter(
      ({ partition }, i) => i > 0 && partition !== deliveries[i - 1]?.partition,
    );
    // 60 records of a kB in batches of 10 kB: five changes, or fewer if one draws the same again.
    expect(switches.length).toBeGreaterThan(0);
    expect(switches.length).toBeLessThanOrEqual(6);
    expect(await all(topic)).toHaveLength(60);
  });

  test('a partition that is named, and one that a partitioner chooses', async () => {
    const topic = await newTopic(client(), { partitions: 3 });
    const partitioner = ({ key }: { key: Uint8Array | null }) => (key === null ? 1 : undefined);
    const sent = [
      { topic, value: 'a' },
      { topic, key: 'k', value: 'b' },
      { topic, partition: 2 },
    ];
    const deliveries = await sendAll(client(), sent, { partitioner });
    const keyed = partitionForKey(Buffer.from('k'), 3);
    expect(deliveries.map(({ partition }) => partition)).toEqual([1, keyed, 2]);
  });

  test('a partition or a topic that is not there', async () => {
    const topic = await newTopic(client(), { partitions: 2 });
    await using producer = client().producer();
    const good = producer.send({ topic, partition: 1, value: 'v' });
    const expected = 'UNKNOWN_TOPIC_OR_PARTITION';
    expect(await errorOf(producer.send({ topic, partition: 2, value: 'v' }))).toBe(expected);
    expect(await errorOf(producer.send({ topic, partition: -1, value: 'v' }))).toBe(expected);
    expect(await errorOf(producer.send({ topic: `${topic}-not`, value: 'v' }))).toBe(expected);
    expect((await good).partition).toBe(1);
  });

  test('partitions that are added are used at once if they are named', async () => {
    const topic = await newTopic(client());
    await using producer = client().producer();
    await producer.send({ topic, value: 'v' });
    await client().admin.createPartitions(topic, 4);
    expect(await producer.send({ topic, partition: 3, value: 'v' })).toMatchObject({
      partition: 3,
      offset: 0n,
    });
  });

  test('large records, and batches larger than the topic takes: only what is alone too large is refused', async () => {
    const topic = await newTopic(client(), { configs: { 'max.message.bytes': '20000' } });
    const values = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    await using producer = client().producer({ lingerMs: 20 });
    const sending = values.map((value) => producer.send({ topic, value }));
    const tooLarge = failureOf(producer.send({ topic, value: 'y'.repeat(30_000) }));
    sending.push(producer.send({ topic, value: 'last' }));
    const offsets = (await Promise.all(sending)).map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.map((_, i) => BigInt(i)));
    expect(await tooLarge).toMatchObject({ kafka: 'MESSAGE_TOO_LARGE' });
    expect(texts(await all(topic))).toEqual([...values, 'last']);
  });

  test('a record of almost a megabyte', async () => {
    const topic = await newTopic(client());
    const value = 'z'.repeat(1_000_000);
    await sendAll(client(), [
      { topic, value: 'a' },
      { topic, value },
      { topic, value: 'b' },
    ]);
    expect(texts(await all(topic))).toEqual(['a', value, 'b']);
  });

  test('the time of the append, where the topic keeps that', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    const topic = await newTopic(client(), { configs });
    const sent = [
      { topic, value: 'a', timestamp: 1_000 },
      { topic, value: 'b', timestamp: 2_000 },
    ];
    const deliveries = await sendAll(client(), sent);
    const read = await all(topic);
    expect(read[0]?.timestamp).toBeGreaterThan(1_600_000_000_000n);
    expect(deliveries.map(({ timestamp }) => timestamp)).toEqual(
      read.map(({ timestamp }) => timestamp),
    );
  });

  test('a time that the topic refuses, or that is none', async () => {
    const configs = { 'message.timestamp.after.max.ms': '3600000' };
    const topic = await newTopic(client(), { configs });
    await using producer = client().producer();
    const late = { topic, timestamp: Date.now() + 1e9 };
    expect(await errorOf(producer.send(late))).toBe('INVALID_TIMESTAMP');
    expect(await errorOf(producer.send({ topic, timestamp: -1 }))).toBe('INVALID_TIMESTAMP');
    expect(await errorOf(producer.send({ topic, timestamp: 0.5 }))).toBe('INVALID_TIMESTAMP');
    expect(await producer.send({ topic, value: 'next' })).toMatchObject({ offset: 0n });
  });

  test('without sequences it appends as well', async () => {
    const topic = await newTopic(client());
    await sendAll(client(), numbered(topic, 5), { idempotent: false });
    await sendAll(client(), numbered(topic, 5, 'w'), { idempotent: false });
    expect(await all(topic)).toHaveLength(10);
  });

  test('several producers of one client at once lose nothing', async () => {
    const topic = await newTopic(client());
    await Promise.all(['a', 'b', 'c'].map((p) => sendAll(client(), numbered(topic, 50, p))));
    const read = texts(await all(topic));
    expect(read).toHaveLength(150);
    for (const p of ['a', 'b', 'c']) {
      const mine = read.filter((text) => text.startsWith(p));
      expect(mine).toEqual(Array.from({ length: 50 }, (_, i) => `${p}${i}`));
    }
  });

  test('flush sends what lingers; close flushes, and nothing is sent after it', async () => {
    const topic = await newTopic(client());
    const producer = client().producer({ lingerMs: 3_600_000 });
    const first = producer.send({ topic, value: 'a' });
    await producer.flush();
    expect(await first).toMatchObject({ offset: 0n });
    const second = producer.send({ topic, value: 'b' });
    await producer.close();
    expect(await second).toMatchObject({ offset: 1n });
    expect(await failureOf(producer.send({ topic, value: 'c' }))).toBeInstanceOf(ClosedError);
  });

  test('a topic that is deleted, and made again under its name', async () => {
    const topic = await newTopic(client());
    await using producer = client().producer();
    for (const value of ['a', 'b']) await producer.send({ topic, value });
    await client().admin.deleteTopic(topic);
    const gone = await errorOf(producer.send({ topic, value: 'lost' }));
    expect(gone).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    await client().admin.createTopic({ name: topic, partitions: 2 });
    expect(await producer.send({ topic, partition: 0, value: 'c' })).toMatchObject({ offset: 0n });
    expect(texts(await all(topic))).toEqual(['c']);
  });
}
