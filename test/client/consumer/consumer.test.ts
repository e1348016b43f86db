import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { FetchInput, Fetched } from '../../../lib/broker/broker.ts';
import { ClosedError } from '../../../lib/client/errors.ts';
import { string } from '../../../lib/client/serdes.ts';
import type { ConsumerOptions } from '../../../lib/client/types.ts';
import { encodeControlBatch } from '../../../lib/protocol/control-batch.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { encodeBatch } from '../../../lib/protocol/record-batch-encode.ts';
import { stampBatch } from '../../../lib/protocol/record-batch-stamp.ts';
import { faultyClient } from '../faulty-transport.ts';
import type { Faulty } from '../faulty-transport.ts';
import { failureOf, take, texts } from '../suite-support.ts';

interface Own extends Faulty {
  /** Every fetch that was begun. */
  readonly fetches: FetchInput[];
  /** Fetches go through here. */
  fetch: (input: FetchInput) => Promise<Fetched>;
}

/** A topic `t`; what is put into each partition is one batch. */
async function start(...partitions: string[][][]): Promise<Own> {
  const faulty = faultyClient();
  const { broker, hooks, transport, clock } = faulty;
  await broker.createTopic({ name: 't', partitions: partitions.length });
  for (const [partition, batches] of partitions.entries()) {
    for (const values of batches) {
      const batch = batchOf(values);
      await clock.run(broker.produceBatch({ topic: 't', partition, batch }));
    }
  }
  const own: Own = { ...faulty, fetches: [], fetch: (input) => transport.fetch(input) };
  hooks.fetch = (input) => {
    own.fetches.push(input);
    return own.fetch(input);
  };
  return own;
}

const recordOf = (value: string) => ({
  key: null,
  value: Buffer.from(value),
  headers: [],
  timestamp: 1_750_000_000_000n,
});

const batchOf = (values: readonly string[], options = {}): Buffer =>
  encodeBatch(values.map(recordOf), { codec: 'none', ...options });

const reading = (own: Own, options: ConsumerOptions<Buffer | null, string | null> = {}) =>
  own.client.consumer({ value: string, assignments: [{ topic: 't' }], ...options });

const at = { topic: 't', partition: 0 };

