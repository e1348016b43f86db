import { describe, expect, test } from 'vitest';
import { api, uniqueName } from './api.ts';

const door = api();
const at = (topic: string) => `${door.cluster}/topics/${topic}`;

describe('create', () => {
  test('answers with the topic, which is there at once', async () => {
    const name = uniqueName();
    const answer = await door.create({
      topic_name: name,
      partitions_count: 3,
      replication_factor: 3,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(new RegExp(`/topics/${name}$`));
    const resource = {
      kind: 'KafkaTopic',
      cluster_id: door.clusterId,
      topic_name: name,
      is_internal: false,
      replication_factor: 1,
      partitions_count: 3,
    };
    expect(answer.json).toMatchObject(resource);
    expect((await door.ask(`GET ${at(name)}`)).json).toMatchObject(resource);
    expect((await door.ask('GET /topics')).json).toContain(name);
    const list = await door.ask(`GET ${door.cluster}/topics`);
    expect(list.json).toMatchObject({
      kind: 'KafkaTopicList',
      metadata: { next: null },
      data: expect.arrayContaining([expect.objectContaining({ topic_name: name })]),
    });
  });

  test('one partition unless more are asked for', async () => {
    const name = uniqueName();
    const answer = await door.create({ topic_name: name });
    expect(answer.json).toMatchObject({ partitions_count: 1 });
    const again = await door.create({ topic_name: uniqueName(), partitions_count: -1 });
    expect(again.json).toMatchObject({ partitions_count: 1 });
  });

  test('twice is 40002, also at the same time', async () => {
    const name = uniqueName();
    const both = await Promise.all([1, 2].map(() => door.create({ topic_name: name })));
    const statuses = both.map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 400]);
    expect(await door.create({ topic_name: name })).toBeError(40_002, /exists/);
  });

  test('only checks if that is all that is asked for', async () => {
    const name = uniqueName();
    expect((await door.create({ topic_name: name, validate_only: true })).status).toBe(200);
    expect(await door.ask(`GET ${at(name)}`)).toBeError(40_401);
  });

  test.each(['', '.', '..', 'a b', 'a/b', 'é', 'x'.repeat(250), '__consumer_offsets'])(
    'the name %j is refused',
    async (name) => {
      expect(await door.create({ topic_name: name })).toBeError(40_001);
    },
  );

  test('a name that differs by . and _ only is refused', async () => {
    const name = uniqueName();
    expect((await door.create({ topic_name: `${name}.a` })).status).toBe(201);
    expect(await door.create({ topic_name: `${name}_a` })).toBeError(40_001);
  });

  test.each([
    ['partitions_count', 0],
    ['partitions_count', -2],
    ['partitions_count', 1_001],
    ['partitions_count', 1.5],
    ['partitions_count', '3'],
    ['replication_factor', 0],
    ['replication_factor', 40_000],
    ['configs', [{ name: 'retention.ms', value: 'soon' }]],
    ['configs', [{ name: 'no.such.config', value: '1' }]],
    ['configs', 'none'],
    ['nonsense', 1],
  ])('%s of %j is refused, and nothing is created', async (field, value) => {
    const name = uniqueName();
    expect(await door.create({ topic_name: name, [field]: value })).toBeError(40_001);
    expect(await door.ask(`GET ${at(name)}`)).toBeError(40_401);
  });

  test('a number beyond 2^53 and malformed JSON are refused', async () => {
    const name = uniqueName();
    const huge = `{"topic_name":"${name}","partitions_count":12345678901234567890}`;
    expect(await door.create(huge)).toBeError(40_001, /2\^53/);
    expect(await door.create(`{"topic_name":"${name}"`)).toBeError(40_001, /position=/);
    expect(await door.create('[]')).toBeError(40_001);
    expect(await door.ask(`GET ${at(name)}`)).toBeError(40_401);
  });
});

