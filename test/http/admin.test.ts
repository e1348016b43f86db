import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { fakeBroker, lastCall } from './fake-broker.ts';
import type { FakeBroker } from './fake-broker.ts';

const headers = { 'content-type': 'application/json' };
const topics = '/v3/clusters/cluster-1/topics';
const self = `http://h:1${topics}`;
const create = (broker: FakeBroker, body: unknown) =>
  ask(broker, `POST ${topics}`, { headers, body });

describe('topics, v3', () => {
  test('creates what is asked for', async () => {
    const broker = await fakeBroker();
    const answer = await create(broker, {
      topic_name: 'a.b',
      partitions_count: 3,
      replication_factor: 3,
      configs: [
        { name: 'retention.ms', value: 1_000 },
        { name: 'remote.storage.enable', value: false },
        { name: 'segment.ms', value: null },
      ],
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['location']).toBe(`${self}/a.b`);
    expect(answer.json).toEqual({
      kind: 'KafkaTopic',
      metadata: { self: `${self}/a.b`, resource_name: 'crn:///kafka=cluster-1/topic=a.b' },
      cluster_id: 'cluster-1',
      topic_name: 'a.b',
      is_internal: false,
      replication_factor: 1,
      partitions_count: 3,
      partitions: { related: `${self}/a.b/partitions` },
      configs: { related: `${self}/a.b/configs` },
      partition_reassignments: { related: `${self}/a.b/partitions/-/reassignment` },
    });
    expect(lastCall(broker, 'createTopic')).toEqual({
      name: 'a.b',
      partitions: 3,
      replicationFactor: 3,
      configs: { 'retention.ms': '1000', 'remote.storage.enable': 'false', 'segment.ms': null },
    });
  });

  test('only validates if that is all that is asked for', async () => {
    const broker = await fakeBroker();
    const answer = await create(broker, { topic_name: 'x', validate_only: true });
    expect(answer.status).toBe(200);
    expect(broker.topics.has('x')).toBe(false);
  });

  test.each([
    ['{}', 'expected a string, got nothing field=topic_name'],
    ['[]', 'expected an object, got []'],
    ['{"topic_name":1}', 'expected a string, got 1 field=topic_name'],
    [
      '{"topic_name":"x","partition_count":1}',
      'expected no other fields here, got "partition_count"',
    ],
    [
      '{"topic_name":"x","partitions_count":"3"}',
      'expected an integer, got "3" field=partitions_count',
    ],
    ['{"topic_name":"x","partitions_count":1.5}', 'expected an integer, got 1.5'],
    [
      '{"topic_name":"x","partitions_count":12345678901234567890}',
      'expected an integer, got a number beyond 2^53 field=partitions_count',
    ],
    ['{"topic_name":"x","configs":{}}', 'expected an array, got {} field=configs'],
    ['{"topic_name":"x","configs":[{"name":"a","value":{}}]}', 'got {} field=configs.0.value'],
    ['{"topic_name":"x","configs":[{"name":"","value":"1"}]}', 'expected at least 1 character'],
    [
      '{"topic_name":"x","configs":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}',
      'expected a config once, got it again name=a',
    ],
    ['{"topic_name":', 'position=14 got=the end'],
  ])('refuses %s', async (body, message) => {
    const broker = await fakeBroker();
    const answer = await create(broker, body);
    expect(answer.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringContaining(message),
    });
    expect(broker.calls).toEqual([]);
  });

  test('a name in use is 40002', async () => {
    const answer = await create(await fakeBroker(), { topic_name: 't' });
    expect(answer.json).toMatchObject({ error_code: 40_002 });
    expect(answer.status).toBe(400);
  });

  test('lists, describes, adds partitions, deletes', async () => {
    const broker = await fakeBroker();
    const list = await ask(broker, `GET ${topics}`);
    expect(list.json).toMatchObject({
      kind: 'KafkaTopicList',
      metadata: { self, next: null },
      data: [{ topic_name: 't', partitions_count: 2 }],
    });
    const more = { headers, body: { partitions_count: 3 } };
    const raised = await ask(broker, `PATCH ${topics}/t`, more);
    expect(raised.json).toMatchObject({ topic_name: 't', partitions_count: 3 });
    const again = await ask(broker, `PATCH ${topics}/t`, more);
    expect(again.json).toMatchObject({ error_code: 40_001 });
    const partitions = await ask(broker, `GET ${topics}/t/partitions`);
    expect(partitions.json).toMatchObject({
      kind: 'KafkaPartitionList',
      data: [{ partition_id: 0 }, { partition_id: 1 }, { partition_id: 2 }],
    });
    const one = await ask(broker, `GET ${topics}/t/partitions/2`);
    expect(one.json).toMatchObject({ kind: 'KafkaPartition', topic_name: 't', partition_id: 2 });
    const none = await ask(broker, `GET ${topics}/t/partitions/3`);
    expect(none.json).toMatchObject({ error_code: 40_402 });
    const gone = await ask(broker, `DELETE ${topics}/t`);
    expect(gone).toMatchObject({ status: 204, text: '' });
    expect((await ask(broker, `GET ${topics}/t`)).json).toMatchObject({ error_code: 40_401 });
    const deleted = await ask(broker, `DELETE ${topics}/t`);
    expect(deleted.json).toMatchObject({ error_code: 40_401 });
  });
});

