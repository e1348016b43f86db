import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/std/limits.ts';
import { api, offsetsOf, uniqueName } from './api.ts';
import { Consumer, earliest, groupName, recordsOf, valuesIn } from './consumers.ts';
import type { PolledRecord } from './consumers.ts';

const door = api();

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** One record to each partition, whose value is its number and a round. */
async function fillAll(topic: string, partitions: number, round: number): Promise<void> {
  const records = numbers(partitions).map((partition) => ({
    partition,
    value: { partition, round },
  }));
  offsetsOf(await door.produce(topic, records));
}

const ownedBy = async (one: Consumer): Promise<readonly number[]> => {
  const { json } = await one.ask('GET', '/assignments');
  return (json as { partitions: PolledRecord[] }).partitions.map(({ partition }) => partition);
};

/** Polls each in turn until all of them together own everything, each its part. */
async function settle(all: readonly Consumer[], partitions: number): Promise<PolledRecord[]> {
  const seen: PolledRecord[] = [];
  for (let round = 0; ; round += 1) {
    if (round > 100) throw new Error('the group does not come to rest');
    for (const one of all) seen.push(...recordsOf(await one.poll('timeout=0')));
    const owned = await Promise.all(all.map(ownedBy));
    const isWhole = new Set(owned.flat()).size === partitions;
    if (isWhole && owned.flat().length === partitions && owned.every(({ length }) => length > 0)) {
      return seen;
    }
  }
}

const nameOf = ({ partition, offset }: PolledRecord): string => `${partition}/${offset}`;

describe('instances of one group', () => {
  test('share the partitions, and hand them over with what was committed', async () => {
    const topic = await door.topic(6);
    await fillAll(topic, 6, 0);
    const group = groupName();
    const config = { ...earliest, 'auto.commit.enable': true };
    const one = await Consumer.create(door, group, config);
    await one.subscribe(topic);
    const first = await one.take(6);
    const two = await Consumer.create(door, group, config);
    const three = await Consumer.create(door, group, config);
    for (const each of [two, three]) await each.subscribe(topic);
    const more = await settle([one, two, three], 6);
    await fillAll(topic, 6, 1);
    const rest: PolledRecord[] = [];
    while (rest.length < 6) {
      for (const each of [one, two, three]) {
        const records = recordsOf(await each.poll('timeout=100'));
        // Nobody returns what another one owns.
        const owned = await ownedBy(each);
        expect(records.filter(({ partition }) => !owned.includes(partition))).toEqual([]);
        rest.push(...records);
      }
    }
    // All of them let go in good order, so that nothing comes twice.
    const all = [...first, ...more, ...rest].map(nameOf);
    expect(all.toSorted()).toEqual(
      numbers(6)
        .flatMap((partition) => [`${partition}/0`, `${partition}/1`])
        .toSorted(),
    );
    // Who is deleted leaves its part to the others at once.
    await two.delete();
    await settle([one, three], 6);
    for (const each of [one, three]) await each.delete();
  });

  test('of several groups each have all records', async () => {
    const topic = await door.topic(2);
    await fillAll(topic, 2, 0);
    const all = await Promise.all([1, 2, 3].map(() => Consumer.create(door, groupName())));
    for (const one of all) {
      await one.subscribe(topic);
      expect((await one.take(2)).map(nameOf).toSorted()).toEqual(['0/0', '1/0']);
    }
  });

  test('share their group with members that speak for themselves', async () => {
    const topic = await door.topic(2);
    const group = groupName();
    const one = await Consumer.create(door, group);
    await one.subscribe(topic);
    await one.values('timeout=0');
    const { json } = await door.ask(`GET ${door.cluster}/consumer-groups/${group}/consumers`);
    const { data } = json as { data: { client_id: string }[] };
    expect(data.map(({ client_id: name }) => one.path.endsWith(`/${name}`))).toEqual([true]);
  });
});

describe('patterns', () => {
  test('match whole names', async () => {
    const prefix = uniqueName();
    const make = async (name: string) => {
      const body = { topic_name: `${prefix}${name}`, partitions_count: 1 };
      expect((await door.create(body)).status).toBe(201);
      offsetsOf(await door.produce(`${prefix}${name}`, [{ value: name }]));
    };
    for (const name of ['-a', '-b', '-b-no', 'x']) await make(name);
    const one = await Consumer.create(door, groupName());
    const pattern = `${prefix}-[a-c]`;
    await one.do('POST', '/subscription', { topic_pattern: pattern });
    expect((await one.ask('GET', '/subscription')).json).toEqual({
      topics: [],
      topic_pattern: pattern,
    });
    expect(new Set(valuesIn(await one.take(2)))).toEqual(new Set(['-a', '-b']));
    const wrong = { topic_pattern: '(' };
    await one.do('DELETE', '/subscription');
    expect(await one.ask('POST', '/subscription', wrong)).toBeError(40_001, /\)|paren|\(/);
    expect(await one.ask('POST', '/subscription', {})).toBeError(40_001, /topic_pattern/);
  });
});