describe('fetches', () => {
  test('that may pass are made again, further and further apart; nothing is lost', async () => {
    const own = await start([['a', 'b'], ['c']]);
    const errors = ['KAFKA_STORAGE_ERROR', 'NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT'] as const;
    const times: number[] = [];
    own.fetch = (input) => {
      const error = errors[(times.push(own.clock.monotonic()) - 1) % 4];
      if (error !== undefined) return Promise.reject(new ProtocolError(error));
      return own.transport.fetch(input);
    };
    const read = await own.clock.run(take(3, reading(own, { maxBytes: 1 })));
    expect(texts(read)).toEqual(['a', 'b', 'c']);
    const [first = 0, second = 0, third = 0] = times.slice(1).map((t, i) => t - (times[i] ?? 0));
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  test('that may not are told, behind what was fetched before; then it goes on from there', async () => {
    const own = await start([['a', 'b'], ['c']]);
    own.fetch = (input) =>
      own.fetches.length === 2
        ? Promise.reject(new ProtocolError('TOPIC_AUTHORIZATION_FAILED'))
        : own.transport.fetch(input);
    const consumer = reading(own, { maxBytes: 1 });
    const records = consumer.records();
    await own.clock.run(records.next());
    await own.clock.run(own.clock.sleep(1_000));
    expect((await records.next()).value).toMatchObject({ value: 'b' });
    expect(await failureOf(records.next())).toMatchObject({ kafka: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(await records.next()).toEqual({ done: true, value: undefined });
    expect(consumer.position(at)).toBe(2n);
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['c']);
  });

  test('one per partition at a time, and no sooner again than 100 ms after an idle one', async () => {
    const own = await start([], []);
    const underWay = [0, 0];
    own.fetch = async (input) => {
      expect(underWay[input.partition] ?? 0).toBe(0);
      underWay[input.partition] = 1;
      await own.clock.sleep(1);
      underWay[input.partition] = 0;
      return own.transport.fetch(input);
    };
    const consumer = reading(own, { maxWaitMs: 0 });
    const waiting = consumer.records().next();
    await own.clock.run(own.clock.sleep(1_000));
    expect(own.fetches.length).toBeGreaterThan(10);
    expect(own.fetches.length).toBeLessThanOrEqual(22);
    await consumer.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('an answer that comes after a seek is dropped', async () => {
    const own = await start([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    own.fetch = async (input) => {
      const answer = await own.transport.fetch({ ...input, maxWaitMs: 0 });
      await own.clock.sleep(100);
      return answer;
    };
    const consumer = reading(own);
    const records = consumer.records();
    const first = records.next();
    await own.clock.run(own.clock.sleep(50));
    await own.clock.run(consumer.seek(at, { offset: 4 }));
    expect(own.fetches[0]?.signal?.aborted).toBe(true);
    expect((await own.clock.run(first)).value).toMatchObject({ value: 'e', offset: 4n });
    await consumer.close();
  });

  test('what is out of range is met when all before it was handed out', async () => {
    const own = await start([['a', 'b'], ['c']]);
    own.fetch = (input) =>
      input.offset === 2n
        ? Promise.reject(new ProtocolError('OFFSET_OUT_OF_RANGE'))
        : own.transport.fetch(input);
    const consumer = reading(own, { maxBytes: 1, until: 'end' });
    const read = await own.clock.run(take(4, consumer));
    expect(texts(read)).toEqual(['a', 'b', 'a', 'b']);
  });

  test('of a topic that is looked up in vain for a while', async () => {
    const own = await start([['a']]);
    let failures = 3;
    own.hooks.describeTopic = (name) => {
      failures -= 1;
      if (failures >= 0) return Promise.reject(new ProtocolError('NETWORK_EXCEPTION'));
      return own.transport.describeTopic(name);
    };
    expect(texts(await own.clock.run(take(1, reading(own))))).toEqual(['a']);
    failures = Infinity;
    const lost = own.clock.run(failureOf(take(1, reading(own))));
    expect(await lost).toMatchObject({ kafka: 'NETWORK_EXCEPTION' });
    const stop = new AbortController();
    const iterator = reading(own).records({ signal: stop.signal });
    const waiting = failureOf(iterator.next());
    await own.clock.run(own.clock.sleep(10));
    stop.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    const before = own.clock.monotonic();
    await own.clock.drain();
    expect(own.clock.monotonic()).toBe(before);
  });
});

describe('memory', () => {
  const many = (count: number): string[][] =>
    Array.from({ length: count }, (_, i) => [`${i}`.padEnd(10_000, '.')]);

  test('a slow consumer holds prefetchBytes, and a batch a partition more at the most', async () => {
    const own = await start(many(40), many(40), many(40));
    const prefetchBytes = 200_000;
    let fetched = 0;
    own.fetch = async (input) => {
      const answer = await own.transport.fetch(input);
      for (const batch of answer.batches) fetched += batch.length;
      return answer;
    };
    const consumer = reading(own, { prefetchBytes });
    const records = consumer.records();
    let handedOut = 0;
    for (let i = 0; i < 60; i += 1) {
      handedOut += (await own.clock.run(records.next())).value?.value?.length ?? 0;
      await own.clock.run(own.clock.sleep(1_000));
      expect(fetched - handedOut).toBeLessThanOrEqual(prefetchBytes + 3 * 10_100);
    }
    // Half a share at a time, so that a slow reader does not fetch batch by batch.
    expect(own.fetches.length).toBeLessThan(30);
    expect(fetched - handedOut).toBeGreaterThan(prefetchBytes / 3);
    const rest = await own.clock.run(take(60, { [Symbol.asyncIterator]: () => records }));
    expect(rest).toHaveLength(60);
  });

  test('one batch larger than all of it is fetched, and nothing beside it', async () => {
    const own = await start(many(2), many(2));
    const consumer = reading(own, { prefetchBytes: 100 });
    const records = consumer.records();
    await own.clock.run(records.next());
    await own.clock.run(own.clock.sleep(10_000));
    const before = own.fetches.length;
    await own.clock.run(own.clock.sleep(10_000));
    expect(own.fetches.length).toBe(before);
    for (let i = 0; i < 3; i += 1) await own.clock.run(records.next());
    expect(consumer.position(at)).toBe(2n);
    await consumer.close();
  });

  test('who holds more than all may is waited for, unless it is paused', async () => {
    const own = await start(many(3), many(3));
    let failures = 1;
    own.fetch = (input) => {
      if (input.partition === 0 || (failures -= 1) < 0) return own.transport.fetch(input);
      return Promise.reject(new ProtocolError('KAFKA_STORAGE_ERROR'));
    };
    const consumer = reading(own, { prefetchBytes: 100 });
    const records = consumer.records();
    await own.clock.run(records.next());
    await own.clock.run(own.clock.sleep(10_000));
    const others = () => own.fetches.filter(({ partition }) => partition === 1).length;
    expect(others()).toBe(1);
    consumer.pause([at]);
    expect((await own.clock.run(records.next())).value).toMatchObject({ partition: 1 });
    expect(others()).toBeGreaterThan(1);
    await consumer.close();
  });

  test('what was fetched is kept by pause, and by an iteration that is left', async () => {
    const own = await start([['a', 'b'], ['c']], [['d']]);
    const consumer = reading(own, { until: 'end' });
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['a']);
    await own.clock.run(own.clock.sleep(100));
    const before = own.fetches.length;
    consumer.pause([at]);
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['d']);
    consumer.resume([at]);
    expect(texts(await own.clock.run(take(2, consumer)))).toEqual(['b', 'c']);
    expect(own.fetches.filter(({ partition }) => partition === 0)).toHaveLength(1);
    expect(own.fetches.length).toBe(before);
  });
});

describe('turns', () => {
  test('are a batch each', async () => {
    const own = await start(
      [['a1', 'a2'], ['a3']],
      [['b1'], ['b2', 'b3']],
      [['c1'], ['c2'], ['c3'], ['c4']],
    );
    const read = await own.clock.run(take(10, reading(own, { until: 'end' })));
    expect(texts(read)).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'b3', 'c2', 'c3', 'c4']);
  });

  test('who is paused before it begins has none until it is resumed', async () => {
    const own = await start([['a']], [['b']]);
    const consumer = reading(own);
    consumer.pause();
    const records = consumer.records();
    const first = records.next();
    await own.clock.run(own.clock.sleep(2_000));
    expect(own.fetches).toEqual([]);
    consumer.resume([{ topic: 't', partition: 1 }]);
    expect((await own.clock.run(first)).value).toMatchObject({ value: 'b' });
    consumer.pause();
    consumer.resume();
    expect((await own.clock.run(records.next())).value).toMatchObject({ value: 'a' });
    await consumer.close();
  });

  test('who reads to the end waits for no more bytes than there are', async () => {
    const own = await start([['a']], []);
    const consumer = reading(own, { until: 'end', minBytes: 1_000_000, maxWaitMs: 20_000 });
    const records = consumer.records();
    const both = await own.clock.run(Promise.all([records.next(), records.next()]));
    expect(both.map(({ done }) => done)).toEqual([false, true]);
    expect(own.clock.monotonic()).toBe(0);
  });

  test('an iterator that was not asked yet fetches nothing', async () => {
    const own = await start([['a']]);
    const consumer = reading(own);
    const records = consumer.records();
    await own.clock.run(consumer.assign([{ topic: 't' }]));
    await own.clock.run(own.clock.sleep(1_000));
    expect(own.fetches).toEqual([]);
    expect((await own.clock.run(records.next())).value).toMatchObject({ value: 'a' });
    await consumer.close();
  });

  test('no listener stays on the signal of an iteration that is over', async () => {
    const own = await start([['a']]);
    const { signal } = new AbortController();
    const records = reading(own, { until: 'end' }).records({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await own.clock.run(Promise.all([records.next(), records.next()]));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('calls of next are answered in order', async () => {
    const own = await start([['a', 'b', 'c']]);
    const records = reading(own, { until: 'end' }).records();
    const all = [records.next(), records.next(), records.next(), records.next()];
    const ends = await own.clock.run(Promise.all(all));
    expect(ends.map(({ value }) => value?.value)).toEqual(['a', 'b', 'c', undefined]);
  });
});

describe('batches as a log may hold them', () => {
  const answer = (batches: readonly Uint8Array[], end: bigint) => (input: FetchInput) => {
    const offset = typeof input.offset === 'bigint' ? input.offset : 0n;
    const bounds = { highWatermark: end, lastStableOffset: end, logStartOffset: 0n };
    return Promise.resolve({ batches: offset >= end ? [] : batches, offset, ...bounds });
  };

  test('with records gone, empty, and of control: none is handed out twice or left out', async () => {
    const own = await start([Array.from({ length: 20 }, (_, i) => `${i}`)]);
    const fields = { producerId: 1n, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 0n };
    const control = encodeControlBatch({ outcome: 'commit', ...fields });
    stampBatch(control, 0, 12n, 0);
    own.fetch = answer(
      [
        batchOf(['1', '3', '4'], { offsetDeltas: [1, 3, 4], lastOffsetDelta: 6 }),
        batchOf([], { baseOffset: 7n, lastOffsetDelta: 4 }),
        control,
        batchOf(['14', '19'], { baseOffset: 13n, offsetDeltas: [1, 6] }),
      ],
      20n,
    );
    const consumer = reading(own, { until: 'end', assignments: [{ ...at, from: { offset: 2 } }] });
    const records = consumer.records();
    const found: [bigint | undefined, bigint | undefined][] = [];
    for await (const { offset } of records) found.push([offset, consumer.position(at)]);
    expect(found).toEqual([
      [3n, 4n],
      [4n, 7n],
      [14n, 15n],
      [19n, 20n],
    ]);
  });

  test('one that is damaged is told, with nothing of it handed out, and fetched anew', async () => {
    const own = await start([['a'], ['b']]);
    let damaged = true;
    own.fetch = async (input) => {
      const found = await own.transport.fetch(input);
      const last = found.batches.at(-1) ?? Buffer.alloc(0);
      const hurt = Buffer.from(last);
      hurt[hurt.length - 2] = 0xff;
      return damaged ? { ...found, batches: [...found.batches.slice(0, -1), hurt] } : found;
    };
    const consumer = reading(own, { until: 'end' });
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['a']);
    const failed = own.clock.run(failureOf(take(1, consumer)));
    expect(await failed).toMatchObject({ kafka: 'CORRUPT_MESSAGE' });
    expect(consumer.position(at)).toBe(1n);
    damaged = false;
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['b']);
    own.fetch = async (input) => {
      const found = await own.transport.fetch(input);
      return { ...found, batches: [Buffer.from('no batch at all')] };
    };
    await own.clock.run(consumer.seek(at, 'beginning'));
    const nonsense = own.clock.run(failureOf(take(1, consumer)));
    expect(await nonsense).toMatchObject({ kafka: 'CORRUPT_MESSAGE' });
  });

  test('one that goes beyond the end of the iteration is handed out up to it, and the rest later', async () => {
    const own = await start([['a', 'b', 'c', 'd']]);
    own.hooks.listOffset = () => Promise.resolve({ offset: 2n, timestamp: -1n });
    const consumer = reading(own, { until: 'end' });
    const [first] = await own.clock.run(take(1, consumer.batches()));
    expect(texts(first?.records ?? [])).toEqual(['a', 'b']);
    delete own.hooks.listOffset;
    expect(texts(await own.clock.run(take(2, consumer)))).toEqual(['c', 'd']);
    await consumer.seek(at, 'beginning');
    own.hooks.listOffset = () => Promise.resolve({ offset: 1n, timestamp: -1n });
    const records = consumer.records();
    expect((await own.clock.run(records.next())).value).toMatchObject({ value: 'a' });
    expect(await own.clock.run(records.next())).toEqual({ done: true, value: undefined });
    expect(consumer.position(at)).toBe(1n);
  });

  test('a log that is shorter than it was ends where it ends', async () => {
    const own = await start([['a', 'b']]);
    own.hooks.listOffset = () => Promise.resolve({ offset: 10n, timestamp: -1n });
    const records = reading(own, { until: 'end' }).records();
    const all = own.clock.run(Promise.all([records.next(), records.next(), records.next()]));
    expect((await all).map(({ done }) => done)).toEqual([false, false, true]);
  });

  test('of an answer that is damaged in part nothing is taken', async () => {
    const own = await start([['a'], ['b']]);
    let damaged = true;
    own.fetch = async (input) => {
      const found = await own.transport.fetch(input);
      return damaged
        ? { ...found, batches: [...found.batches.slice(0, 1), Buffer.alloc(9)] }
        : found;
    };
    const consumer = reading(own, { until: 'end' });
    const failed = own.clock.run(failureOf(take(1, consumer)));
    expect(await failed).toMatchObject({ kafka: 'CORRUPT_MESSAGE' });
    damaged = false;
    const records = consumer.records();
    const all = [records.next(), records.next(), records.next()];
    const ends = await own.clock.run(Promise.all(all));
    expect(ends.map(({ value }) => value?.value)).toEqual(['a', 'b', undefined]);
  });

  test('batches() hands out what comes before a record that cannot be read', async () => {
    const own = await start([['a', 'b', '!', 'd']]);
    const value = (bytes: Uint8Array | null): string => {
      const text = String(bytes);
      if (text === '!') throw new Error('not this one');
      return text;
    };
    const consumer = own.client.consumer({ value, assignments: [{ topic: 't' }], until: 'end' });
    const batches = consumer.batches();
    const [first] = [(await own.clock.run(batches.next())).value];
    expect(texts(first?.records ?? [])).toEqual(['a', 'b']);
    expect(await failureOf(batches.next())).toMatchObject({ offset: 2n, part: 'value' });
    expect(consumer.position(at)).toBe(2n);
  });
});

describe('assignments', () => {
  test('a topic that grows is read whole, from the beginning of what is new', async () => {
    const own = await start([['a']]);
    const consumer = reading(own, { from: 'end' });
    const records = consumer.records();
    const waiting = records.next();
    await own.clock.run(own.clock.sleep(1_000));
    await own.broker.createPartitions('t', 2);
    const batch = batchOf(['new']);
    await own.clock.run(own.broker.produceBatch({ topic: 't', partition: 1, batch }));
    expect((await own.clock.run(waiting)).value).toMatchObject({ value: 'new', partition: 1 });
    expect(own.clock.monotonic()).toBeLessThan(301_000);
    expect(consumer.assignment).toHaveLength(2);
    await consumer.close();
    const before = own.clock.monotonic();
    await own.clock.drain();
    expect(own.clock.monotonic() - before).toBeLessThanOrEqual(500);
  });

  test('a change that fails changes nothing', async () => {
    const own = await start([['a', 'b']]);
    const consumer = reading(own, { until: 'end' });
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['a']);
    const wrong = consumer.assign([
      { topic: 't', from: 'end' },
      { topic: 'missing', from: 'end' },
    ]);
    expect(await own.clock.run(failureOf(wrong))).toMatchObject({
      kafka: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    expect(texts(await own.clock.run(take(1, consumer)))).toEqual(['b']);
  });

  test('while one iterates: what is added is read to its end, what goes is not read on', async () => {
    const own = await start([['a', 'b']], [['c', 'd']]);
    const consumer = reading(own, { assignments: [at], until: 'end' });
    const records = consumer.records();
    expect((await own.clock.run(records.next())).value).toMatchObject({ value: 'a' });
    await own.clock.run(consumer.assign([{ topic: 't', partition: 1 }]));
    const rest = [records.next(), records.next(), records.next()];
    const ends = await own.clock.run(Promise.all(rest));
    expect(ends.map(({ value }) => value?.value)).toEqual(['c', 'd', undefined]);
    expect(consumer.position(at)).toBeUndefined();
  });

  test('cost one look at a topic, and one at each end', async () => {
    const own = await start([['a']], [['b']], []);
    const asked: string[] = [];
    own.hooks.describeTopic = (name) => {
      asked.push(name);
      return own.transport.describeTopic(name);
    };
    own.hooks.listOffset = (input) => {
      asked.push(`${input.partition} ${input.at}`);
      return own.transport.listOffset(input);
    };
    const consumer = reading(own, { until: 'end' });
    expect(await own.clock.run(take(2, consumer))).toHaveLength(2);
    expect(asked).toEqual(['t', '0 latest', '1 latest', '2 latest']);
    // Where nothing is, nothing is fetched.
    expect(own.fetches.map(({ partition }) => partition)).toEqual([0, 1]);
  });

  test('who waits for one is told when the consumer is closed', async () => {
    const own = await start([['a']]);
    const looking = Promise.withResolvers<void>();
    own.hooks.describeTopic = async (name) => {
      await looking.promise;
      return own.transport.describeTopic(name);
    };
    const consumer = reading(own);
    const assigning = failureOf(consumer.assign([{ topic: 't' }]));
    await own.clock.run(own.clock.sleep(1));
    await consumer.close();
    looking.resolve();
    expect(await assigning).toBeInstanceOf(ClosedError);
    expect(consumer.assignment).toEqual([]);
  });

  test('closing ends what is under way; no timer is left', async () => {
    const own = await start([['a']]);
    const consumer = reading(own, { maxWaitMs: 20_000 });
    const records = consumer.records();
    await own.clock.run(records.next());
    const waiting = records.next();
    await own.clock.run(own.clock.sleep(100));
    await own.clock.run(own.client.close());
    expect(await waiting).toEqual({ done: true, value: undefined });
    const before = own.clock.monotonic();
    await own.clock.drain();
    expect(own.clock.monotonic()).toBe(before);
  });
});
