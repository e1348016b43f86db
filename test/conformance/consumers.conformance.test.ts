import { describe, expect, test } from 'vitest';
import { api, binaryRecords, offsetsOf } from './api.ts';
import { Consumer, earliest, groupName, recordsOf, valuesIn } from './consumers.ts';

const door = api();

const values = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ value: from + i }));

describe('an instance', () => {
  test('is created, polls, commits, and is deleted', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(3)));
    const group = groupName();
    const created = await door.ask(`POST /consumers/${group}`, {
      body: { name: 'one', ...earliest },
    });
    expect(created.json).toMatchObject({ instance_id: 'one' });
    const { base_uri: base } = created.json as { base_uri: string };
    expect(base).toMatch(new RegExp(`^https?://.*/consumers/${group}/instances/one$`));
    const one = new Consumer(door, group, 'one');
    await one.subscribe(topic);
    expect((await one.ask('GET', '/subscription')).json).toEqual({ topics: [topic] });
    const records = await one.take(3);
    expect(records[0]).toEqual({
      topic,
      partition: 0,
      offset: 0,
      timestamp: expect.any(Number),
      key: null,
      value: 0,
      headers: [],
    });
    expect(valuesIn(records)).toEqual([0, 1, 2]);
    expect((await one.ask('GET', '/assignments')).json).toEqual({
      partitions: [{ topic, partition: 0 }],
    });
    expect(await one.committed(topic, 0)).toEqual([undefined]);
    await one.commit();
    expect(await one.committed(topic, 0)).toEqual([3]);
    await one.delete();
    expect(await one.poll()).toBeError(40_403, /instance/);
    expect(await one.ask('DELETE', '')).toBeError(40_403);
  });

  test('its link leads to it', async () => {
    const { json } = await door.ask(`POST /consumers/${groupName()}`, { body: {} });
    const { base_uri: base } = json as { base_uri: string };
    expect((await door.follow(`${base}/subscription`)).json).toEqual({ topics: [] });
  });

  test('goes on from what its group committed, one more than what was processed', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(5)));
    const group = groupName();
    const one = await Consumer.create(door, group);
    await one.subscribe(topic);
    await one.take(5);
    await one.commit([{ topic, partition: 0, offset: 1, metadata: 'as far as this' }]);
    const told = await one.ask('POST', '/offsets:committed', {
      partitions: [{ topic, partition: 0 }],
    });
    expect(told.json).toEqual({
      offsets: [{ topic, partition: 0, offset: 2, metadata: 'as far as this' }],
    });
    expect((await one.ask('GET', '/offsets')).json).toEqual(told.json);
    await one.delete();
    const two = await Consumer.create(door, group);
    await two.subscribe(topic);
    expect(valuesIn(await two.take(3))).toEqual([2, 3, 4]);
    await two.commit([{ topic, partition: 0, offset: -1 }]);
    expect(await two.committed(topic, 0)).toEqual([0]);
    await two.delete();
  });

  test('begins at the end, if it does not say otherwise', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(1)));
    const one = await Consumer.create(door, groupName(), { format: 'json' });
    await one.subscribe(topic);
    expect(await one.values('timeout=200')).toEqual([]);
    offsetsOf(await door.produce(topic, values(2, 10)));
    expect(valuesIn(await one.take(2))).toEqual([10, 11]);
  });

  test('commits by itself what earlier polls returned', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(4)));
    const group = groupName();
    const config = { ...earliest, 'auto.commit.enable': true, 'auto.commit.interval.ms': 0 };
    const one = await Consumer.create(door, group, config);
    await one.subscribe(topic);
    await one.take(4);
    expect(await one.committed(topic, 0)).toEqual([undefined]);
    await one.values('timeout=0');
    expect(await one.committed(topic, 0)).toEqual([4]);
    offsetsOf(await door.produce(topic, values(2)));
    await one.take(2);
    // On its way out it commits whatever the interval.
    await one.delete();
    const two = await Consumer.create(door, group);
    expect(await two.committed(topic, 0)).toEqual([6]);
  });

  test('commits nothing by itself if it is told so', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(1)));
    const group = groupName();
    const one = await Consumer.create(door, group, {
      ...earliest,
      'auto.commit.interval.ms': '0',
    });
    await one.subscribe(topic);
    await one.take(1);
    await one.values('timeout=0');
    await one.delete();
    const two = await Consumer.create(door, group);
    expect(await two.committed(topic, 0)).toEqual([undefined]);
  });
});

