// What tools for topics look for in version 3, beside topics themselves.
import { describe, expect, test } from 'vitest';
import { api, uniqueName } from './api.ts';

const door = api();
const at = (topic: string) => `${door.cluster}/topics/${topic}`;

interface List {
  readonly metadata: { readonly self: string; readonly next: string | null };
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

async function list(path: string): Promise<List> {
  const { json } = await door.ask(`GET ${path}`);
  return json as List;
}

/** A list page by page. */
async function* pagesOf(path: string): AsyncGenerator<List> {
  let answer = await door.ask(`GET ${path}`);
  for (;;) {
    expect(answer.status, answer.text).toBe(200);
    const page = answer.json as List;
    yield page;
    if (page.metadata.next === null) return;
    answer = await door.follow(page.metadata.next);
  }
}

/** Every link that an answer holds. */
function linksIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    typeof each === 'string' && ['self', 'related', 'next'].includes(key) ? [each] : linksIn(each),
  );
}

describe('links', () => {
  test('of every resource lead to one', async () => {
    const topic = await door.topic();
    const seen = new Map<string, unknown>();
    const waiting = [`GET ${at(topic)}`, `GET ${door.cluster}`];
    const answers = await Promise.all(waiting.map((line) => door.ask(line)));
    const links = answers.flatMap(({ json }) => linksIn(json));
    links.push(...linksIn(await list(`${at(topic)}/partitions`)));
    links.push(...linksIn(await list(`${at(topic)}/partitions/0/replicas`)));
    links.push(...linksIn(await list(`${door.cluster}/brokers`)));
    links.push(...linksIn(await list(`${at(topic)}/configs?page_size=1`)));
    for (const link of new Set(links)) {
      const { status, json } = await door.follow(link);
      // Nothing is ever reassigned, which Kafka, too, answers with 404.
      expect([link, status]).toEqual([link, link.endsWith('/0/reassignment') ? 404 : 200]);
      seen.set((json as { kind: string }).kind, link);
    }
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining([
        'KafkaBroker',
        'KafkaBrokerConfigList',
        'KafkaBrokerList',
        'KafkaCluster',
        'KafkaClusterConfigList',
        'KafkaPartition',
        'KafkaPartitionList',
        'KafkaPartitionWithOffsets',
        'KafkaReassignmentList',
        'KafkaReplica',
        'KafkaReplicaList',
        'KafkaTopic',
        'KafkaTopicConfig',
        'KafkaTopicConfigList',
        'KafkaTopicList',
      ]),
    );
  });
});

describe('pages', () => {
  test('of a size hold each entry once, in order, and lead from one to the next', async () => {
    const topic = await door.topic(7);
    const path = `${at(topic)}/partitions`;
    const ids: unknown[] = [];
    for await (const { data } of pagesOf(`${path}?page_size=3`)) {
      expect(data.length).toBeLessThanOrEqual(3);
      ids.push(...data.map((each) => each['partition_id']));
    }
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect((await list(path)).data).toHaveLength(7);
  });

  test('of topics go on where they were, whatever is created or deleted meanwhile', async () => {
    const prefix = uniqueName();
    const names = ['a', 'c', 'e'].map((end) => `${prefix}-${end}`);
    for (const name of names) await door.create({ topic_name: name });
    const { data } = await list(`${door.cluster}/topics`);
    const before = data.findIndex((each) => each['topic_name'] === names[0]);
    const first = await list(`${door.cluster}/topics?page_size=${before + 1}`);
    expect(first.data.at(-1)).toMatchObject({ topic_name: names[0] });
    await door.ask(`DELETE ${at(names[0] ?? '')}`);
    await door.create({ topic_name: `${prefix}-b` });
    const { json } = await door.follow(first.metadata.next ?? '');
    const next = (json as List).data.map((each) => String(each['topic_name']));
    const ours = next.filter((name) => name.startsWith(prefix));
    const there = [`${prefix}-b`, `${prefix}-c`, `${prefix}-e`];
    expect(ours).toEqual(there.slice(0, ours.length));
    expect(ours.length).toBeGreaterThan(0);
  });

  test('end early where an answer would become too large', async () => {
    for (let each = 0; each < 200; each += 1) await door.topic();
    const path = `${door.cluster}/topics/-/configs?page_size=1000`;
    const keys: string[] = [];
    for await (const { data } of pagesOf(path)) {
      keys.push(...data.map((each) => `${each['topic_name'] as string} ${each['name'] as string}`));
    }
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(keys.toSorted());
    expect(keys.length).toBeGreaterThan(200 * 20);
  });

  test.each(['page_size=0', 'page_size=1001', 'page_size=x', 'page_token=', 'page_token=%20'])(
    '%s is refused',
    async (query) => {
      expect(await door.ask(`GET ${door.cluster}/topics?${query}`)).toBeError(40_001, /page_/);
    },
  );
});

