// Groups as tools see them: version 3, with resets and deletions.
import { describe, expect, test } from 'vitest';
import { api, uniqueName } from './api.ts';
import { beatUntil, Member, offsetsOf } from './members.ts';

const door = api();
const groups = () => `${door.cluster}/consumer-groups`;
const at = (group: string) => `${groups()}/${encodeURIComponent(group)}`;

interface List {
  readonly metadata: { readonly self: string; readonly next: string | null };
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

async function list(path: string): Promise<List> {
  const { json, status, text } = await door.ask(`GET ${path}`);
  expect(status, text).toBe(200);
  return json as List;
}

/** Commits without membership, which make the group if it is not there. */
async function commit(group: string, offsets: Readonly<Record<string, number>>): Promise<void> {
  const body = { topics: offsetsOf(offsets) };
  const { status, text } = await door.ask(`POST /groups/${group}/offsets`, { body });
  expect(status, text).toBe(200);
  expect(text).not.toContain('error_name');
}

/** A topic of one partition per count, with so many records in each. */
async function filled(counts: readonly number[]): Promise<string> {
  const topic = await door.topic(counts.length);
  for (const [partition, count] of counts.entries()) {
    const records = Array.from({ length: count }, (_, i) => ({ value: i, timestamp: 1_000 + i }));
    if (count > 0) await door.produce(`${topic}/partitions/${partition}`, records);
  }
  return topic;
}

/** What a reset says: `[partition, before, after]`. */
async function reset(group: string, body: unknown) {
  const { json, status, text } = await door.ask(`POST ${at(group)}/offsets:reset`, { body });
  expect(status, text).toBe(200);
  const { data } = json as {
    data: {
      partition_id: number;
      previous_offset: number | null;
      offset: number | null;
      error_name?: string;
    }[];
  };
  return data
    .map((one) => [one.partition_id, one.previous_offset, one.offset ?? one.error_name] as const)
    .toSorted(([a], [b]) => a - b);
}

async function currentOf(group: string) {
  const { data } = await list(`${at(group)}/lags`);
  return data.map((one) => [one['partition_id'], one['current_offset'], one['lag']]);
}

describe('a group with members', () => {
  test('is described with what each of them owns, and how far behind it is', async () => {
    const topic = await filled([5, 3]);
    const group = uniqueName();
    const join = { subscribed_topic_names: [topic], client_id: 'c', client_host: 'h' };
    const instance = uniqueName();
    const a = new Member(door, group, { ...join, server_assignor: 'range' });
    const b = new Member(door, group, { ...join, instance_id: instance });
    await beatUntil([a, b], () => a.owned.length === 1 && b.owned.length === 1);
    const [owned = ''] = a.owned;
    const partition = Number(owned.slice(-1));
    await a.commit({ [owned]: 2 });

    const described = await door.ask(`GET ${at(group)}`);
    expect(described.json).toMatchObject({
      kind: 'KafkaConsumerGroup',
      metadata: {
        self: expect.stringContaining(at(group)),
        resource_name: `crn:///kafka=${door.clusterId}/consumer-group=${group}`,
      },
      cluster_id: door.clusterId,
      consumer_group_id: group,
      is_simple: false,
      partition_assignor: 'range',
      state: 'STABLE',
      type: 'CONSUMER',
      is_mixed_consumer_group: false,
      members_count: 2,
      group_epoch: expect.any(Number),
    });
    const { data: consumers } = await list(`${at(group)}/consumers`);
    expect(consumers.map((one) => one['consumer_id'])).toEqual([a.id, b.id].toSorted());
    const place = { topic_name: topic, partition_id: partition };
    const one = await door.ask(`GET ${at(group)}/consumers/${a.id}`);
    expect(one.json).toMatchObject({
      kind: 'KafkaConsumer',
      consumer_group_id: group,
      consumer_id: a.id,
      instance_id: null,
      client_id: 'c',
      client_host: 'h',
      subscribed_topic_names: [topic],
      subscribed_topic_regex: null,
      assignment: [place],
      target_assignment: [place],
    });
    const other = await door.ask(`GET ${at(group)}/consumers/${b.id}`);
    expect(other.json).toMatchObject({ instance_id: instance });
    const assignments = await list(`${at(group)}/consumers/${a.id}/assignments`);
    expect(assignments.data).toMatchObject([{ kind: 'KafkaConsumerAssignment', ...place }]);

    const lag = (partition === 0 ? 5 : 3) - 2;
    const { data: lags } = await list(`${at(group)}/lags`);
    expect(lags[partition]).toMatchObject({
      kind: 'KafkaConsumerLag',
      ...place,
      consumer_id: a.id,
      client_id: 'c',
      current_offset: 2,
      log_end_offset: lag + 2,
      lag,
    });
    expect(lags[1 - partition]).toMatchObject({
      consumer_id: b.id,
      instance_id: instance,
      current_offset: null,
      lag: null,
    });
    const summary = await door.ask(`GET ${at(group)}/lag-summary`);
    expect(summary.json).toMatchObject({
      kind: 'KafkaConsumerGroupLagSummary',
      max_lag_consumer_id: a.id,
      max_lag_topic_name: topic,
      max_lag_partition_id: partition,
      max_lag: lag,
      total_lag: lag,
    });
  });

  test('is linked to what it consists of', async () => {
    const topic = await filled([1]);
    const group = `${uniqueName()} é`;
    const member = new Member(door, group, { subscribed_topic_names: [topic] }, 'm:1 é');
    await beatUntil([member], () => member.owned.length === 1);
    await member.commit({ [`${topic}/0`]: 1 });
    const kinds = new Set<string>();
    const first = await door.ask(`GET ${at(group)}`);
    const { self } = (first.json as List).metadata;
    const waiting = [(await list(`${groups()}?page_size=1`)).metadata.self, self];
    const seen = new Set<string>();
    for (let link = waiting.pop(); link !== undefined; link = waiting.pop()) {
      if (seen.has(link)) continue;
      seen.add(link);
      const { status, json, text } = await door.follow(link);
      expect([link, status]).toEqual([link, 200]);
      kinds.add((json as { kind: string }).kind);
      const name = encodeURIComponent(group);
      const links = [...text.matchAll(/"(?:self|related|next)":"([^"]+)"/g)].map(([, to]) => to);
      waiting.push(...links.filter((to) => to !== undefined).filter((to) => to.includes(name)));
    }
    expect([...kinds].toSorted()).toEqual([
      'KafkaConsumer',
      'KafkaConsumerAssignment',
      'KafkaConsumerAssignmentList',
      'KafkaConsumerGroup',
      'KafkaConsumerGroupLagSummary',
      'KafkaConsumerGroupList',
      'KafkaConsumerLag',
      'KafkaConsumerLagList',
      'KafkaConsumerList',
    ]);
  });

  test('is neither deleted, nor are its offsets reset, nor those of what it reads deleted', async () => {
    const topic = await filled([1]);
    const group = uniqueName();
    const member = new Member(door, group, { subscribed_topic_names: [topic] });
    await beatUntil([member], () => member.owned.length === 1);
    await member.commit({ [`${topic}/0`]: 1 });
    for (const [line, body] of [
      [`DELETE ${at(group)}`, undefined],
      [`POST ${at(group)}/offsets:reset`, { to: 'earliest' }],
    ] as const) {
      const answer = await door.ask(line, body === undefined ? {} : { body });
      expect(answer).toBeError(40_903, /member/);
      expect(answer.headers.get('tailrace-error')).toBe('NON_EMPTY_GROUP');
    }
    const body = { partitions: [{ topic_name: topic, partition_id: 0 }] };
    const deleted = await door.ask(`POST ${at(group)}/offsets:delete`, { body });
    expect(deleted.json).toMatchObject({
      data: [
        { ...body.partitions[0], error_code: 40_903, error_name: 'GROUP_SUBSCRIBED_TO_TOPIC' },
      ],
    });
    expect(await currentOf(group)).toEqual([[0, 1, 0]]);
    await member.leave();
    const empty = await door.ask(`GET ${at(group)}`);
    expect(empty.json).toMatchObject({ state: 'EMPTY', members_count: 0 });
    expect((await list(`${at(group)}/consumers`)).data).toEqual([]);
    expect((await door.ask(`DELETE ${at(group)}`)).status).toBe(204);
    expect(await door.ask(`GET ${at(group)}`)).toBeError(40_405);
  });
});

describe('a list of groups', () => {
  test('has each once, in order, on pages', async () => {
    const topic = await filled([0]);
    const prefix = uniqueName();
    const names = ['a', 'b', 'c'].map((end) => `${prefix}-${end}`);
    for (const name of names) await commit(name, { [`${topic}/0`]: 0 });
    const whole = await list(groups());
    // Three pages or four, however many groups a deployment has by now.
    const pageSize = Math.ceil(whole.data.length / 3);
    const found: string[] = [];
    let next: string | null = `${groups()}?page_size=${pageSize}`;
    let answer = await door.ask(`GET ${next}`);
    while (next !== null) {
      const page = answer.json as List;
      expect(page.data.length).toBeLessThanOrEqual(pageSize);
      found.push(...page.data.map((one) => String(one['consumer_group_id'])));
      ({ next } = page.metadata);
      if (next !== null) answer = await door.follow(next);
    }
    const ours = found.filter((name) => names.includes(name));
    expect(ours).toEqual(names);
    expect(found).toEqual([...new Set(found)].toSorted());
    const one = whole.data.find((each) => each['consumer_group_id'] === names[0]);
    expect(one).toMatchObject({ kind: 'KafkaConsumerGroup', state: 'EMPTY', members_count: 0 });
  });
});

describe('a reset', () => {
  test('leads anywhere, within the log, and only where it is not dry', async () => {
    const topic = await filled([10, 4]);
    const group = uniqueName();
    await commit(group, { [`${topic}/0`]: 6, [`${topic}/1`]: 1 });
    const before = [
      [0, 6, 4],
      [1, 1, 3],
    ];
    for (const [to, after] of [
      ['earliest', [0, 0]],
      ['latest', [10, 4]],
      [{ offset: 5 }, [5, 4]],
      [{ shift: 2 }, [8, 3]],
      [{ shift: -3 }, [3, 0]],
      [{ shift: 9_007_199_254_740_991 }, [10, 4]],
      [{ timestamp: 1_003 }, [3, 3]],
      [{ timestamp: 9_000_000 }, [10, 4]],
    ] as const) {
      expect([to, await reset(group, { to, dry_run: true })]).toEqual([
        to,
        [
          [0, 6, after[0]],
          [1, 1, after[1]],
        ],
      ]);
    }
    expect(await currentOf(group)).toEqual(before);
    expect(await reset(group, { to: { shift: -1 } })).toEqual([
      [0, 6, 5],
      [1, 1, 0],
    ]);
    expect(await currentOf(group)).toEqual([
      [0, 5, 5],
      [1, 0, 4],
    ]);
  });

  test('of some partitions leaves the others, and makes a group that is not there', async () => {
    const topic = await filled([3, 3, 3]);
    const group = uniqueName();
    const some = [{ topic_name: topic, partitions: [0, 2] }];
    expect(await reset(group, { to: 'latest', topics: some })).toEqual([
      [0, null, 3],
      [2, null, 3],
    ]);
    expect(await currentOf(group)).toEqual([
      [0, 3, 0],
      [2, 3, 0],
    ]);
    const all = [{ topic_name: topic }];
    expect(await reset(group, { to: 'earliest', topics: all })).toEqual([
      [0, 3, 0],
      [1, null, 0],
      [2, 3, 0],
    ]);
    const unknown = [{ topic_name: topic, partitions: [9] }];
    expect(await reset(group, { to: 'earliest', topics: unknown })).toEqual([
      [9, null, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ]);
  });

  test.each([
    [{}, /to/],
    [{ to: 'middle' }, /earliest/],
    [{ to: { offset: 1, shift: 1 } }, /one of/],
    [{ to: {} }, /one of/],
    [{ to: { offset: -1 } }, /0 to/],
    [{ to: { shift: 1.5 } }, /integer/],
    [{ to: 'latest', topics: [{}] }, /topic_name/],
    [{ to: 'latest', topics: [{ topic_name: 't', partitions: ['0'] }] }, /partitions/],
    [{ to: 'latest', dry_run: 1 }, /true or false/],
    [{ to: 'latest', group: 'g' }, /only the fields/],
  ])('of %j is refused', async (body, message) => {
    const answer = await door.ask(`POST ${at(uniqueName())}/offsets:reset`, { body });
    expect(answer).toBeError(40_001, message);
  });
});

describe('deletion', () => {
  test('of offsets leaves the others', async () => {
    const topic = await filled([3, 3]);
    const group = uniqueName();
    await commit(group, { [`${topic}/0`]: 1, [`${topic}/1`]: 2 });
    const partitions = [0, 7].map((partition) => ({ topic_name: topic, partition_id: partition }));
    const answer = await door.ask(`POST ${at(group)}/offsets:delete`, { body: { partitions } });
    expect(answer.json).toMatchObject({
      data: [
        { ...partitions[0], error_code: null },
        { ...partitions[1], error_name: 'UNKNOWN_TOPIC_OR_PARTITION' },
      ],
    });
    expect(await currentOf(group)).toEqual([[1, 2, 1]]);
  });

  test('of a group takes all of its offsets', async () => {
    const topic = await filled([3]);
    const group = uniqueName();
    await commit(group, { [`${topic}/0`]: 1 });
    expect((await door.ask(`DELETE ${at(group)}`)).status).toBe(204);
    const { json } = await door.ask(`POST /groups/${group}/offsets:fetch`, { body: {} });
    expect(json).toEqual({ topics: [] });
    expect(await door.ask(`DELETE ${at(group)}`)).toBeError(40_405);
    // It may begin anew.
    await commit(group, { [`${topic}/0`]: 2 });
    expect(await currentOf(group)).toEqual([[0, 2, 1]]);
  });
});

describe('what is not there', () => {
  test('groups, members, partitions, lag', async () => {
    const topic = await filled([1]);
    const nowhere = at(uniqueName());
    for (const path of ['', '/consumers', '/consumers/m', '/consumers/m/assignments', '/lags']) {
      expect(await door.ask(`GET ${nowhere}${path}`)).toBeError(40_405, /group/);
    }
    expect(await door.ask(`GET ${nowhere}/lag-summary`)).toBeError(40_405);
    expect(await door.ask(`DELETE ${nowhere}`)).toBeError(40_405);
    const partitions = [{ topic_name: topic, partition_id: 0 }];
    const body = { body: { partitions } };
    expect(await door.ask(`POST ${nowhere}/offsets:delete`, body)).toBeError(40_405);
    expect(await door.ask(`GET /v3/clusters/x/consumer-groups`)).toBeError(404, /cluster/);

    const group = uniqueName();
    const member = new Member(door, group, { subscribed_topic_names: [topic] });
    await beatUntil([member], () => member.owned.length === 1);
    const own = `${at(group)}/consumers/${member.id}/assignments`;
    expect(await door.ask(`GET ${at(group)}/consumers/m`)).toBeError(40_403, /consumer/);
    expect((await door.ask(`GET ${own}/${topic}/partitions/0`)).status).toBe(200);
    expect(await door.ask(`GET ${own}/${topic}/partitions/1`)).toBeError(404, /owns/);
    expect(await door.ask(`GET ${own}/${topic}/partitions/x`)).toBeError(40_402);
    expect(await door.ask(`GET ${at(group)}/lags/${topic}/partitions/1`)).toBeError(404);
    // Nothing is committed.
    expect(await door.ask(`GET ${at(group)}/lag-summary`)).toBeError(404, /committed/);
  });
});
