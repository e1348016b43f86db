import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ClosedError, OutcomeUnknown } from '../../../lib/client/errors.ts';
import type { Bytes, Delivery, Producer, ProducerOptions } from '../../../lib/client/types.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { valuesOf } from '../../broker/setup.ts';
import { ended, faultyClient } from '../faulty-transport.ts';
import type { Fate, Faulty } from '../faulty-transport.ts';

type Own = Faulty & { readonly producer: Producer<Bytes, Bytes> };

async function start(
  options: ProducerOptions<Bytes, Bytes> = {},
  fates: readonly Fate[] = [],
): Promise<Own> {
  const faulty = faultyClient();
  faulty.fates.push(...fates);
  await faulty.broker.createTopic({ name: 't', partitions: 4 });
  return { ...faulty, producer: faulty.client.producer(options) };
}

const send = (
  { producer }: Own,
  value: string,
  partition = 0,
  signal?: AbortSignal,
): Promise<Delivery> =>
  producer.send({ topic: 't', partition, value }, signal === undefined ? {} : { signal });

/** What a record of so many bytes takes in a batch, by the producer's estimate. */
const sized = (bytes: number): string => 'x'.repeat(bytes - 40);

describe('room', () => {
  test('no more than bufferBytes is under way, and all of it comes through', async () => {
    const own = await start({ bufferBytes: 1_000, lingerMs: 60_000 });
    let underWay = 0;
    let most = 0;
    own.hooks.produceBatch = async (input) => {
      underWay += input.batch.length - 61;
      most = Math.max(most, underWay);
      await own.clock.sleep(50);
      underWay -= input.batch.length - 61;
      return own.transport.produceBatch(input);
    };
    const all = Array.from({ length: 40 }, (_, i) => send(own, sized(100), i % 4));
    // While records wait for room nothing lingers; those that do not have to wait do.
    await own.clock.run(Promise.all(all.slice(0, 20)));
    expect(own.clock.monotonic()).toBeLessThan(5_000);
    await own.clock.run(Promise.all(all));
    expect(most).toBeLessThanOrEqual(1_000);
    expect(most).toBeGreaterThan(500);
  });

  test('a full buffer ends the linger of what is in it', async () => {
    const own = await start({ bufferBytes: 150, lingerMs: 60_000 });
    const first = send(own, sized(100));
    await own.clock.run(own.clock.sleep(10));
    const second = send(own, sized(100), 1);
    expect(await own.clock.run(ended(first))).toBe('0');
    expect(own.clock.monotonic()).toBeLessThan(100);
    await own.clock.run(Promise.all([own.producer.flush(), second]));
  });

  test('a small record does not overtake a large one; one alone may be larger than all', async () => {
    const own = await start({ bufferBytes: 200, lingerMs: 0 });
    const all = [send(own, sized(150)), send(own, sized(500)), send(own, sized(45))];
    const offsets = (await own.clock.run(Promise.all(all))).map(({ offset }) => offset);
    expect(offsets).toEqual([0n, 1n, 2n]);
  });

  test('who waits too long for it is told; nothing was sent', async () => {
    const own = await start({ bufferBytes: 150, maxBlockMs: 500 }, ['hang']);
    const ends = [send(own, sized(100)), send(own, sized(100)), send(own, sized(50), 1)].map(ended);
    const told: string[] = [];
    for (const end of ends) void end.then((how) => told.push(how));
    await own.clock.run(own.clock.sleep(600));
    // The one behind it fits, once it is gone.
    expect(told.toSorted()).toEqual(['0', 'THROTTLING_QUOTA_EXCEEDED']);
    expect(await own.clock.run(Promise.all(ends))).toEqual(['0', 'THROTTLING_QUOTA_EXCEEDED', '0']);
  });

  test('room() waits while there is none, counting what still waits for its topic', async () => {
    const own = await start({ bufferBytes: 250, lingerMs: 0 });
    await own.producer.room();
    const first = [send(own, sized(100)), send(own, sized(100))];
    let free = false;
    await own.producer.room();
    first.push(send(own, sized(100)));
    const room = own.producer.room().then(() => (free = true));
    await Promise.resolve();
    expect(free).toBe(false);
    await own.clock.run(room);
    await own.clock.run(Promise.all(first));
    // The topic is looked up anew: its record has no place yet, and counts.
    own.hooks.describeTopic = async (name) => {
      await own.clock.sleep(1_000);
      return own.transport.describeTopic(name);
    };
    await own.broker.createTopic({ name: 'u' });
    const other = own.producer.send({ topic: 'u', value: sized(300) });
    const before = own.clock.monotonic();
    await own.clock.run(own.producer.room());
    expect(own.clock.monotonic() - before).toBeGreaterThanOrEqual(1_000);
    await own.clock.run(other);
  });
});

