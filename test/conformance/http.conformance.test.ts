import { expect, test } from 'vitest';
import { api, binaryRecords, jsonRecords } from './api.ts';

const door = api();

test('the way in, health, brokers and clusters', async () => {
  const index = await door.ask('GET /');
  expect(index.json).toMatchObject({ name: 'tailrace', cluster_id: door.clusterId });
  const { links } = index.json as { links: Record<string, string> };
  expect((await door.follow(links['topics'] ?? '')).status).toBe(200);
  expect((await door.ask('GET /health')).json).toMatchObject({ status: 'ok' });
  expect((await door.ask('GET /brokers')).json).toEqual({ brokers: [0] });
  const cluster = { kind: 'KafkaCluster', cluster_id: door.clusterId };
  expect((await door.ask('GET /v3/clusters')).json).toMatchObject({ data: [cluster] });
  expect((await door.ask(`GET ${door.cluster}`)).json).toMatchObject(cluster);
  expect(await door.ask('GET /v3/clusters/another')).toBeError(404, /cluster="another"/);
  expect(await door.ask('GET /v3/clusters/another/topics')).toBeError(404);
});

test('links of v3 lead where they say', async () => {
  const topic = await door.topic();
  const { json } = await door.ask(`GET ${door.cluster}/topics/${topic}`);
  const { metadata, partitions, configs } = json as {
    metadata: { self: string };
    partitions: { related: string };
    configs: { related: string };
  };
  const kinds = await Promise.all(
    [metadata.self, partitions.related, configs.related].map(async (url) => {
      const answer = await door.follow(url);
      return (answer.json as { kind: string }).kind;
    }),
  );
  expect(kinds).toEqual(['KafkaTopic', 'KafkaPartitionList', 'KafkaTopicConfigList']);
});

test('every answer has a request id, and keeps one that came', async () => {
  const id = { 'x-request-id': 'my-id.1' };
  for (const path of ['/topics', '/nothing', '/v3/clusters/no']) {
    const own = await door.ask(`GET ${path}`);
    expect(own.headers.get('x-request-id')).toMatch(/^\S+$/);
    const given = await door.ask(`GET ${path}`, { headers: id });
    expect(given.headers.get('x-request-id')).toBe('my-id.1');
  }
});

test('no route is 404, another method 405 with Allow', async () => {
  expect(await door.ask('GET /nothing')).toBeError(404, /path/);
  expect(await door.ask('GET /topics/%zz')).toBeError(404);
  expect(await door.ask('POST /consumers')).toBeError(404);
  const answer = await door.ask('DELETE /topics');
  expect(answer).toBeError(405, /method/);
  expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  const head = await door.ask('HEAD /topics');
  expect([head.status, head.text]).toEqual([200, '']);
});

test('the answer comes in the type asked for, or is 406', async () => {
  const topic = await door.topic();
  const typeOf = async (path: string, accept: string) => {
    const answer = await door.ask(`GET ${path}`, { headers: { accept } });
    return [answer.status, answer.headers.get('content-type')];
  };
  const v2 = 'application/vnd.kafka.v2+json';
  expect(await typeOf('/topics', '*/*')).toEqual([200, v2]);
  expect(await typeOf('/topics', v2)).toEqual([200, v2]);
  expect(await typeOf('/topics', 'application/json')).toEqual([200, 'application/json']);
  expect(await typeOf('/topics', 'application/vnd.kafka+json')).toEqual([
    200,
    'application/vnd.kafka+json',
  ]);
  expect(await typeOf('/topics', `text/html, ${v2};q=0.1, */*;q=0`)).toEqual([200, v2]);
  expect((await typeOf('/topics', 'text/html'))[0]).toBe(406);
  expect((await typeOf('/v3/clusters', v2))[0]).toBe(406);
  const records = `/topics/${topic}/partitions/0/records?offset=0`;
  expect(await typeOf(records, binaryRecords)).toEqual([200, binaryRecords]);
  expect(await typeOf(records, `${binaryRecords};q=0.2, ${jsonRecords}`)).toEqual([
    200,
    jsonRecords,
  ]);
  expect((await typeOf(records, v2))[0]).toBe(406);
});

test('a body of an unknown type is 415', async () => {
  const topic = await door.topic();
  const post = (type: string) =>
    door.ask(`POST /topics/${topic}`, {
      headers: { 'content-type': type },
      body: '{"records":[{"value":1}]}',
    });
  for (const type of [
    'text/plain',
    'application/vnd.kafka.avro.v2+json',
    'application/octet-stream',
  ]) {
    expect(await post(type)).toBeError(415, /content-type/);
  }
  for (const type of [
    jsonRecords,
    'application/json; charset=utf-8',
    'application/vnd.kafka+json',
  ]) {
    expect((await post(type)).status).toBe(200);
  }
  const created = await door.ask(`POST ${door.cluster}/topics`, {
    headers: { 'content-type': 'text/plain' },
    body: '{}',
  });
  expect(created).toBeError(415);
  expect(await door.endOffset(topic)).toBe(3);
});

test('a body that is too large is 413, and nothing of it is kept', async () => {
  const topic = await door.topic();
  const value = 'x'.repeat(5 * 1024 * 1024);
  const answer = await door.produce(topic, [{ value: 'small' }, { value }]);
  expect(answer).toBeError(413);
  expect(await door.endOffset(topic)).toBe(0);
});
