import { describe, expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../lib/client/errors.ts';
import { LogClient } from '../../../lib/client/client.ts';
import type { Delivery, Producer, ProducerOptions } from '../../../lib/client/types.ts';
import { readBatchHeader } from '../../../lib/protocol/record-batch-header.ts';
import { Seeded } from '../../engine/seeded.ts';
import { ended, faultyClient } from '../faulty-transport.ts';
import type { Fate, Faulty } from '../faulty-transport.ts';
import { valuesOf } from '../../broker/setup.ts';

type Own = Faulty & { readonly producer: Producer<string, Uint8Array | string> };

async function start(
  options: ProducerOptions<string, Uint8Array | string> = {},
  fates: readonly Fate[] = [],
  partitions = 4,
): Promise<Own> {
  const faulty = faultyClient();
  faulty.fates.push(...fates);
  await faulty.broker.createTopic({ name: 't', partitions });
  return { ...faulty, producer: faulty.client.producer(options) };
}

const send = ({ producer }: Own, value: string | Uint8Array, partition = 0): Promise<Delivery> =>
  producer.send({ topic: 't', partition, value });

const headers = ({ sent }: Own) => sent.map(({ batch }) => readBatchHeader(batch));

describe('sequences', () => {
  test('count up by partition, under one random producer id each', async () => {
    const own = await start({ lingerMs: 0 });
    for (const partition of [0, 0, 1, 0]) await own.clock.run(send(own, 'v', partition));
    const found = headers(own);
    expect(found.map(({ baseSequence }) => baseSequence)).toEqual([0, 1, 0, 2]);
    expect(found.map(({ producerEpoch }) => producerEpoch)).toEqual([0, 0, 0, 0]);
    const [a, b, c, d] = found.map(({ producerId }) => producerId);
    expect([b, d]).toEqual([a, a]);
    expect(c).not.toBe(a);
    expect(a).toBeGreaterThan(0n);
  });

  test('a batch that was refused took none', async () => {
    const own = await start({ lingerMs: 0 }, ['ok', 'TOPIC_AUTHORIZATION_FAILED', 'ok']);
    const ends = [];
    for (const value of ['a', 'b', 'c']) ends.push(await own.clock.run(ended(send(own, value))));
    expect(ends).toEqual(['0', 'TOPIC_AUTHORIZATION_FAILED', '1']);
    const found = headers(own);
    expect(found.map(({ baseSequence }) => baseSequence)).toEqual([0, 1, 1]);
    expect(new Set(found.map(({ producerId }) => producerId)).size).toBe(1);
    expect(await valuesOf(own.broker, 't')).toEqual(['a', 'c']);
  });

  test('a retry has the same bytes; after an unknown outcome all is new', async () => {
    const fates: Fate[] = ['ok', 'lost', 'lost', 'lost', 'lost'];
    const own = await start({ lingerMs: 0, deliveryTimeoutMs: 900 }, fates);
    const { clock, sent } = own;
    expect(await clock.run(ended(send(own, 'a')))).toBe('0');
    expect(await clock.run(ended(send(own, 'b')))).toBe('OutcomeUnknown');
    expect(sent.length).toBeGreaterThan(2);
    for (const { batch } of sent.slice(2)) expect(batch).toEqual(sent[1]?.batch);
    own.fates.length = 0;
    const before = sent.length;
    expect(await clock.run(ended(send(own, 'c')))).toBe('1');
    const [first] = headers(own);
    const next = readBatchHeader(sent[before]?.batch ?? Buffer.alloc(0));
    expect(next.baseSequence).toBe(0);
    expect(next.producerId).not.toBe(first?.producerId);
  });

  test('a log that knows another producer under this id gets the batch under a new one', async () => {
    const own = await start({ lingerMs: 0 }, ['ok', 'OUT_OF_ORDER_SEQUENCE_NUMBER']);
    expect(await own.clock.run(ended(send(own, 'a')))).toBe('0');
    expect(await own.clock.run(ended(send(own, 'b')))).toBe('1');
    expect(await own.clock.run(ended(send(own, 'c')))).toBe('2');
    const [, second, third, fourth] = headers(own);
    expect([second?.baseSequence, third?.baseSequence, fourth?.baseSequence]).toEqual([1, 0, 1]);
    expect(third?.producerId).not.toBe(second?.producerId);
    expect(fourth?.producerId).toBe(third?.producerId);
  });

  test('without them there are none, and what is unknown is not sent again', async () => {
    const own = await start({ lingerMs: 0, idempotent: false }, ['applied']);
    const unknown = await own.clock.run(send(own, 'a').catch((error: unknown) => error));
    expect(unknown).toBeInstanceOf(OutcomeUnknown);
    expect(unknown).toMatchObject({ retryMayDuplicate: true, commandId: 'c0ffee' });
    expect(own.sent).toHaveLength(1);
    expect(headers(own)[0]).toMatchObject({ producerId: -1n, baseSequence: -1 });
    expect(await valuesOf(own.broker, 't')).toEqual(['a']);
  });
});

describe('what may pass is tried again, what may not is told', () => {
  const passing: Fate[] = [
    'KAFKA_STORAGE_ERROR',
    'NETWORK_EXCEPTION',
    'THROTTLING_QUOTA_EXCEEDED',
    'lost',
    'crash',
  ];
  test.each(passing)('%s', async (fate) => {
    const own = await start({}, [fate, fate]);
    expect(await own.clock.run(ended(send(own, 'a')))).toBe('0');
    expect(own.sent).toHaveLength(3);
    expect(await valuesOf(own.broker, 't')).toEqual(['a']);
  });

  const final: Fate[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_RECORD', 'MESSAGE_TOO_LARGE'];
  test.each(final)('%s', async (fate) => {
    const own = await start({}, [fate]);
    expect(await own.clock.run(ended(send(own, 'a')))).toBe(fate);
    expect(own.sent).toHaveLength(1);
  });

  test('until the time is over: refused, if no copy was lost', async () => {
    const fates = Array.from({ length: 50 }, (): Fate => 'KAFKA_STORAGE_ERROR');
    const own = await start({ deliveryTimeoutMs: 5_000 }, fates);
    expect(await own.clock.run(ended(send(own, 'a')))).toBe('KAFKA_STORAGE_ERROR');
    expect(own.clock.monotonic()).toBeGreaterThan(3_000);
    expect(own.clock.monotonic()).toBeLessThanOrEqual(5_000);
    // 0.1 + 0.2 + 0.4 + 0.8 + 1 + 1 + … s
    expect(own.sent.length).toBeLessThan(12);
  });

  test('a refusal of a copy says nothing about one that was lost', async () => {
    const own = await start({}, ['applied', 'TOPIC_AUTHORIZATION_FAILED']);
    const end = await own.clock.run(send(own, 'a').catch((error: unknown) => error));
    expect(end).toBeInstanceOf(OutcomeUnknown);
    expect((end as Error).cause).toMatchObject({ kafka: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(await valuesOf(own.broker, 't')).toEqual(['a']);
  });

  test('one that is never answered counts as lost, and the partition goes on', async () => {
    const own = await start({}, ['hang']);
    const both = [ended(send(own, 'a')), ended(send(own, 'b', 1))];
    expect(await own.clock.run(Promise.all(both))).toEqual(['0', '0']);
    expect(own.clock.monotonic()).toBeGreaterThan(30_000);
    expect(await valuesOf(own.broker, 't')).toEqual(['a']);
  });

  test('what waited too long for its turn is not sent at all', async () => {
    const own = await start({ deliveryTimeoutMs: 100, batchBytes: 1 }, ['hang']);
    const ends = [ended(send(own, 'a')), ended(send(own, 'b'))];
    expect(await own.clock.run(Promise.all(ends))).toEqual([
      'OutcomeUnknown',
      'THROTTLING_QUOTA_EXCEEDED',
    ]);
    expect(own.sent).toHaveLength(1);
    expect(await own.clock.run(ended(send(own, 'c')))).toBe('1');
  });

  test('a bug of the transport leaves it open; one of the client is told as it is', async () => {
    const own = await start({}, ['bug']);
    expect(await own.clock.run(ended(send(own, 'a')))).toBe('OutcomeUnknown');
    expect(own.sent).toHaveLength(1);
    const random = new Seeded(1);
    let broken = false;
    const next = (): number => {
      if (broken) throw new RangeError('no more numbers');
      return random.next();
    };
    const client = new LogClient(own.transport, { clock: own.clock, random: { next } });
    const other: Own = { ...own, producer: client.producer() };
    expect(await own.clock.run(ended(send(other, 'b')))).toBe('0');
    broken = true;
    own.fates.push('KAFKA_STORAGE_ERROR');
    expect(await own.clock.run(ended(send(other, 'c')))).toBe('RangeError');
    expect(await own.clock.run(ended(send(other, 'd')))).toBe('1');
  });
});

describe('batches', () => {
  test('what comes within the linger goes together, what comes later does not', async () => {
    const own = await start({ lingerMs: 10 });
    const { clock } = own;
    const work = async (): Promise<void> => {
      const first = [send(own, 'a'), send(own, 'b')];
      await clock.sleep(9);
      first.push(send(own, 'c'));
      await clock.sleep(3);
      first.push(send(own, 'd'));
      await Promise.all(first);
    };
    await clock.run(work());
    expect(headers(own).map(({ recordCount }) => recordCount)).toEqual([3, 1]);
  });

  test('a full batch does not wait; one is under way at a time, and grows meanwhile', async () => {
    const own = await start({ lingerMs: 60_000, batchBytes: 400 });
    let underWay = 0;
    let most = 0;
    own.hooks.produceBatch = async (input) => {
      most = Math.max(most, (underWay += 1));
      await own.clock.sleep(50);
      underWay -= 1;
      return own.transport.produceBatch(input);
    };
    const all = Array.from({ length: 27 }, (_, i) => send(own, `${i}`));
    await own.clock.run(Promise.all(all.slice(0, 18)));
    expect(own.clock.monotonic()).toBeLessThan(1_000);
    await own.clock.run(Promise.all([...all, own.producer.flush()]));
    expect(most).toBe(1);
    // 41 bytes or so a record.
    expect(headers(own).map(({ recordCount }) => recordCount)).toEqual([9, 9, 9]);
  });

  test('one that becomes full while it lingers is sent', async () => {
    const own = await start({ lingerMs: 60_000, batchBytes: 100 });
    const first = send(own, 'a');
    await own.clock.run(own.clock.sleep(10));
    const rest = [send(own, 'b'), send(own, 'c')];
    await own.clock.run(Promise.all([first, ...rest.slice(0, 1)]));
    expect(own.clock.monotonic()).toBeLessThan(100);
    await own.clock.run(own.producer.close());
  });

  test('partitions do not wait for each other', async () => {
    const own = await start({}, ['hang']);
    const first = ended(send(own, 'a', 0));
    expect(await own.clock.run(ended(send(own, 'b', 1)))).toBe('0');
    expect(own.clock.monotonic()).toBeLessThan(100);
    expect(await own.clock.run(first)).toBe('0');
  });

  test('one that is too large is halved, and the next ones are smaller', async () => {
    const own = await start({ lingerMs: 1 }, ['MESSAGE_TOO_LARGE']);
    const round = () => Promise.all(Array.from({ length: 8 }, (_, i) => send(own, `${i}`)));
    const first = await own.clock.run(round());
    expect(first.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
    await own.clock.run(round());
    const found = headers(own);
    expect(found.map(({ recordCount }) => recordCount)).toEqual([8, 4, 4, 4, 4]);
    expect(found.map(({ baseSequence }) => baseSequence)).toEqual([0, 0, 4, 8, 12]);
  });

  test('one that no transport carries is not sent', async () => {
    const own = await start();
    const large = new Uint8Array(4_200_000);
    expect(await own.clock.run(ended(send(own, large)))).toBe('MESSAGE_TOO_LARGE');
    expect(own.sent).toHaveLength(0);
  });

  test('the time of the append is told, where it is that', async () => {
    const own = await start();
    own.hooks.produceBatch = async ({ partition }) => {
      return { partition, baseOffset: 7n, count: 2, timestamp: 99n };
    };
    const { producer, clock } = own;
    const both = [1, 2].map((timestamp) => producer.send({ topic: 't', partition: 0, timestamp }));
    expect(await clock.run(Promise.all(both))).toEqual([
      { topic: 't', partition: 0, offset: 7n, timestamp: 99n },
      { topic: 't', partition: 0, offset: 8n, timestamp: 99n },
    ]);
  });

  test('the bytes of the caller are his again at once', async () => {
    const own = await start();
    const bytes = Buffer.from('before');
    const sending = send(own, bytes);
    bytes.write('behind');
    await own.clock.run(sending);
    expect(await valuesOf(own.broker, 't')).toEqual(['before']);
  });

  test('a partitioner that points nowhere is told so', async () => {
    const own = await start({ partitioner: () => 4 });
    const lost = ended(own.producer.send({ topic: 't', value: 'v' }));
    expect(await own.clock.run(lost)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(own.sent).toEqual([]);
    expect(await own.clock.run(ended(send(own, 'v')))).toBe('0');
  });
});