describe('configs', () => {
  test('of all topics, in one list', async () => {
    const topics = [await door.topic(1, { 'retention.ms': 5 }), await door.topic()];
    const values = new Map<unknown, unknown>();
    // The list as a whole may be more than Lambda can carry.
    for await (const { data } of pagesOf(`${door.cluster}/topics/-/configs?page_size=1000`)) {
      for (const { topic_name: topic, name, value } of data) {
        if (name === 'retention.ms') values.set(topic, value);
      }
    }
    expect(topics.map((topic) => values.get(topic))).toEqual(['5', '604800000']);
  });

  test('by default, whether or not there is a topic', async () => {
    const topic = await door.topic(1, { 'retention.ms': 5 });
    for (const name of [topic, uniqueName()]) {
      const { data } = await list(`${at(name)}/default-configs`);
      expect(data.every((each) => each['is_default'] === true)).toBe(true);
      expect(data.find((each) => each['name'] === 'retention.ms')).toMatchObject({
        topic_name: name,
        value: '604800000',
        source: 'DEFAULT_CONFIG',
      });
    }
    expect(await door.ask(`GET ${at('a%20b')}/default-configs`)).toBeError(40_001);
  });
});

describe('brokers and replicas', () => {
  test('there is one broker, which leads and holds everything', async () => {
    const topic = await door.topic(2);
    const { data } = await list(`${door.cluster}/brokers`);
    expect(data).toMatchObject([{ kind: 'KafkaBroker', broker_id: 0, host: null, port: null }]);
    const replicas = await list(`${at(topic)}/partitions/1/replicas`);
    const replica = { broker_id: 0, partition_id: 1, is_leader: true, is_in_sync: true };
    expect(replicas.data).toMatchObject([replica]);
    const one = await door.ask(`GET ${at(topic)}/partitions/1/replicas/0`);
    expect(one.json).toMatchObject({ kind: 'KafkaReplica', ...replica });
    const all = await list(`${door.cluster}/brokers/0/partition-replicas`);
    const own = all.data.filter((each) => each['topic_name'] === topic);
    expect(own.map((each) => each['partition_id'])).toEqual([0, 1]);
    expect(await list(`${door.cluster}/brokers/0/configs`)).toMatchObject({ data: [] });
    expect(await list(`${door.cluster}/broker-configs`)).toMatchObject({ data: [] });
  });

  test('another broker, partition or topic is not there', async () => {
    const topic = await door.topic();
    for (const path of ['1', '1/configs', '1/partition-replicas', '00', 'x']) {
      expect(await door.ask(`GET ${door.cluster}/brokers/${path}`)).toBeError(404, /broker/);
    }
    const partition = `${at(topic)}/partitions`;
    expect(await door.ask(`GET ${partition}/0/replicas/1`)).toBeError(404, /broker/);
    expect(await door.ask(`GET ${partition}/1/replicas`)).toBeError(40_402);
    expect(await door.ask(`GET ${at(uniqueName())}/partitions/0/replicas`)).toBeError(40_401);
  });

  test('nothing is ever reassigned', async () => {
    const topic = await door.topic();
    const none = { kind: 'KafkaReassignmentList', data: [] };
    const all = `${door.cluster}/topics/-/partitions/-/reassignment`;
    expect(await list(all)).toMatchObject(none);
    expect(await list(`${at(topic)}/partitions/-/reassignment`)).toMatchObject(none);
    const one = await door.ask(`GET ${at(topic)}/partitions/0/reassignment`);
    expect(one).toBeError(404, /moved/);
    const nowhere = `${at(uniqueName())}/partitions/-/reassignment`;
    expect(await door.ask(`GET ${nowhere}`)).toBeError(40_401);
  });
});