describe('seeking', () => {
  test('to an offset, to both ends, and only in what is assigned', async () => {
    const topic = await door.topic(2);
    offsetsOf(
      await door.produce(
        topic,
        values(4).map((one) => ({ ...one, partition: 0 })),
      ),
    );
    const one = await Consumer.create(door, groupName());
    const at = (offset: unknown, partition = 0) => ({ offsets: [{ topic, partition, offset }] });
    const of = (partition: number) => ({ partitions: [{ topic, partition }] });
    expect(await one.ask('POST', '/positions', at(0))).toBeError(40_903, /assigned/);
    await one.assign(topic, 0);
    expect(valuesIn(await one.take(4))).toEqual([0, 1, 2, 3]);
    await one.do('POST', '/positions', at(2));
    expect(valuesIn(await one.take(2))).toEqual([2, 3]);
    await one.do('POST', '/positions/beginning', of(0));
    expect(valuesIn(await one.take(4))).toEqual([0, 1, 2, 3]);
    await one.do('POST', '/positions', at(1));
    await one.do('POST', '/positions/end', of(0));
    // The end is that of the seek, not of the poll that comes after it.
    offsetsOf(await door.produce(`${topic}/partitions/0`, values(1, 100)));
    expect(valuesIn(await one.take(1))).toEqual([100]);
    for (const [below, body] of [
      ['', at(0, 1)],
      ['/beginning', of(1)],
      ['/end', of(1)],
    ] as const) {
      expect(await one.ask('POST', `/positions${below}`, body)).toBeError(40_903, /partition=1/);
    }
    expect(await one.ask('POST', '/positions', at(-1))).toBeError(40_001, /offset/);
    expect(await one.ask('POST', '/positions', at('1'))).toBeError(40_001, /offset/);
  });

  test('beyond the log goes where auto.offset.reset says', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(2)));
    const beyond = { offsets: [{ topic, partition: 0, offset: 99 }] };
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, 0);
    await one.do('POST', '/positions', beyond);
    expect(valuesIn(await one.take(2))).toEqual([0, 1]);
    const none = await Consumer.create(door, groupName(), {
      ...earliest,
      'auto.offset.reset': 'none',
    });
    await none.assign(topic, 0);
    expect(await none.poll('timeout=0')).toBeError(40_003, /committed/);
    await none.do('POST', '/positions', { offsets: [{ topic, partition: 0, offset: 1 }] });
    expect(await none.values('timeout=0')).toEqual([1]);
    await none.do('POST', '/positions', beyond);
    expect(await none.poll('timeout=0')).toBeError(40_003);
  });
});

describe('assignment by hand', () => {
  test('replaces the one before, goes on where it was, and begins where the group is', async () => {
    const topic = await door.topic(3);
    for (const partition of [0, 1, 2]) {
      offsetsOf(await door.produce(`${topic}/partitions/${partition}`, values(2, partition * 10)));
    }
    const group = groupName();
    const one = await Consumer.create(door, group);
    await one.assign(topic, 1, 0, 1);
    expect((await one.ask('GET', '/assignments')).json).toEqual({
      partitions: [
        { topic, partition: 0 },
        { topic, partition: 1 },
      ],
    });
    expect(new Set(valuesIn(await one.take(4)))).toEqual(new Set([0, 1, 10, 11]));
    await one.assign(topic, 1, 2);
    expect(valuesIn(await one.take(2))).toEqual([20, 21]);
    await one.commit();
    expect(await one.committed(topic, 0, 1, 2)).toEqual([undefined, 2, 2]);
    await one.delete();
    const two = await Consumer.create(door, group);
    await two.assign(topic, 0, 1, 2);
    expect(valuesIn(await two.take(2))).toEqual([0, 1]);
    await two.assign(topic);
    expect((await two.ask('GET', '/assignments')).json).toEqual({ partitions: [] });
    expect(await two.poll()).toBeError(40_903, /subscribe/);
  });

  test('of what is not there is no reason to fail', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, values(1)));
    const one = await Consumer.create(door, groupName());
    await one.do('POST', '/assignments', {
      partitions: [
        { topic, partition: 0 },
        { topic, partition: 9 },
        { topic: groupName(), partition: 0 },
      ],
    });
    expect(valuesIn(await one.take(1))).toEqual([0]);
    expect(await one.values('timeout=0')).toEqual([]);
  });
});