describe('configs, v3', () => {
  const configs = `${topics}/t/configs`;

  test('lists and describes, with what is in force and what would be', async () => {
    const broker = await fakeBroker();
    const put = { headers, body: { value: 5_000 } };
    expect((await ask(broker, `PUT ${configs}/retention.ms`, put)).status).toBe(204);
    const list = await ask(broker, `GET ${configs}`);
    expect(list.json).toMatchObject({
      kind: 'KafkaTopicConfigList',
      data: expect.arrayContaining([
        expect.objectContaining({ name: 'retention.ms', value: '5000', is_default: false }),
        expect.objectContaining({ name: 'segment.ms', is_default: true }),
      ]),
    });
    const one = await ask(broker, `GET ${configs}/retention.ms`);
    expect(one.json).toMatchObject({
      kind: 'KafkaTopicConfig',
      topic_name: 't',
      value: '5000',
      source: 'DYNAMIC_TOPIC_CONFIG',
      synonyms: [
        { name: 'retention.ms', value: '5000', source: 'DYNAMIC_TOPIC_CONFIG' },
        { name: 'retention.ms', value: '604800000', source: 'DEFAULT_CONFIG' },
      ],
    });
    expect((await ask(broker, `DELETE ${configs}/retention.ms`)).status).toBe(204);
    const reset = await ask(broker, `GET ${configs}/retention.ms`);
    expect(reset.json).toMatchObject({ value: '604800000', is_default: true });
    expect((await ask(broker, `GET ${configs}/no.such`)).status).toBe(404);
  });

  test('alters several at once, or only says whether it would', async () => {
    const broker = await fakeBroker();
    const alter = (body: unknown) => ask(broker, `POST ${configs}:alter`, { headers, body });
    const data = [
      { name: 'retention.ms', value: '1' },
      { name: 'cleanup.policy', operation: 'APPEND', value: 'compact' },
      { name: 'segment.ms', operation: 'DELETE' },
    ];
    expect((await alter({ data, validate_only: true })).status).toBe(204);
    expect(broker.topics.get('t')?.configs).toEqual({});
    expect((await alter({ data })).status).toBe(204);
    expect(broker.topics.get('t')?.configs).toEqual({
      'cleanup.policy': 'delete,compact',
      'retention.ms': '1',
    });
    const wrong = [
      { name: 'retention.ms', value: 'soon' },
      { name: 'nonsense', value: '1' },
    ];
    const checked = await alter({ data: wrong, validate_only: true });
    expect(checked.json).toMatchObject({
      error_code: 40_001,
      message: expect.stringMatching(/name=retention\.ms value=soon; .*name=nonsense/),
    });
    expect((await alter({ data: [] })).status).toBe(400);
    const operation = await alter({ data: [{ name: 'a', operation: 'UPSERT' }] });
    expect(operation.json).toMatchObject({
      message: 'expected one of SET, DELETE, APPEND, SUBTRACT, got "UPSERT" field=data.0.operation',
    });
  });
});

describe('metadata', () => {
  test('v2: names, topics, partitions, brokers', async () => {
    const broker = await fakeBroker();
    expect((await ask(broker, 'GET /topics')).json).toEqual(['t']);
    const replicas = [{ broker: 0, leader: true, in_sync: true }];
    const partitions = [
      { partition: 0, leader: 0, replicas },
      { partition: 1, leader: 0, replicas },
    ];
    expect((await ask(broker, 'GET /topics/t')).json).toMatchObject({
      name: 't',
      configs: { 'cleanup.policy': 'delete', 'retention.ms': '604800000' },
      partitions,
    });
    expect((await ask(broker, 'GET /topics/t/partitions')).json).toEqual(partitions);
    expect((await ask(broker, 'GET /topics/t/partitions/1')).json).toEqual(partitions[1]);
    const missing = await ask(broker, 'GET /topics/t/partitions/2');
    expect(missing.json).toMatchObject({ error_code: 40_402 });
    expect((await ask(broker, 'GET /topics/no')).json).toMatchObject({ error_code: 40_401 });
    expect((await ask(broker, 'GET /brokers')).json).toEqual({ brokers: [0] });
  });

  test('clusters, health and the way in', async () => {
    const broker = await fakeBroker();
    expect((await ask(broker, 'GET /v3/clusters')).json).toMatchObject({
      kind: 'KafkaClusterList',
      data: [{ kind: 'KafkaCluster', cluster_id: 'cluster-1', topics: { related: self } }],
    });
    const cluster = await ask(broker, 'GET /v3/clusters/cluster-1');
    expect(cluster.json).toMatchObject({ cluster_id: 'cluster-1' });
    expect((await ask(broker, 'GET /v3/clusters/x')).json).toMatchObject({ error_code: 404 });
    expect((await ask(broker, 'GET /health')).json).toMatchObject({ status: 'ok' });
    const index = await ask(broker, 'GET /');
    expect(index.json).toMatchObject({ name: 'tailrace', links: { topics: 'http://h:1/topics' } });
  });
});
