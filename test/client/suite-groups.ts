import { describe, expect, test } from 'vitest';
import { string } from '../../lib/client/serdes.ts';
import type {
  Client,
  GroupConsumer,
  GroupConsumerOptions,
  Record,
  TopicPartition,
} from '../../lib/client/index.ts';
import { failureOf, newTopic, numbered, sendAll, take, texts } from './suite-support.ts';

type Text = string | null;
type Member = GroupConsumer<Buffer | null, Text>;

/** A member that moves on at once, so that nobody waits for the next heartbeat. */
const member = (
  client: Client,
  group: string,
  options: Partial<GroupConsumerOptions<Buffer | null, Text>> = {},
): Member => client.consumer({ group, value: string, heartbeatIntervalMs: 20, ...options });

/** Each topic has a group of its own name. */
async function filled(client: Client, partitions: number, each: number): Promise<string> {
  const topic = await newTopic(client, { partitions });
  await add(client, topic, partitions, each, 'v');
  return topic;
}

async function add(
  client: Client,
  topic: string,
  partitions: number,
  each: number,
  prefix: string,
): Promise<void> {
  const records = Array.from({ length: partitions * each }, (_, i) => ({
    topic,
    partition: i % partitions,
    value: `${prefix}${i}`,
  }));
  // Some records a batch.
  await sendAll(client, records, { batchBytes: 300 });
}