describe('what fits', () => {
  test('50 partitions each have their turn, however little fits', async () => {
    const topic = await door.topic(50);
    for (const round of [0, 1, 2]) await fillAll(topic, 50, round);
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, ...numbers(50));
    const seen: number[] = [];
    // Each poll has room for one record: the first 50 are of 50 partitions.
    while (seen.length < 50) {
      for (const { partition } of recordsOf(await one.poll('timeout=0&max_bytes=1'))) {
        seen.push(partition);
      }
    }
    expect(new Set(seen).size).toBe(50);
    const rest = await one.take(100);
    expect(new Set(rest.map(nameOf)).size).toBe(100);
  });

  test('answers end where they would be too large, and nothing is passed over', async () => {
    const topic = await door.topic(3, { 'max.message.bytes': limits.batchBytesMax });
    const value = 'x'.repeat(1_000_000);
    for (const i of numbers(9)) {
      offsetsOf(await door.produce(`${topic}/partitions/${i % 3}`, [{ value }]));
    }
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, 0, 1, 2);
    const seen: string[] = [];
    while (seen.length < 9) {
      const answer = await one.poll('timeout=0');
      expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(limits.responseBytesMax);
      seen.push(...recordsOf(answer).map(nameOf));
    }
    expect(new Set(seen).size).toBe(9);
    expect(seen).toHaveLength(9);
  });

  test('max_bytes is of keys and values, and lets one record through at least', async () => {
    const topic = await door.topic();
    const value = 'x'.repeat(98);
    offsetsOf(
      await door.produce(
        topic,
        numbers(5).map(() => ({ value })),
      ),
    );
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, 0);
    const sizes: number[] = [];
    for (const max of [250, 1, 1_000]) {
      sizes.push((await one.values(`timeout=0&max_bytes=${max}`)).length);
    }
    expect(sizes).toEqual([2, 1, 2]);
  });
});

describe('acknowledged polls', () => {
  const idOf = ({ headers }: { readonly headers: Headers }) => headers.get('tailrace-poll-id');

  test('are repeated until they are acknowledged', async () => {
    const topic = await door.topic(3);
    for (const round of [0, 1]) await fillAll(topic, 3, round);
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, 0, 1, 2);
    const first = await one.poll('ack=0&timeout=0&max_bytes=60');
    expect(idOf(first)).toBe('1');
    expect(recordsOf(first).length).toBeGreaterThan(0);
    for (const query of ['ack=0&timeout=0', 'ack=0&max_bytes=1']) {
      const again = await one.poll(query);
      expect(recordsOf(again).map(nameOf)).toEqual(
        expect.arrayContaining(recordsOf(first).map(nameOf)),
      );
      expect(recordsOf(again)).toHaveLength(recordsOf(first).length);
      expect(idOf(again)).toBe('1');
    }
    const seen = [...recordsOf(first)];
    let ack = '1';
    while (seen.length < 6) {
      const next = await one.poll(`ack=${ack}&timeout=0&max_bytes=60`);
      ack = idOf(next) ?? '';
      seen.push(...recordsOf(next));
    }
    expect(new Set(seen.map(nameOf)).size).toBe(6);
    expect(seen).toHaveLength(6);
    expect(await one.poll('ack=0')).toBeError(40_001, /ack/);
    expect(await one.poll('ack=x')).toBeError(40_001, /ack/);
    // Without ack there is no id, and what was returned counts as delivered.
    expect(idOf(await one.poll('timeout=0'))).toBe(null);
  });

  test('commit what was acknowledged, and nothing else', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, [{ value: 0 }]));
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, 0);
    expect(await one.values('ack=0&timeout=0')).toEqual([0]);
    await one.commit();
    expect(await one.committed(topic, 0)).toEqual([0]);
    expect(await one.values('ack=1&timeout=0')).toEqual([]);
    await one.commit();
    expect(await one.committed(topic, 0)).toEqual([1]);
  });
});

describe('calls at the same time', () => {
  test('polls of one instance return every record once', async () => {
    const topic = await door.topic(4);
    const one = await Consumer.create(door, groupName());
    await one.subscribe(topic);
    await one.values('timeout=0');
    for (const round of numbers(6)) await fillAll(topic, 4, round);
    const seen: string[] = [];
    while (seen.length < 24) {
      const answers = await Promise.all(numbers(4).map(() => one.poll('timeout=0&max_bytes=100')));
      seen.push(...answers.flatMap(recordsOf).map(nameOf));
    }
    expect(seen).toHaveLength(24);
    expect(new Set(seen).size).toBe(24);
  });

  test('only one of many creates an instance of a name', async () => {
    const group = groupName();
    const answers = await Promise.all(
      numbers(5).map(() => door.ask(`POST /consumers/${group}`, { body: { name: 'one' } })),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 409, 409, 409, 409]);
  });
});