describe('what an instance does not do', () => {
  test('two of one name, in one group', async () => {
    const group = groupName();
    const body = { name: 'same' };
    expect((await door.ask(`POST /consumers/${group}`, { body })).status).toBe(200);
    expect(await door.ask(`POST /consumers/${group}`, { body })).toBeError(40_902, /same/);
    expect((await door.ask(`POST /consumers/${groupName()}`, { body })).status).toBe(200);
  });

  test('subscribe and assign', async () => {
    const topic = await door.topic();
    const one = await Consumer.create(door, groupName());
    await one.subscribe(topic);
    const assignment = { partitions: [{ topic, partition: 0 }] };
    expect(await one.ask('POST', '/assignments', assignment)).toBeError(40_903, /subscription/);
    const pattern = { topic_pattern: `${topic}.*` };
    expect(await one.ask('POST', '/subscription', pattern)).toBeError(40_903);
    expect(await one.ask('POST', '/subscription', { ...pattern, topics: [] })).toBeError(40_903);
    await one.do('DELETE', '/subscription');
    await one.do('DELETE', '/subscription');
    await one.assign(topic, 0);
    expect(await one.ask('POST', '/subscription', { topics: [topic] })).toBeError(40_903);
    await one.do('DELETE', '/subscription');
    await one.subscribe(topic);
  });

  test('poll for nothing, or commit what it does not own', async () => {
    const topic = await door.topic();
    const one = await Consumer.create(door, groupName());
    expect(await one.poll()).toBeError(40_903, /subscribe/);
    await one.subscribe(topic);
    const offsets = [{ topic, partition: 0, offset: 0 }];
    expect(await one.ask('POST', '/offsets', { offsets })).toBeError(40_903, /poll/);
    await one.values('timeout=0');
    const stray = [{ topic, partition: 7, offset: 0 }];
    expect(await one.ask('POST', '/offsets', { offsets: stray })).toBeError(40_401);
  });

  test.each([
    ['POST', '/subscription', { topics: ['t'] }],
    ['GET', '/subscription', undefined],
    ['DELETE', '/subscription', undefined],
    ['POST', '/assignments', { partitions: [] }],
    ['GET', '/assignments', undefined],
    ['POST', '/positions', { offsets: [] }],
    ['POST', '/positions/beginning', { partitions: [] }],
    ['POST', '/positions/end', { partitions: [] }],
    ['GET', '/records', undefined],
    ['POST', '/offsets', undefined],
    ['GET', '/offsets', undefined],
    ['POST', '/offsets:committed', { partitions: [] }],
    ['DELETE', '', undefined],
  ])('%s %s of one that is not there', async (method, below, body) => {
    for (const name of ['nobody', 'no%20body']) {
      const one = new Consumer(door, groupName(), name);
      expect(await one.ask(method, below, body)).toBeError(40_403, /instance/);
    }
  });

  test.each([
    [{ 'auto.offset.reset': 'newest' }, /auto\.offset\.reset/],
    [{ format: 'avro' }, /format/],
    [{ 'auto.commit.enable': 'perhaps' }, /auto\.commit\.enable/],
    [{ 'fetch.min.bytes': 1e9 }, /fetch\.min\.bytes/],
    [{ 'consumer.request.timeout.ms': 'soon' }, /timeout/],
    [{ 'consumer.instance.timeout.ms': 1 }, /timeout/],
  ])('be configured with %j', async (config, message) => {
    const answer = await door.ask(`POST /consumers/${groupName()}`, { body: config });
    expect(answer).toBeError(42_204, message);
  });

  test('be of a group, or called, what is no plain name', async () => {
    expect(await door.ask('POST /consumers/a%20b', { body: {} })).toBeError(40_001, /group/);
    const body = { name: 'a/b' };
    expect(await door.ask(`POST /consumers/${groupName()}`, { body })).toBeError(40_001, /name/);
    const other = { id: 'old' };
    expect(await door.ask(`POST /consumers/${groupName()}`, { body: other })).toBeError(40_001);
  });

  test('take configuration as text, or none at all', async () => {
    const given = { 'fetch.min.bytes': '-1', 'consumer.request.timeout.ms': '100' };
    expect((await door.ask(`POST /consumers/${groupName()}`, { body: given })).status).toBe(200);
    expect((await door.ask(`POST /consumers/${groupName()}`)).status).toBe(200);
  });
});

describe('formats', () => {
  test('binary is base64, which is the default', async () => {
    const topic = await door.topic();
    offsetsOf(await door.produce(topic, [{ key: 'k', value: 1 }]));
    const { format: _, ...rest } = earliest;
    const one = await Consumer.create(door, groupName(), rest, binaryRecords);
    await one.subscribe(topic);
    const [record] = await one.take(1);
    expect([record?.key, record?.value]).toEqual(['Imsi', 'MQ==']);
  });

  test('the answer is in the type that is accepted, or in none', async () => {
    const topic = await door.topic();
    const typeFor = async (format: string, accept: string) => {
      const one = await Consumer.create(door, groupName(), { ...earliest, format }, accept);
      await one.assign(topic, 0);
      const answer = await one.poll('timeout=0');
      return answer.status === 200 ? answer.headers.get('content-type') : answer;
    };
    expect(await typeFor('json', 'application/json')).toBe('application/json');
    expect(await typeFor('json', '*/*')).toBe('application/vnd.kafka.json.v2+json');
    expect(await typeFor('binary', '*/*')).toBe(binaryRecords);
    expect(await typeFor('binary', 'application/json')).toBeError(40_601, /binary/);
    expect(await typeFor('json', binaryRecords)).toBeError(40_601, /json/);
    expect(await typeFor('json', 'text/html')).toBeError(406);
  });

  test('what is no JSON blocks nobody, and is counted', async () => {
    const topic = await door.topic();
    const headers = { 'content-type': binaryRecords };
    const records = [{ key: '/w==', value: '/w==' }, { value: 'MQ==' }];
    offsetsOf(await door.produce(topic, records, {}, headers));
    const one = await Consumer.create(door, groupName());
    await one.assign(topic, 0);
    const answer = await one.poll('timeout=2000');
    expect(answer.headers.get('tailrace-undecoded')).toBe('2');
    const raw = { __base64: '/w==' };
    expect(recordsOf(answer).map(({ key, value }) => [key, value])).toEqual([
      [raw, raw],
      [null, 1],
    ]);
  });
});