describe('topics', () => {
  test('are looked up once, and again after five minutes', async () => {
    const own = await start();
    let looks = 0;
    own.hooks.describeTopic = (name) => {
      looks += 1;
      return own.transport.describeTopic(name);
    };
    const all = Array.from({ length: 10 }, () => own.producer.send({ topic: 't', value: 'v' }));
    await own.clock.run(Promise.all(all));
    expect(looks).toBe(1);
    await own.clock.run(own.clock.sleep(299_000));
    await own.clock.run(send(own, 'v'));
    expect(looks).toBe(1);
    await own.clock.run(own.clock.sleep(1_000));
    await own.clock.run(send(own, 'v'));
    expect(looks).toBe(2);
  });

  test('a look-up that fails for a while is repeated; one that fails for long is told', async () => {
    const own = await start({ maxBlockMs: 3_000 });
    let failures = 2;
    own.hooks.describeTopic = (name) => {
      failures -= 1;
      if (failures >= 0) return Promise.reject(new ProtocolError('REQUEST_TIMED_OUT'));
      return own.transport.describeTopic(name);
    };
    expect(await own.clock.run(ended(send(own, 'a')))).toBe('0');
    failures = Infinity;
    const other = own.producer.send({ topic: 'u', value: 'v' });
    const before = own.clock.monotonic();
    await expect(own.clock.run(other)).rejects.toMatchObject({ kafka: 'REQUEST_TIMED_OUT' });
    expect(own.clock.monotonic() - before).toBe(3_000);
    own.hooks.describeTopic = () => new Promise(() => undefined);
    const hung = own.producer.send({ topic: 'v', value: 'v' });
    expect(await own.clock.run(ended(hung))).toBe('THROTTLING_QUOTA_EXCEEDED');
  });

  test('an answer counts for those who waited when it was asked for', async () => {
    const own = await start();
    // Answers as things stood when it was asked, and late.
    own.hooks.describeTopic = async (name) => {
      const answer = own.transport.describeTopic(name);
      answer.catch(() => undefined);
      await own.clock.sleep(100);
      return answer;
    };
    const early = ended(own.producer.send({ topic: 'new', value: 'early' }));
    const late = own.clock.sleep(50).then(async () => {
      await own.broker.createTopic({ name: 'new' });
      return ended(own.producer.send({ topic: 'new', value: 'late' }));
    });
    expect(await own.clock.run(Promise.all([early, late]))).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
      '0',
    ]);
    const beyond = ended(send(own, 'v', 4));
    const grown = own.clock.sleep(50).then(async () => {
      await own.broker.createPartitions('t', 5);
      return ended(send(own, 'v', 4));
    });
    expect(await own.clock.run(Promise.all([beyond, grown]))).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
      '0',
    ]);
  });

  test('one that a batch did not find is looked up again', async () => {
    const own = await start({}, ['ok', 'UNKNOWN_TOPIC_OR_PARTITION']);
    let looks = 0;
    own.hooks.describeTopic = (name) => {
      looks += 1;
      return own.transport.describeTopic(name);
    };
    for (const value of ['a', 'b', 'c']) await own.clock.run(ended(send(own, value)));
    expect(looks).toBe(2);
    expect(await valuesOf(own.broker, 't')).toEqual(['a', 'c']);
  });
});