describe('a description', () => {
  test('a topic of v2, with configs and partitions', async () => {
    const name = await door.topic(2, { 'retention.ms': 5_000 });
    const replicas = [{ broker: 0, leader: true, in_sync: true }];
    const partitions = [0, 1].map((partition) => ({ partition, leader: 0, replicas }));
    const answer = await door.ask(`GET /topics/${name}`);
    expect(answer.json).toMatchObject({
      name,
      configs: { 'retention.ms': '5000', 'cleanup.policy': 'delete' },
      partitions,
    });
    expect((await door.ask(`GET /topics/${name}/partitions`)).json).toEqual(partitions);
    expect((await door.ask(`GET /topics/${name}/partitions/1`)).json).toEqual(partitions[1]);
  });

  test('partitions of v3', async () => {
    const name = await door.topic(2);
    const list = await door.ask(`GET ${at(name)}/partitions`);
    expect(list.json).toMatchObject({
      kind: 'KafkaPartitionList',
      data: [{ partition_id: 0 }, { partition_id: 1 }],
    });
    const one = await door.ask(`GET ${at(name)}/partitions/1`);
    expect(one.json).toMatchObject({ kind: 'KafkaPartition', topic_name: name, partition_id: 1 });
    const offset = await door.ask(`GET ${at(name)}/partitions/1/offset`);
    expect(offset.json).toMatchObject({ partition_id: 1, beginning_offset: 0, end_offset: 0 });
  });

  test('what is not there is 40401, a partition 40402', async () => {
    const name = await door.topic();
    const none = uniqueName();
    for (const path of ['', '/partitions', '/partitions/0', '/partitions/0/offsets']) {
      expect(await door.ask(`GET /topics/${none}${path}`)).toBeError(40_401);
    }
    for (const path of ['', '/configs', '/configs/retention.ms', '/partitions', '/partitions/0']) {
      expect(await door.ask(`GET ${at(none)}${path}`)).toBeError(40_401);
    }
    for (const partition of ['1', '-1', '99999999999', 'x']) {
      expect(await door.ask(`GET /topics/${name}/partitions/${partition}`)).toBeError(40_402);
      expect(await door.ask(`GET /topics/${name}/partitions/${partition}/offsets`)).toBeError(
        40_402,
      );
      expect(await door.ask(`GET ${at(name)}/partitions/${partition}`)).toBeError(40_402);
    }
    expect(await door.ask('GET /topics/a%20b')).toBeError(40_001);
  });
});

describe('partitions', () => {
  test('are added, never taken away', async () => {
    const name = await door.topic(1);
    const patch = (count: unknown) =>
      door.ask(`PATCH ${at(name)}`, { body: { partitions_count: count } });
    await door.produce(`${name}/partitions/0`, [{ value: 1 }]);
    expect(await door.produce(`${name}/partitions/2`, [{ value: 2 }])).toBeError(40_402);
    expect((await patch(3)).json).toMatchObject({ topic_name: name, partitions_count: 3 });
    expect((await door.produce(`${name}/partitions/2`, [{ value: 2 }])).status).toBe(200);
    expect(await door.values(name, 0)).toEqual([1]);
    expect(await door.values(name, 2)).toEqual([2]);
    for (const count of [3, 2, 0, -1, 1_001, '4', null])
      expect(await patch(count)).toBeError(40_001);
    const none = { body: { partitions_count: 2 } };
    expect(await door.ask(`PATCH ${at(uniqueName())}`, none)).toBeError(40_401);
  });
});

