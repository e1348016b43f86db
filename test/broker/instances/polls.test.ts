import { describe, expect, test } from 'vitest';
import { another, record } from '../setup.ts';
import { committed, earliest, fill, poll, reasonOf, started, subscribed } from './setup.ts';

const drained = async (one: Parameters<typeof poll>[0], of: Parameters<typeof poll>[1]) =>
  (await poll(one, of, { timeoutMs: 3_000 })).records;

describe('a subscription', () => {
  test('polls what there is, once, and goes on', async () => {
    const { broker, clock } = await started(2);
    await fill(broker, 0, 'a', 'b');
    await fill(broker, 1, 'c');
    const of = await subscribed(broker, 'g');
    const first = await clock.run(drained(broker, of));
    expect(first.toSorted()).toEqual(['0:a', '0:b', '1:c']);
    expect(await poll(broker, of)).toEqual({ records: [], pollId: undefined });
    await fill(broker, 1, 'd');
    expect((await poll(broker, of)).records).toEqual(['1:d']);
  });

  test('any process goes on where another one has left off', async () => {
    const one = await started(1);
    const other = another(one);
    await fill(one.broker, 0, 'a', 'b', 'c', 'd');
    const of = await subscribed(one.broker, 'g');
    const seen: string[] = [];
    for (const { broker } of [one, other, one, other]) {
      seen.push(...(await one.clock.run(poll(broker, of, { max: 1, timeoutMs: 3_000 }))).records);
    }
    expect(seen).toEqual(['0:a', '0:b', '0:c', '0:d']);
  });

  test('latest begins at the end of the first poll that owns the partition, for good', async () => {
    const { broker, clock } = await started(1);
    await fill(broker, 0, 'old');
    const of = await subscribed(broker, 'g', { 'auto.commit.enable': false });
    expect(await clock.run(drained(broker, of))).toEqual([]);
    await fill(broker, 0, 'new');
    expect((await poll(broker, of)).records).toEqual(['0:new']);
  });

  test('waits for its time, or not at all', async () => {
    const { broker, clock } = await started(1);
    const patient = await subscribed(broker, 'g');
    const hasty = await subscribed(broker, 'h', { ...earliest, 'fetch.min.bytes': 0 });
    await clock.run(poll(broker, patient, { timeoutMs: 3_000 }));
    expect(clock.monotonic()).toBe(3_000);
    for (let i = 0; i < 3; i += 1) {
      expect((await poll(broker, hasty, { timeoutMs: 3_000 })).records).toEqual([]);
    }
    expect(clock.monotonic()).toBe(3_000);
  });

  test('without a committed offset none refuses to begin anywhere', async () => {
    const { broker, clock } = await started(1);
    const of = await subscribed(broker, 'g', { 'auto.offset.reset': 'none' });
    expect(await clock.run(reasonOf(drained(broker, of)))).toBe('out-of-range');
  });

  test('two instances share the partitions, and what one gives up the other goes on with', async () => {
    const one = await started(4);
    const { broker, clock } = one;
    const a = await subscribed(broker, 'g', { ...earliest, 'auto.commit.enable': true });
    for (const partition of [0, 1, 2, 3]) await fill(broker, partition, 'x');
    expect((await clock.run(drained(broker, a))).length).toBe(4);
    const b = await subscribed(another(one).broker, 'g');
    // Nothing is free before the first one has heard of it, stopped, and said so.
    expect(await clock.run(drained(broker, b))).toEqual([]);
    expect(await clock.run(drained(broker, a))).toEqual([]);
    for (const partition of [0, 1, 2, 3]) await fill(broker, partition, 'y');
    const ofA = await clock.run(drained(broker, a));
    const ofB = await clock.run(drained(broker, b));
    expect([ofA.length, ofB.length]).toEqual([2, 2]);
    // What was returned was committed with the hand-over, so nothing comes twice.
    expect([...ofA, ...ofB].toSorted()).toEqual(['0:y', '1:y', '2:y', '3:y']);
  });

  test('by a pattern goes on with topics that come later', async () => {
    const { broker, clock } = await started(1);
    const name = await broker.instances.create('g', undefined, earliest);
    const of = { group: 'g', name };
    await broker.instances.subscribe(of, { pattern: '[t-w]' });
    // What is there when it joins is found at once, however new.
    await broker.instances.create('other', undefined, earliest);
    await broker.createTopic({ name: 'w' });
    await broker.produce({ topic: 'w', records: [record('w')] });
    expect(await clock.run(drained(broker, of))).toEqual(['0:w']);
    for (const topic of ['u', 'tu']) {
      await broker.createTopic({ name: topic });
      await broker.produce({ topic, records: [record(topic)] });
    }
    const seen: string[] = [];
    while (seen.length === 0) seen.push(...(await clock.run(drained(broker, of))));
    expect(seen).toEqual(['0:u']);
  });

  test('who was evicted joins again and begins where the group is', async () => {
    const { broker, clock } = await started(1);
    await fill(broker, 0, 'a', 'b');
    const config = { ...earliest, 'consumer.instance.timeout.ms': 60_000 };
    const a = await subscribed(broker, 'g', config);
    expect(await clock.run(drained(broker, a))).toEqual(['0:a', '0:b']);
    const { memberList } = await broker.describeGroup('g');
    const [member] = memberList;
    await broker.heartbeat({ group: 'g', memberId: member?.memberId ?? '', memberEpoch: -1 });
    expect(await clock.run(drained(broker, a))).toEqual(['0:a', '0:b']);
  });

  test('leaves when it is deleted, and is not there any more', async () => {
    const { broker, clock } = await started(1);
    const a = await subscribed(broker, 'g');
    await clock.run(drained(broker, a));
    expect((await broker.describeGroup('g')).members).toBe(1);
    await broker.instances.remove(a);
    expect(await reasonOf(broker.describeGroup('g'))).toBe('GROUP_ID_NOT_FOUND');
    expect(await reasonOf(poll(broker, a))).toBe('no-instance');
    expect(await reasonOf(broker.instances.remove(a))).toBe('no-instance');
  });
});