describe('abort', () => {
  test('takes back what lingers, what waits for room and what waits for its topic', async () => {
    const own = await start({ lingerMs: 1_000, bufferBytes: 150 });
    const stop = new AbortController();
    const reason = new Error('never mind');
    const topic = send(own, 'no topic yet', 0, stop.signal).catch((error: unknown) => error);
    stop.abort(reason);
    expect(await topic).toBe(reason);
    await own.clock.run(own.clock.sleep(10));
    const again = new AbortController();
    const lingering = send(own, sized(100), 0, again.signal).catch((error: unknown) => error);
    const other = new AbortController();
    await own.clock.run(own.clock.sleep(1));
    again.abort(reason);
    expect(await lingering).toBe(reason);
    own.hooks.produceBatch = () => new Promise(() => undefined);
    const stuck = ended(send(own, sized(100)));
    const waiting = send(own, sized(100), 1, other.signal).catch((error: unknown) => error);
    await own.clock.run(own.clock.sleep(10));
    other.abort(reason);
    expect(await waiting).toBe(reason);
    delete own.hooks.produceBatch;
    expect(await own.clock.run(stuck)).toBe('0');
    expect(own.sent).toHaveLength(1);
    expect(await ended(send(own, 'v', 0, AbortSignal.abort(reason)))).toBe('Error');
  });

  test('of what was sent: nobody knows, and the batch goes on', async () => {
    const own = await start({ lingerMs: 0 });
    const stop = new AbortController();
    const both = [send(own, 'a', 0, stop.signal).catch((e: unknown) => e), ended(send(own, 'b'))];
    await own.clock.run(own.clock.sleep(1));
    const flushed = own.producer.flush();
    stop.abort(new Error('enough'));
    const unknown = await both[0];
    expect(unknown).toBeInstanceOf(OutcomeUnknown);
    expect((unknown as Error).cause).toMatchObject({ message: 'enough' });
    await own.clock.run(flushed);
    expect(await both[1]).toBe('1');
    expect(await valuesOf(own.broker, 't')).toEqual(['a', 'b']);
  });

  test('no listener stays on the signal', async () => {
    const own = await start();
    const { signal } = new AbortController();
    await own.clock.run(Promise.all([1, 2].map(() => send(own, 'v', 0, signal))));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('flush and close', () => {
  test('flush ends every linger, also of what comes meanwhile, and waits for what was sent before', async () => {
    const own = await start({ lingerMs: 60_000 }, ['ok', 'lost']);
    const first = ended(send(own, 'a'));
    await own.clock.run(own.clock.sleep(10));
    const flushed = own.producer.flush();
    const second = ended(send(own, 'b', 1));
    await own.clock.run(flushed);
    expect(await first).toBe('0');
    expect(await own.clock.run(second)).toBe('0');
    expect(own.clock.monotonic()).toBeLessThan(1_000);
    await own.producer.flush();
  });

  test('each flush waits for all that was sent before it, and for no more', async () => {
    const own = await start({}, ['lost', 'ok', 'lost', 'ok', 'lost']);
    const told: string[] = [];
    const tell = (what: string) => () => void told.push(what);
    const a = send(own, 'a').then(tell('a'));
    const first = own.producer.flush().then(tell('flush'));
    await own.clock.run(own.clock.sleep(1));
    const b = send(own, 'b', 1).then(tell('b'));
    const second = own.producer.flush().then(tell('flush'));
    await own.clock.run(b);
    await own.clock.run(own.clock.sleep(50));
    expect(told).toEqual(['b']);
    const c = send(own, 'c', 1).then(tell('c'));
    const third = own.producer.flush();
    await own.clock.run(Promise.all([a, first, second]));
    expect(told.toSorted()).toEqual(['a', 'b', 'flush', 'flush']);
    await own.clock.run(third.then(() => c));
    await own.producer.flush();
  });

  test('flush resolves whatever became of it', async () => {
    const own = await start({}, ['TOPIC_AUTHORIZATION_FAILED']);
    const refused = ended(send(own, 'a'));
    await own.clock.run(own.producer.flush());
    expect(await refused).toBe('TOPIC_AUTHORIZATION_FAILED');
  });

  test('closing the client brings what is under way to its end; nothing stays behind', async () => {
    const own = await start({ lingerMs: 1_000, bufferBytes: 150 }, ['lost', 'applied']);
    const all = Array.from({ length: 5 }, () => ended(send(own, sized(100))));
    const closed = own.client.close();
    expect(await ended(send(own, 'v'))).toBe('ClosedError');
    await own.clock.run(closed);
    expect(await Promise.all(all)).toEqual(['0', '1', '2', '3', '4']);
    await expect(own.client.admin.listTopics()).rejects.toThrow(ClosedError);
    expect(() => own.client.producer()).toThrow(ClosedError);
    expect(() => own.client.consumer()).toThrow(ClosedError);
    // No timer is left: nobody keeps the process alive.
    const before = own.clock.monotonic();
    await own.clock.drain();
    expect(own.clock.monotonic()).toBe(before);
  });

  test('a linger with nothing left in it ends', async () => {
    const own = await start({ lingerMs: 60_000 });
    await own.clock.run(Promise.all([send(own, 'a'), own.producer.flush()]));
    const stop = new AbortController();
    const taken = ended(send(own, 'b', 0, stop.signal));
    await own.clock.run(own.clock.sleep(1));
    stop.abort();
    expect(await taken).toBe('AbortError');
    const before = own.clock.monotonic();
    await own.clock.drain();
    expect(own.clock.monotonic()).toBe(before);
  });
});