describe('delete', () => {
  test('ends everything; a new topic of the name begins at 0', async () => {
    const name = await door.topic(2, { 'retention.ms': 5_000 });
    await door.produce(`${name}/partitions/0`, [{ value: 'old' }, { value: 'old' }]);
    const deleted = await door.ask(`DELETE ${at(name)}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await door.ask(`DELETE ${at(name)}`)).toBeError(40_401);
    expect(await door.ask(`GET /topics/${name}`)).toBeError(40_401);
    expect(await door.produce(name, [{ value: 1 }])).toBeError(40_401);
    expect(await door.read(name)).toBeError(40_401);
    expect((await door.ask('GET /topics')).json).not.toContain(name);
    expect((await door.create({ topic_name: name })).status).toBe(201);
    expect(await door.values(name)).toEqual([]);
    await door.produce(name, [{ value: 'new' }]);
    expect((await door.read(name)).json).toMatchObject([{ offset: 0, value: 'new' }]);
    expect(await door.read(name, 'offset=0', 1)).toBeError(40_402);
    const config = await door.ask(`GET ${at(name)}/configs/retention.ms`);
    expect(config.json).toMatchObject({ is_default: true });
  });
});

describe('configs', () => {
  test('are listed, set, reset', async () => {
    const name = await door.topic();
    const config = `${at(name)}/configs/retention.ms`;
    const list = await door.ask(`GET ${at(name)}/configs`);
    const { data } = list.json as { data: { name: string; is_default: boolean }[] };
    expect(data.map((each) => each.name)).toEqual(
      expect.arrayContaining(['cleanup.policy', 'max.message.bytes', 'message.timestamp.type']),
    );
    expect(data.every((each) => each.is_default)).toBe(true);
    expect((await door.ask(`PUT ${config}`, { body: { value: '7' } })).status).toBe(204);
    expect((await door.ask(`GET ${config}`)).json).toMatchObject({
      kind: 'KafkaTopicConfig',
      name: 'retention.ms',
      value: '7',
      is_default: false,
      is_read_only: false,
      is_sensitive: false,
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    expect((await door.ask(`DELETE ${config}`)).status).toBe(204);
    expect((await door.ask(`GET ${config}`)).json).toMatchObject({
      value: '604800000',
      is_default: true,
    });
  });

  test('are altered together or not at all', async () => {
    const name = await door.topic();
    const alter = (data: unknown, validateOnly = false) =>
      door.ask(`POST ${at(name)}/configs:alter`, { body: { data, validate_only: validateOnly } });
    const valueOf = async (config: string) => {
      const { json } = await door.ask(`GET ${at(name)}/configs/${config}`);
      return (json as { value: string }).value;
    };
    const good = [
      { name: 'retention.ms', value: '8' },
      { name: 'cleanup.policy', operation: 'APPEND', value: 'compact' },
    ];
    expect((await alter(good, true)).status).toBe(204);
    expect(await valueOf('retention.ms')).toBe('604800000');
    expect((await alter(good)).status).toBe(204);
    expect(await valueOf('retention.ms')).toBe('8');
    expect(await valueOf('cleanup.policy')).toBe('delete,compact');
    const half = [
      { name: 'retention.ms', value: '9' },
      { name: 'segment.ms', value: 'never' },
      { name: 'no.such', value: '1' },
    ];
    expect(await alter(half)).toBeError(40_001, /segment\.ms.*no\.such/);
    expect(await alter(half, true)).toBeError(40_001, /segment\.ms.*no\.such/);
    expect(await valueOf('retention.ms')).toBe('8');
    expect((await alter([{ name: 'retention.ms', operation: 'DELETE' }])).status).toBe(204);
    expect(await valueOf('retention.ms')).toBe('604800000');
    for (const wrong of [[], {}, [{ name: 'a', operation: 'NO' }], [{ value: '1' }]]) {
      expect(await alter(wrong)).toBeError(40_001);
    }
  });

  test('nonsense is refused', async () => {
    const name = await door.topic();
    const put = (config: string, body: unknown) =>
      door.ask(`PUT ${at(name)}/configs/${config}`, { body });
    expect(await put('retention.ms', { value: 'soon' })).toBeError(40_001, /retention\.ms/);
    expect(await put('retention.ms', { value: '9223372036854775808' })).toBeError(40_001);
    expect(await put('retention.ms', { value: {} })).toBeError(40_001);
    expect(await put('retention.ms', {})).toBeError(40_001);
    expect(await put('no.such', { value: '1' })).toBeError(40_001, /no\.such/);
    expect(await door.ask(`GET ${at(name)}/configs/no.such`)).toBeError(404);
    const gone = `${at(uniqueName())}/configs/retention.ms`;
    expect(await door.ask(`PUT ${gone}`, { body: { value: '1' } })).toBeError(40_401);
    expect(await door.ask(`DELETE ${gone}`)).toBeError(40_401);
  });
});