const valuesOf = (count: number, prefix = 'v'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`).toSorted();

/** Waits for something that comes by itself. */
async function until(isThere: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isThere())) await new Promise((resolve) => void setTimeout(resolve, 5));
}

async function offsetsOf(client: Client, group: string): Promise<(number | undefined)[]> {
  const fetched = await client.admin.fetchOffsets(group);
  return fetched
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ committed }) => committed && Number(committed.offset));
}

export function groupTests(client: () => Client): void {
  describe('members', () => {
    memberTests(client);
  });
  describe('commits', () => {
    commitTests(client);
  });
  describe('listeners and places', () => {
    listenerTests(client);
  });
  describe('administration', () => {
    groupAdminTests(client);
  });
}

function memberTests(client: () => Client): void {
  test('one member reads all; who comes next goes on behind it', async () => {
    const topic = await filled(client(), 3, 4);
    const first = member(client(), topic, { topics: [topic] });
    expect(texts(await take(12, first)).toSorted()).toEqual(valuesOf(12));
    await first.commit();
    await first.close();
    expect(await offsetsOf(client(), topic)).toEqual([4, 4, 4]);
    await add(client(), topic, 3, 1, 'w');
    await using second = member(client(), topic, { topics: [topic] });
    expect(texts(await take(3, second)).toSorted()).toEqual(valuesOf(3, 'w'));
  });

  test('two share the partitions; when one leaves, the other goes on where it ended', async () => {
    const topic = await filled(client(), 4, 5);
    const seen: { who: string; record: Record<Buffer | null, Text> }[] = [];
    const join = (who: string) => {
      const one = member(client(), topic, { topics: [topic] });
      const eachRecord = (record: Record<Buffer | null, Text>): void =>
        void seen.push({ who, record });
      return { one, running: one.run({ eachRecord }) };
    };
    const a = join('a');
    await until(() => seen.length === 20);
    const b = join('b');
    await until(() => a.one.assignment.length === 2 && b.one.assignment.length === 2);
    await add(client(), topic, 4, 5, 'w');
    await until(() => seen.length === 40);
    expect(new Set(seen.slice(20).map(({ who }) => who))).toEqual(new Set(['a', 'b']));
    await a.one.close();
    await a.running;
    await until(() => b.one.assignment.length === 4);
    await add(client(), topic, 4, 1, 'x');
    await until(() => seen.length === 44);
    await b.one.close();
    await b.running;
    // Each once, in the order of its partition: both left in peace.
    for (const partition of [0, 1, 2, 3]) {
      const own = seen.filter(({ record }) => record.partition === partition);
      expect(own.map(({ record }) => Number(record.offset))).toEqual([...Array(11).keys()]);
    }
    expect(await offsetsOf(client(), topic)).toEqual([11, 11, 11, 11]);
  });

  test('groups read the same topic without knowing of each other', async () => {
    const topic = await filled(client(), 2, 3);
    const readers = ['one', 'two'].map((name) =>
      member(client(), `${topic}-${name}`, { topics: [topic] }),
    );
    for (const reader of readers) {
      expect(texts(await take(6, reader)).toSorted()).toEqual(valuesOf(6));
      await reader.close();
    }
  });

  test('what is subscribed to later, by a pattern, is read instead', async () => {
    const topic = await filled(client(), 1, 2);
    const other = await filled(client(), 1, 2);
    const reader = member(client(), topic, { topics: [topic] });
    expect(await take(2, reader)).toMatchObject([{ topic }, { topic }]);
    reader.subscribe({ pattern: `${other}|no-.*` });
    expect(await take(2, reader)).toMatchObject([{ topic: other }, { topic: other }]);
    expect(reader.subscription).toEqual({ pattern: `${other}|no-.*` });
    expect(reader.assignment).toEqual([{ topic: other, partition: 0 }]);
    await reader.close();
  });

  test('a malformed pattern, and no topics, are told to whoever iterates', async () => {
    const topic = await filled(client(), 1, 1);
    await using reader = member(client(), topic, { topics: { pattern: '(' } });
    const refusal = { kafka: 'INVALID_REGULAR_EXPRESSION' };
    expect(await failureOf(reader.records().next())).toMatchObject(refusal);
    reader.subscribe([topic]);
    expect(texts(await take(1, reader))).toEqual(['v0']);
    await using none = member(client(), topic);
    expect(await failureOf(none.run({ eachRecord: () => undefined }))).toMatchObject({
      kafka: 'INVALID_REQUEST',
    });
  });

  test('a static member comes back to its partitions; whoever had its place is told', async () => {
    const topic = await filled(client(), 2, 2);
    const first = member(client(), topic, { topics: [topic], instanceId: 'i-1' });
    await take(4, first);
    await first.commit();
    await first.close();
    const [before] = (await client().admin.describeGroup(topic)).memberList;
    expect(before).toMatchObject({ instanceId: 'i-1', assignment: { length: 2 } });
    const second = member(client(), topic, { topics: [topic], instanceId: 'i-1' });
    await add(client(), topic, 2, 1, 'w');
    expect(texts(await take(2, second)).toSorted()).toEqual(['w0', 'w1']);
    const third = member(client(), topic, { topics: [topic], instanceId: 'i-1' });
    const waiting = failureOf(second.records().next());
    const going = third.records().next();
    expect(await waiting).toMatchObject({ kafka: 'FENCED_INSTANCE_ID' });
    await third.close();
    await going;
    await second.close();
  });
}

function commitTests(client: () => Client): void {
  test('a record is processed when the next one is asked for, or by a commit', async () => {
    const topic = await filled(client(), 1, 3);
    const reader = member(client(), topic, { topics: [topic], autoCommit: false });
    const records = reader.records();
    await records.next();
    await records.next();
    await reader.commit();
    expect(await reader.committed()).toMatchObject([{ topic, committed: { offset: 2n } }]);
    await records.next();
    await reader.close();
    expect(await offsetsOf(client(), topic)).toEqual([2]);
    // The second one, in the middle of which it is closed, is not: it comes again.
    const again = member(client(), topic, { topics: [topic] });
    const rest = again.records();
    expect(await rest.next()).toMatchObject({ value: { value: 'v2' } });
    await again.close();
    expect(await offsetsOf(client(), topic)).toEqual([2]);
  });

  test('by itself, now and then', async () => {
    const topic = await filled(client(), 1, 3);
    await using reader = member(client(), topic, { topics: [topic], autoCommitIntervalMs: 20 });
    const records = reader.records();
    for (const value of ['v0', 'v1', 'v2']) {
      expect(await records.next()).toMatchObject({ value: { value } });
    }
    await until(async () => (await offsetsOf(client(), topic))[0] === 2);
    expect(reader.position({ topic, partition: 0 })).toBe(3n);
  });

  test('these offsets, with what is to be remembered; of others it is refused', async () => {
    const topic = await filled(client(), 2, 3);
    await using reader = member(client(), topic, { topics: [topic], autoCommit: false });
    await take(1, reader);
    await reader.commit([{ topic, partition: 1, offset: 2n, metadata: 'here', leaderEpoch: 0 }]);
    expect(await reader.committed([{ topic, partition: 1 }])).toEqual([
      { topic, partition: 1, committed: { offset: 2n, metadata: 'here', leaderEpoch: 0 } },
    ]);
    const other = await newTopic(client());
    const refused = failureOf(reader.commit([{ topic: other, partition: 0, offset: 0n }]));
    expect(await refused).toMatchObject({ kafka: 'STALE_MEMBER_EPOCH' });
    await using idle = member(client(), topic, { topics: [topic] });
    const early = failureOf(idle.commit([{ topic, partition: 0, offset: 0n }]));
    expect(await early).toMatchObject({ kafka: 'UNKNOWN_MEMBER_ID' });
  });

  test('a run: batches side by side, each partition in order; what failed comes again', async () => {
    const topic = await filled(client(), 3, 20);
    const reader = member(client(), topic, { topics: [topic], maxBytes: 200 });
    const seen = new Map<number, number[]>();
    const working = new Set<number>();
    let most = 0;
    let failed = 0;
    const run = reader.run({
      concurrency: 3,
      eachBatch: async ({ partition, records }) => {
        expect(working.has(partition)).toBe(false);
        working.add(partition);
        most = Math.max(most, working.size);
        await new Promise((resolve) => void setTimeout(resolve, 5));
        working.delete(partition);
        const own = seen.get(partition) ?? [];
        if (partition === 1 && own.length > 5 && failed === 0) {
          failed = own.length;
          throw new Error('not this one');
        }
        seen.set(partition, [...own, ...records.map(({ offset }) => Number(offset))]);
      },
    });
    expect(await failureOf(run)).toMatchObject({ message: 'not this one' });
    expect(working.size).toBe(0);
    expect(most).toBeGreaterThan(1);
    const rest = reader.run({
      eachRecord: ({ partition, offset }) =>
        void seen.set(partition, [...(seen.get(partition) ?? []), Number(offset)]),
    });
    const all = [...Array(20).keys()];
    await until(() => [0, 1, 2].every((partition) => seen.get(partition)?.length === 20));
    expect([...seen.values()]).toEqual([all, all, all]);
    await reader.close();
    await rest;
    expect(await offsetsOf(client(), topic)).toEqual([20, 20, 20]);
  });
}

function listenerTests(client: () => Client): void {
  test('are told what comes and goes, and may commit what goes', async () => {
    const topic = await filled(client(), 2, 3);
    const told: string[] = [];
    const tell = (what: string) => (partitions: readonly TopicPartition[]) =>
      void told.push(`${what} ${partitions.map(({ partition }) => `${partition}`).join()}`);
    const reader = member(client(), topic, {
      topics: [topic],
      autoCommit: false,
      onAssigned: tell('assigned'),
      onLost: tell('lost'),
      onRevoked: async (partitions, consumer) => {
        tell('revoked')(partitions);
        await consumer.commit();
      },
    });
    await take(6, reader);
    await reader.close();
    expect(told).toEqual(['assigned 0,1', 'revoked 0,1']);
    expect(await offsetsOf(client(), topic)).toEqual([3, 3]);
  });

  test('may seek before the first record; what they throw is thrown', async () => {
    const topic = await filled(client(), 1, 5);
    await using reader = member(client(), topic, {
      topics: [topic],
      onAssigned: async (partitions, consumer) => {
        for (const one of partitions) await consumer.seek(one, { offset: 3 });
      },
    });
    expect(texts(await take(2, reader))).toEqual(['v3', 'v4']);
    await using other = member(client(), `${topic}-other`, {
      topics: [topic],
      onAssigned: () => {
        throw new Error('no');
      },
    });
    expect(await failureOf(other.records().next())).toMatchObject({ message: 'no' });
    expect(texts(await take(5, other))).toEqual(valuesOf(5));
  });

  test('without a committed offset: from the beginning, from the end, or an error', async () => {
    const topic = await filled(client(), 1, 2);
    await using end = member(client(), `${topic}-end`, { topics: [topic], offsetReset: 'end' });
    const next = end.records().next();
    await until(() => end.position({ topic, partition: 0 }) !== undefined);
    await sendAll(client(), numbered(topic, 1, 'w'));
    expect(await next).toMatchObject({ value: { value: 'w0', offset: 2n } });
    await using none = member(client(), topic, { topics: [topic], offsetReset: 'error' });
    const refused = { kafka: 'OFFSET_OUT_OF_RANGE' };
    expect(await failureOf(none.records().next())).toMatchObject(refused);
    expect(await failureOf(none.records().next())).toMatchObject(refused);
    await none.seek({ topic, partition: 0 }, { offset: 1 });
    expect(texts(await take(1, none))).toEqual(['v1']);
  });

  test('pause holds a partition back, resume lets it go on; lag is known', async () => {
    const topic = await filled(client(), 2, 3);
    const ofPartition = (partition: number) => [{ partition }, { partition }, { partition }];
    await using reader = member(client(), topic, {
      topics: [topic],
      onAssigned: (_, consumer) => consumer.pause([{ topic, partition: 0 }]),
    });
    expect(await take(3, reader)).toMatchObject(ofPartition(1));
    expect(reader.lag({ topic, partition: 1 })).toBe(0n);
    expect(reader.highWatermark({ topic, partition: 1 })).toBe(3n);
    reader.resume();
    expect(await take(3, reader)).toMatchObject(ofPartition(0));
  });
}

function groupAdminTests(client: () => Client): void {
  test('groups are listed, described and measured', async () => {
    const topic = await filled(client(), 2, 4);
    const { admin } = client();
    const reader = member(client(), topic, { topics: [topic], clientId: 'me' });
    await take(8, reader);
    await reader.commit();
    await add(client(), topic, 2, 1, 'w');
    const listed = await admin.listGroups();
    expect(listed.find(({ group }) => group === topic)).toMatchObject({ members: 1 });
    const both = [0, 1].map((partition) => ({ topic, partition }));
    const described = await admin.describeGroup(topic);
    expect(described).toMatchObject({
      group: topic,
      status: 'stable',
      assignor: 'uniform',
      memberList: [{ clientId: 'me', subscription: [topic], assignment: both, target: both }],
    });
    const lag = await admin.groupLag(topic);
    expect(lag).toMatchObject(
      both.map((one) => ({ ...one, logEndOffset: 5n, lag: 1n, member: { clientId: 'me' } })),
    );
    expect(await failureOf(admin.deleteGroup(topic))).toMatchObject({ kafka: 'NON_EMPTY_GROUP' });
    await reader.close();
    expect(await admin.describeGroup(topic)).toMatchObject({ status: 'empty', memberList: [] });
    await admin.deleteGroup(topic);
    expect(await failureOf(admin.describeGroup(topic))).toMatchObject({
      kafka: 'GROUP_ID_NOT_FOUND',
    });
  });

  test('offsets are set, reset and deleted, without members', async () => {
    const topic = await filled(client(), 2, 4);
    const { admin } = client();
    const set = [0, 1].map((partition) => ({ topic, partition, offset: 3n }));
    expect(await admin.commitOffsets(topic, set)).toMatchObject([
      { partition: 0 },
      { partition: 1 },
    ]);
    expect(await offsetsOf(client(), topic)).toEqual([3, 3]);
    const of = [{ topic, partitions: [1] }];
    const planned = await admin.resetOffsets({
      group: topic,
      of,
      to: { shift: -2 },
      dryRun: true,
    });
    expect(planned).toMatchObject([{ partition: 1, before: 3n, after: 1n }]);
    expect(await offsetsOf(client(), topic)).toEqual([3, 3]);
    await admin.resetOffsets({ group: topic, of, to: { shift: -2 } });
    expect(await offsetsOf(client(), topic)).toEqual([3, 1]);
    await admin.resetOffsets({ group: topic, to: 'beginning' });
    expect(await offsetsOf(client(), topic)).toEqual([0, 0]);
    await admin.resetOffsets({ group: topic, to: { offset: 99 } });
    expect(await offsetsOf(client(), topic)).toEqual([4, 4]);
    await admin.resetOffsets({ group: topic, of: [{ topic }], to: { timestamp: 0 } });
    expect(await offsetsOf(client(), topic)).toEqual([0, 0]);
    await admin.resetOffsets({ group: topic, to: 'end' });
    expect(await offsetsOf(client(), topic)).toEqual([4, 4]);
    expect(await admin.deleteOffsets(topic, [{ topic, partition: 0 }])).toEqual([
      { topic, partition: 0 },
    ]);
    const left = await admin.fetchOffsets(
      topic,
      [0, 1].map((partition) => ({ topic, partition })),
    );
    expect(left.map(({ committed }) => committed?.offset)).toEqual([undefined, 4n]);
  });
}