describe('polls at the same time', () => {
  test.each([2, 5])('%i of them return every record once', async (width) => {
    const one = await started(3);
    const { clock } = one;
    const doors = Array.from({ length: width }, () => another(one).broker);
    const of = await subscribed(one.broker, 'g');
    await clock.run(drained(one.broker, of));
    for (let i = 0; i < 20; i += 1) await fill(one.broker, i % 3, `${i}`);
    const seen: string[] = [];
    while (seen.length < 20) {
      const told = await clock.run(
        Promise.all(doors.map((broker) => poll(broker, of, { max: 2 }))),
      );
      seen.push(...told.flatMap(({ records }) => records));
    }
    expect(seen.toSorted()).toEqual(
      Array.from({ length: 20 }, (_, i) => `${i % 3}:${i}`).toSorted(),
    );
  });
});

describe('acknowledged polls', () => {
  test('are repeated until they are acknowledged, and commit nothing before', async () => {
    const { broker, clock } = await started(2);
    await fill(broker, 0, 'a', 'b');
    await fill(broker, 1, 'c', 'd');
    const of = await subscribed(broker, 'g');
    const first = await clock.run(poll(broker, of, { ack: 0, max: 3, timeoutMs: 3_000 }));
    expect(first.pollId).toBe(1);
    expect(first.records).toHaveLength(3);
    expect(await poll(broker, of, { ack: 0 })).toEqual(first);
    await broker.instances.commit(of, undefined);
    expect([await committed(broker, 'g', 0), await committed(broker, 'g', 1)]).toEqual([0n, 0n]);
    const second = await poll(broker, of, { ack: 1 });
    expect(second.pollId).toBe(2);
    expect([...first.records, ...second.records].toSorted()).toEqual(['0:a', '0:b', '1:c', '1:d']);
    await broker.instances.commit(of, undefined);
    const both = [await committed(broker, 'g', 0), await committed(broker, 'g', 1)];
    expect(both.reduce<bigint>((sum, one) => sum + (one ?? 0n), 0n)).toBe(3n);
    expect(await reasonOf(poll(broker, of, { ack: 0 }))).toBe('malformed');
    expect(await reasonOf(poll(broker, of, { ack: 3 }))).toBe('malformed');
    // An empty poll is none that could be lost.
    expect(await poll(broker, of, { ack: 2 })).toEqual({ records: [], pollId: 2 });
    await broker.instances.commit(of, undefined);
    expect([await committed(broker, 'g', 0), await committed(broker, 'g', 1)]).toEqual([2n, 2n]);
  });

  test('who polls twice at once is told the same', async () => {
    const one = await started(1);
    const { broker, clock } = one;
    await fill(broker, 0, 'a', 'b', 'c');
    const of = await subscribed(broker, 'g');
    const input = { ack: 0, max: 2, timeoutMs: 3_000 };
    const told = await clock.run(
      Promise.all([poll(broker, of, input), poll(another(one).broker, of, input)]),
    );
    expect(told[0]).toEqual({ records: ['0:a', '0:b'], pollId: 1 });
    expect(told[1]).toEqual(told[0]);
  });
});
