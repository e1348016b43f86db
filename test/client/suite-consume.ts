import { expect, test } from 'vitest';
import { ClosedError, DeserializationError } from '../../lib/client/errors.ts';
import { bytes, json, string } from '../../lib/client/serdes.ts';
import type { Client, ConsumerOptions, Position } from '../../lib/client/types.ts';
import { errorOf } from '../broker/setup.ts';
import { failureOf, newTopic, numbered, readAll, sendAll, take, texts } from './suite-support.ts';

export function consumeTests(client: () => Client): void {
  const filled = async (count = 10): Promise<string> => {
    const topic = await newTopic(client());
    // A second apart, so that times tell them apart, in batches of three or so.
    const base = Date.now() - 1_000_000;
    const sent = numbered(topic, count).map((record, i) => {
      return { ...record, timestamp: base + i * 1_000 };
    });
    await sendAll(client(), sent, { batchBytes: 150 });
    return topic;
  };
  const reading = (options: ConsumerOptions<Buffer | null, string | null>) =>
    client().consumer({ value: string, until: 'end', ...options });

  test('from every kind of position', async () => {
    const topic = await filled();
    const [third] = await take(1, reading({ assignments: [{ topic, from: { offset: 3 } }] }));
    const time = third?.timestamp ?? 0n;
    const cases: [Position, number][] = [
      ['beginning', 0],
      ['end', 10],
      [{ offset: 4n }, 4],
      [{ offset: 10 }, 10],
      [{ timestamp: time }, 3],
      [{ timestamp: Number(time) + 1 }, 4],
      [{ timestamp: new Date(0) }, 0],
      [{ timestamp: time + 3_600_000n }, 10],
      [{ last: 2 }, 8],
      [{ last: 100 }, 0],
      [{ last: 0 }, 10],
    ];
    for (const [from, first] of cases) {
      const expected = Array.from({ length: 10 - first }, (_, i) => `v${first + i}`);
      expect(texts(await readAll(reading({ assignments: [{ topic, from }] })))).toEqual(expected);
      expect(texts(await readAll(reading({ assignments: [{ topic }], from })))).toEqual(expected);
      await using consumer = reading({ assignments: [{ topic }], from: 'end' });
      await consumer.seek({ topic, partition: 0 }, from);
      expect(texts(await take(10 - first, consumer))).toEqual(expected);
    }
  });

  test('seek in the middle of an iteration, forth and back', async () => {
    const topic = await filled();
    const at = { topic, partition: 0 };
    await using consumer = reading({ assignments: [at] });
    const records = consumer.records();
    const next = async () => (await records.next()).value?.value;
    expect([await next(), await next()]).toEqual(['v0', 'v1']);
    expect(consumer.position(at)).toBe(2n);
    await consumer.seek(at, { offset: 7 });
    expect(consumer.position(at)).toBe(7n);
    expect([await next(), await next()]).toEqual(['v7', 'v8']);
    await consumer.seek(at, 'beginning');
    expect([await next(), await next()]).toEqual(['v0', 'v1']);
    await consumer.seek(at, { last: 1 });
    expect(await next()).toBe('v9');
    expect(await records.next()).toEqual({ done: true, value: undefined });
  });

  test('position, high watermark and lag', async () => {
    const topic = await filled();
    const at = { topic, partition: 0 };
    await using consumer = reading({ assignments: [{ ...at, from: { offset: 4 } }] });
    expect(consumer.position(at)).toBeUndefined();
    expect(consumer.lag(at)).toBeUndefined();
    await take(2, consumer);
    expect(consumer.assignment).toEqual([at]);
    expect(consumer.position(at)).toBe(6n);
    expect(consumer.highWatermark(at)).toBe(10n);
    expect(consumer.lag(at)).toBe(4n);
    expect(await take(4, consumer)).toHaveLength(4);
    expect(consumer.lag(at)).toBe(0n);
  });

  test('an iteration that is left goes on where it was, in the middle of a batch', async () => {
    const topic = await newTopic(client());
    await sendAll(client(), numbered(topic, 9));
    await using consumer = reading({ assignments: [{ topic }] });
    expect(texts(await take(4, consumer))).toEqual(['v0', 'v1', 'v2', 'v3']);
    expect(texts(await take(1, consumer))).toEqual(['v4']);
    const [batch] = await take(1, consumer.batches());
    expect(texts(batch?.records ?? [])).toEqual(['v5', 'v6', 'v7', 'v8']);
    expect(await readAll(consumer)).toEqual([]);
  });

  test('batches adjoin, and hold every record once', async () => {
    const topic = await filled(20);
    await using consumer = reading({ assignments: [{ topic, from: { offset: 1 } }] });
    const found: string[] = [];
    for await (const batch of consumer.batches()) {
      expect(batch).toMatchObject({ topic, partition: 0, highWatermark: 20n });
      expect(batch.records.length).toBeGreaterThan(0);
      found.push(...texts(batch.records));
    }
    expect(found).toEqual(Array.from({ length: 19 }, (_, i) => `v${i + 1}`));
  });

  test('until the end: what comes meanwhile is not waited for', async () => {
    const topic = await filled(3);
    await using consumer = reading({ assignments: [{ topic }] });
    const found: string[] = [];
    for await (const { value } of consumer) {
      found.push(String(value));
      if (found.length === 1) await sendAll(client(), numbered(topic, 2, 'later'));
    }
    expect(found).toEqual(['v0', 'v1', 'v2']);
    expect(texts(await readAll(consumer))).toEqual(['later0', 'later1']);
  });

  test('until the end of topics without records, and of no topic at all', async () => {
    const topic = await newTopic(client(), { partitions: 3 });
    expect(await readAll(reading({ assignments: [{ topic }] }))).toEqual([]);
    expect(await readAll(reading({}))).toEqual([]);
  });

  test('what comes while one waits', async () => {
    const topic = await filled(1);
    await using consumer = client().consumer({ value: string, assignments: [{ topic }] });
    const records = consumer.records();
    expect((await records.next()).value?.value).toBe('v0');
    const waiting = records.next();
    await sendAll(client(), numbered(topic, 1, 'new'));
    expect((await waiting).value).toMatchObject({ value: 'new0', offset: 1n });
    await records.return?.();
  });

  test('all partitions of several topics, each in order', async () => {
    const [a, b] = [
      await newTopic(client(), { partitions: 3 }),
      await newTopic(client(), { partitions: 2 }),
    ];
    const sent = Array.from({ length: 60 }, (_, i) => {
      const topic = i % 2 === 0 ? a : b;
      return { topic, partition: i % (topic === a ? 3 : 2), value: String(i) };
    });
    await sendAll(client(), sent, { batchBytes: 200 });
    const read = await readAll(reading({ assignments: [{ topic: a }, { topic: b }] }));
    expect(
      texts(read)
        .map(Number)
        .toSorted((x, y) => x - y),
    ).toEqual(sent.map((_, i) => i));
    for (const { topic, partition } of sent) {
      const mine = read.filter((r) => r.topic === topic && r.partition === partition);
      expect(mine.map(({ offset }) => offset)).toEqual(mine.map((_, i) => BigInt(i)));
      const values = mine.map(({ value }) => Number(value));
      expect(values).toEqual(values.toSorted((x, y) => x - y));
    }
  });

  test('pause and resume: the others go on, and nothing is lost', async () => {
    const topic = await newTopic(client(), { partitions: 2 });
    const sent = Array.from({ length: 20 }, (_, i) => {
      return { topic, partition: i % 2, value: `${i % 2}` };
    });
    await sendAll(client(), sent);
    await using consumer = client().consumer({ value: string, assignments: [{ topic }] });
    const records = consumer.records();
    const take10 = async (): Promise<string[]> => {
      const found: string[] = [];
      while (found.length < 10) found.push(String((await records.next()).value?.value));
      return found;
    };
    const first = String((await records.next()).value?.value);
    const paused = { topic, partition: Number(first) };
    consumer.pause([paused]);
    const other = first === '0' ? '1' : '0';
    expect(await take10()).toEqual(Array.from({ length: 10 }, () => other));
    expect(consumer.position(paused)).toBe(1n);
    consumer.resume();
    const rest = [];
    while (rest.length < 9) rest.push((await records.next()).value?.value);
    expect(rest).toEqual(Array.from({ length: 9 }, () => first));
  });

  test('assign replaces; partitions that stay keep their place', async () => {
    const [a, b] = [await filled(), await filled()];
    await using consumer = reading({ assignments: [{ topic: a, from: { offset: 8 } }] });
    expect(texts(await take(1, consumer))).toEqual(['v8']);
    await consumer.assign([{ topic: a }, { topic: b, partition: 0, from: { last: 1 } }]);
    expect(consumer.assignment).toEqual([
      { topic: a, partition: 0 },
      { topic: b, partition: 0 },
    ]);
    const read = await take(2, consumer);
    expect(read.map(({ topic, value }) => [topic, value])).toEqual([
      [a, 'v9'],
      [b, 'v9'],
    ]);
    await consumer.assign([{ topic: a, from: 'beginning' }]);
    expect(await readAll(consumer)).toHaveLength(10);
  });

  test('an offset that is not there: from the beginning, from the end, or an error', async () => {
    const topic = await filled();
    const from = { offset: 11 };
    const at = { topic, partition: 0 };
    const error = reading({ assignments: [{ topic, from }], offsetReset: 'error' });
    // Its end is 10, so `until` is over at once; without it the fetch tells.
    expect(await readAll(error)).toEqual([]);
    const strict = client().consumer({ assignments: [{ topic, from }], offsetReset: 'error' });
    expect(await errorOf(take(1, strict))).toBe('OFFSET_OUT_OF_RANGE');
    expect(strict.position(at)).toBe(11n);
    await strict.seek(at, { offset: 9 });
    expect(await take(1, strict)).toMatchObject([{ offset: 9n }]);
    await strict.close();
    await using again = client().consumer({ value: string, assignments: [{ topic, from }] });
    expect(texts(await take(10, again))).toEqual(Array.from({ length: 10 }, (_, i) => `v${i}`));
    const end = client().consumer({ assignments: [{ topic, from }], offsetReset: 'end' });
    const records = end.records();
    const first = records.next();
    // It stands at the end once it has asked; what is sent from then on is read.
    while (end.position(at) !== 10n) await sendNothing();
    await sendAll(client(), numbered(topic, 1, 'new'));
    expect((await first).value).toMatchObject({ offset: 10n });
    await end.close();
  });

  test('JSON, bytes, and records that are neither', async () => {
    const topic = await newTopic(client());
    await using producer = client().producer({ key: bytes, value: json<{ n: number }>() });
    await Promise.all([
      producer.send({ topic, key: new Uint8Array([0]), value: { n: 1 } }),
      producer.send({ topic, value: null }),
    ]);
    await sendAll(client(), [{ topic, value: '{"n":' }]);
    await producer.send({ topic, value: { n: 2 } });
    await using consumer = client().consumer({
      value: json<{ n: number }>(),
      assignments: [{ topic }],
      until: 'end',
    });
    const found: unknown[] = [];
    const failed = await failureOf(
      (async () => {
        for await (const { value } of consumer) found.push(value);
      })(),
    );
    expect(found).toEqual([{ n: 1 }, null]);
    expect(failed).toBeInstanceOf(DeserializationError);
    expect(failed).toMatchObject({ topic, partition: 0, offset: 2n, part: 'value' });
    expect(await failureOf(take(1, consumer))).toMatchObject({ offset: 2n });
    await consumer.seek({ topic, partition: 0 }, { offset: 3n });
    expect(await take(1, consumer)).toMatchObject([{ value: { n: 2 }, offset: 3n }]);
  });

  test('a topic or a partition that is not there', async () => {
    const topic = await newTopic(client());
    const expected = 'UNKNOWN_TOPIC_OR_PARTITION';
    const missing = `${topic}-not`;
    const lost = reading({ assignments: [{ topic: missing }] });
    const failed = await failureOf(take(1, lost));
    expect(failed).toMatchObject({ kafka: expected });
    expect(String(failed)).toContain(missing);
    await client().admin.createTopic({ name: missing });
    expect(await readAll(lost)).toEqual([]);
    await using consumer = reading({ assignments: [{ topic }] });
    expect(await errorOf(consumer.assign([{ topic, partition: 1 }]))).toBe(expected);
    expect(await errorOf(consumer.seek({ topic, partition: 1 }, 'end'))).toBe('INVALID_REQUEST');
  });

  test('a topic that is deleted while it is read', async () => {
    const topic = await filled(2);
    await using consumer = client().consumer({ assignments: [{ topic }], maxWaitMs: 50 });
    const records = consumer.records();
    await records.next();
    await records.next();
    const waiting = failureOf(records.next());
    await client().admin.deleteTopic(topic);
    expect(await waiting).toMatchObject({ kafka: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  test('one iterator at a time; abort, return and close end one that waits', async () => {
    const topic = await filled(1);
    const consumer = client().consumer({ value: string, assignments: [{ topic }] });
    const stop = new AbortController();
    const first = consumer.records({ signal: stop.signal });
    expect(() => consumer.batches()).toThrow('one iterator');
    await first.next();
    const aborted = failureOf(first.next());
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await aborted).toBe(reason);
    expect(await first.next()).toEqual({ done: true, value: undefined });
    const second = consumer.records();
    const returned = second.next();
    await second.return?.();
    expect(await returned).toEqual({ done: true, value: undefined });
    const third = consumer.records().next();
    await consumer.close();
    expect(await third).toEqual({ done: true, value: undefined });
    expect(() => consumer.records()).toThrow(ClosedError);
    expect(await failureOf(consumer.assign([{ topic }]))).toBeInstanceOf(ClosedError);
  });

  test('a fetch of few bytes at a time finds everything', async () => {
    const topic = await filled(30);
    const assignments = [{ topic }];
    const read = await readAll(reading({ assignments, maxBytes: 1, prefetchBytes: 1 }));
    expect(texts(read)).toEqual(Array.from({ length: 30 }, (_, i) => `v${i}`));
  });
}

const sendNothing = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));
