// Members of consumer groups, by heartbeats and commits alone.
import { describe, expect, test } from 'vitest';
import { api, uniqueName } from './api.ts';
import type { Answer } from './api.ts';
import { beatUntil, Member, namesIn, offsetsOf, shared } from './members.ts';
import type { Outcomes } from './members.ts';

const door = api();

interface Setting {
  readonly topic: string;
  readonly group: string;
  /** A member that reads the topic, unless it is told otherwise. */
  readonly member: (join?: Readonly<Record<string, unknown>>, id?: string) => Member;
}

async function setting(partitions: number): Promise<Setting> {
  const topic = await door.topic(partitions);
  const group = uniqueName();
  return {
    topic,
    group,
    member: (join = {}, id = uniqueName()) =>
      new Member(door, group, { subscribed_topic_names: [topic], ...join }, id),
  };
}

const places = (topic: string, count: number) =>
  Array.from({ length: count }, (_, partition) => `${topic}/${partition}`);

const outcomesOf = (answer: Answer): readonly (string | null)[] => {
  expect(answer.status, answer.text).toBe(200);
  return namesIn((answer.json as { topics: readonly Outcomes[] }).topics);
};

const commitAlone = (group: string, offsets: Readonly<Record<string, number>>) =>
  door.ask(`POST /groups/${encodeURIComponent(group)}/offsets`, {
    body: { topics: offsetsOf(offsets) },
  });

/** What a group has committed: `{ 't/0': 5 }`. */
async function committed(group: string): Promise<Readonly<Record<string, number>>> {
  const path = `/groups/${encodeURIComponent(group)}/offsets:fetch`;
  const { json } = await door.ask(`POST ${path}`, { body: {} });
  const { topics } = json as {
    topics: {
      name: string;
      partitions: { partition_index: number; committed_offset: number }[];
    }[];
  };
  return Object.fromEntries(
    topics.flatMap(({ name, partitions }) =>
      partitions.map((one) => [`${name}/${one.partition_index}`, one.committed_offset] as const),
    ),
  );
}

describe('a member', () => {
  test('joins, is given all there is, and beats', async () => {
    const { topic, member } = await setting(3);
    const one = member();
    const joined = await one.beat();
    expect(joined).toMatchObject({ member_id: one.id, member_epoch: expect.any(Number) });
    await beatUntil([one], () => one.owned.length === 3);
    expect(one.owned).toEqual(places(topic, 3));
    for (const grant of one.grants.values()) {
      expect(grant).toMatchObject({ committed_offset: -1, metadata: '' });
      expect(grant.granted_in).toBeLessThanOrEqual(one.epoch);
    }
    const before = one.epoch;
    // All is settled, so it may be quiet for a third of its session.
    expect(await one.beat()).toMatchObject({ member_epoch: before, heartbeat_interval_ms: 15_000 });
  });

  test('may send its join again: it is the same member', async () => {
    const { member } = await setting(1);
    const one = member();
    await beatUntil([one], () => one.owned.length === 1);
    const { epoch } = one;
    one.epoch = 0;
    await one.beat();
    expect([one.epoch, one.owned.length]).toEqual([epoch, 1]);
  });

  test('reads other topics once it says so', async () => {
    const { topic, member } = await setting(1);
    const other = await door.topic(2);
    const one = member();
    await beatUntil([one], () => one.owned.length === 1);
    await one.beat({ subscribed_topic_names: [other] });
    await beatUntil([one], () => one.owned.join() === places(other, 2).join());
    await one.beat({ subscribed_topic_names: [other, topic] });
    await beatUntil([one], () => one.owned.length === 3);
    expect(one.owned).toContain(`${topic}/0`);
  });
});

describe('several members', () => {
  test('share the partitions, which move one by one; who leaves hands over its place', async () => {
    const { topic, member } = await setting(6);
    const [a, b, c] = [member(), member(), member()];
    await beatUntil([a], shared([a], [6]));
    await beatUntil([a, b], shared([a, b], [3, 3]));
    const before = [a.owned, b.owned];
    await beatUntil([a, b, c], shared([a, b, c], [2, 2, 2]));
    // Nobody gets what another one had, but the one who came.
    expect(before[0]).toEqual(expect.arrayContaining([...a.owned]));
    expect(before[1]).toEqual(expect.arrayContaining([...b.owned]));
    const last = Object.fromEntries(c.owned.map((place, i) => [place, 10 + i]));
    const left = await c.leave({ offsets: offsetsOf(last), commit_number: 1 });
    expect(left.member_epoch).toBe(-1);
    expect(namesIn(left.offsets)).toEqual([null, null]);
    await beatUntil([a, b], shared([a, b], [3, 3]));
    const grants = new Map([...a.grants, ...b.grants]);
    expect([...grants.keys()].toSorted()).toEqual(places(topic, 6));
    for (const [place, offset] of Object.entries(last)) {
      expect(grants.get(place)?.committed_offset).toBe(offset);
    }
    expect(await c.call({ member_epoch: c.epoch })).toBeError(40_403, /member/);
    expect(await c.commit(last)).toBeError(40_403, /member/);
  });

  test('get a partition when who had it has let go', async () => {
    const { topic, member } = await setting(2);
    const [slow, next] = [member(), member()];
    await beatUntil([slow], shared([slow], [2]));
    await next.beat();
    // It is told to stop with one of them, and goes on.
    const both = { topic_partitions: [{ topic_name: topic, partitions: [0, 1] }] };
    while (slow.owned.length === 2) await slow.beat(both);
    await slow.beat(both);
    await next.beat();
    expect(next.owned).toEqual([]);
    await beatUntil([slow, next], shared([slow, next], [1, 1]));
  });

  test('go on without one that does not let go in its time', async () => {
    const { member } = await setting(2);
    const [slow, next] = [member({ rebalance_timeout_ms: 1_000 }), member()];
    await beatUntil([slow], shared([slow], [2]));
    let answer: Answer;
    do {
      await next.beat();
      answer = await slow.call({ member_epoch: slow.epoch });
    } while (answer.status === 200);
    expect(answer).toBeError(40_403, /member/);
    await beatUntil([next], shared([next], [2]));
  });

  test('of one name: a static member that comes back has what it had, and fences the one before', async () => {
    const { member } = await setting(4);
    const name = { instance_id: uniqueName() };
    const [first, other] = [member(name), member()];
    await beatUntil([first, other], shared([first, other], [2, 2]));
    const had = first.owned;
    await first.leave({}, -2);
    const second = member(name);
    await beatUntil([second, other], shared([second, other], [2, 2]));
    expect(second.owned).toEqual(had);
    const old = await first.call({ member_epoch: first.epoch, ...name });
    expect(old).toBeError(40_903, /instance/);
    expect(old.headers.get('tailrace-error')).toBe('FENCED_INSTANCE_ID');
    await second.leave();
    await beatUntil([other], () => other.owned.length === 4);
  });

  test('of several groups read everything, each in its own place', async () => {
    const topic = await door.topic(2);
    const values = ['a', 'b', 'c'].map((value) => ({ value }));
    await door.produce(`${topic}/partitions/0`, values);
    const groups = [uniqueName(), uniqueName(), uniqueName()];
    for (const [i, group] of groups.entries()) {
      const one = new Member(door, group, { subscribed_topic_names: [topic] });
      await beatUntil([one], () => one.owned.length === 2);
      expect(outcomesOf(await one.commit({ [`${topic}/0`]: i }))).toEqual([null]);
    }
    for (const [i, group] of groups.entries()) {
      expect(await committed(group)).toEqual({ [`${topic}/0`]: i });
    }
  });
});

// All at once: a session takes 6 s, and what there are of topics may be known for 10 s.
describe.concurrent('what takes its time', () => {
  test('a member that died: the others go on without it', async () => {
    const { topic, member } = await setting(2);
    const short = { session_timeout_ms: 6_000 };
    const [dies, stays] = [member(short), member(short)];
    await beatUntil([dies, stays], shared([dies, stays], [1, 1]));
    const [lost = ''] = dies.owned;
    expect(outcomesOf(await dies.commit({ [lost]: 7 }, { commit_number: 1 }))).toEqual([null]);
    // It says nothing any more.
    while (stays.owned.length < 2) {
      await new Promise((resolve) => void setTimeout(resolve, 500));
      await stays.beat();
    }
    expect(stays.owned).toEqual(places(topic, 2));
    expect(stays.grants.get(lost)?.committed_offset).toBe(7);
    expect(await dies.commit({ [lost]: 9 }, { commit_number: 2 })).toBeError(40_403, /member/);
    expect(await dies.call({ member_epoch: dies.epoch })).toBeError(40_403, /member/);
    expect(outcomesOf(await stays.commit({ [lost]: 8 }, { commit_number: 1 }))).toEqual([null]);
  });

  test('topics that match a pattern', async () => {
    const prefix = uniqueName();
    for (const end of ['a', 'b']) {
      await door.create({ topic_name: `${prefix}-${end}`, partitions_count: 2 });
    }
    const one = new Member(door, uniqueName(), { subscribed_topic_regex: `${prefix}-[ab]` });
    await beatUntil([one], () => one.owned.length === 4, 250);
    expect(one.owned).toEqual([...places(`${prefix}-a`, 2), ...places(`${prefix}-b`, 2)]);
  });

  test('partitions that are added', async () => {
    const { topic, member } = await setting(1);
    const one = member();
    await beatUntil([one], () => one.owned.length === 1);
    await door.ask(`PATCH ${door.cluster}/topics/${topic}`, { body: { partitions_count: 3 } });
    await beatUntil([one], () => one.owned.length === 3, 250);
    expect(one.owned).toEqual(places(topic, 3));
  });
});

describe('commits', () => {
  test('are where the next one begins to read', async () => {
    const { topic, member } = await setting(1);
    const values = Array.from({ length: 10 }, (_, i) => ({ value: i }));
    await door.produce(`${topic}/partitions/0`, values);
    const place = `${topic}/0`;
    const one = member();
    await beatUntil([one], () => one.owned.length === 1);
    expect(outcomesOf(await one.commit({ [place]: 4 }, { commit_number: 1 }))).toEqual([null]);
    await one.leave();
    const next = member();
    await beatUntil([next], () => next.owned.length === 1);
    const { committed_offset: from = -1 } = next.grants.get(place) ?? {};
    expect(from).toBe(4);
    const { json } = await door.read(topic, `offset=${from}`);
    expect((json as { value: number }[]).map(({ value }) => value)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test('that come late are overtaken, and change nothing', async () => {
    const { topic, group, member } = await setting(1);
    const place = `${topic}/0`;
    const one = member();
    await beatUntil([one], () => one.owned.length === 1);
    expect(outcomesOf(await one.commit({ [place]: 8 }, { commit_number: 2 }))).toEqual([null]);
    expect(outcomesOf(await one.commit({ [place]: 3 }, { commit_number: 1 }))).toEqual([null]);
    expect(await committed(group)).toEqual({ [place]: 8 });
    // Back is allowed, to who says that it comes later.
    expect(outcomesOf(await one.commit({ [place]: 3 }, { commit_number: 3 }))).toEqual([null]);
    expect(await committed(group)).toEqual({ [place]: 3 });
  });

  test('of what a member does not own any more are refused, one by one', async () => {
    const { topic, member } = await setting(2);
    const [a, b] = [member(), member()];
    await beatUntil([a], shared([a], [2]));
    const before = a.epoch;
    await beatUntil([a, b], shared([a, b], [1, 1]));
    const [mine = '', others = ''] = [...a.owned, ...b.owned];
    const offsets = { [mine]: 1, [others]: 1, [`${topic}/9`]: 1 };
    expect(outcomesOf(await a.commit(offsets))).toEqual([
      null,
      'STALE_MEMBER_EPOCH',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    // What b was granted under a later epoch is nothing that an earlier one speaks of.
    const early = await b.commit({ [others]: 1 }, { generation_id_or_member_epoch: before });
    expect(outcomesOf(early)).toEqual(['STALE_MEMBER_EPOCH']);
    const unknown = { member_id: uniqueName() };
    expect(await a.commit({ [mine]: 1 }, unknown)).toBeError(40_403, /member/);
  });

  test('without membership are of what nobody owns', async () => {
    const { topic, group, member } = await setting(2);
    const [first, second] = [`${topic}/0`, `${topic}/1`];
    const alone = await commitAlone(group, { [first]: 2, [second]: 3, [`${topic}/7`]: 1 });
    expect(outcomesOf(alone)).toEqual([null, null, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await committed(group)).toEqual({ [first]: 2, [second]: 3 });
    const one = member();
    await beatUntil([one], () => one.owned.length === 2);
    expect(one.grants.get(second)?.committed_offset).toBe(3);
    expect(outcomesOf(await commitAlone(group, { [first]: 9 }))).toEqual(['UNKNOWN_MEMBER_ID']);
    await one.leave();
    expect(outcomesOf(await commitAlone(group, { [first]: 9 }))).toEqual([null]);
    expect(await committed(group)).toEqual({ [first]: 9, [second]: 3 });
  });

  test('keep what else was told, up to a size', async () => {
    const { topic, group } = await setting(1);
    const commit = (offset: number, metadata: string) => {
      const told = { committed_leader_epoch: 0, committed_metadata: metadata };
      const partitions = [{ partition_index: 0, committed_offset: offset, ...told }];
      const body = { topics: [{ name: topic, partitions }] };
      return door.ask(`POST /groups/${group}/offsets`, { body });
    };
    expect(outcomesOf(await commit(5, 'at the é'))).toEqual([null]);
    expect(outcomesOf(await commit(6, 'x'.repeat(5_000)))).toEqual(['OFFSET_METADATA_TOO_LARGE']);
    const { json } = await door.ask(`POST /groups/${group}/offsets:fetch`, {
      body: { topics: [{ name: topic, partition_indexes: [0, 1] }] },
    });
    const none = { committed_offset: -1, committed_leader_epoch: -1, metadata: '' };
    expect(json).toMatchObject({
      topics: [
        {
          name: topic,
          partitions: [
            {
              partition_index: 0,
              committed_offset: 5,
              committed_leader_epoch: 0,
              metadata: 'at the é',
              error_code: null,
            },
            { partition_index: 1, ...none, error_name: 'UNKNOWN_TOPIC_OR_PARTITION' },
          ],
        },
      ],
    });
  });
});

describe('what is refused', () => {
  const beat = (body: unknown, group = uniqueName()) =>
    door.ask(`POST /groups/${group}/heartbeat`, { body });
  const join = { member_id: 'm', member_epoch: 0, subscribed_topic_names: ['t'] };

  test.each([
    ['a join without topics', { member_id: 'm', member_epoch: 0 }, /subscription/],
    ['no member id', { ...join, member_id: '' }, /member_id/],
    ['a session that is too short', { ...join, session_timeout_ms: 5_999 }, /6000/],
    ['a session that is too long', { ...join, session_timeout_ms: 1_800_001 }, /1800000/],
    ['a rebalance without time', { ...join, rebalance_timeout_ms: 0 }, /rebalance_timeout_ms/],
    ['an unknown assignor', { ...join, server_assignor: 'best' }, /uniform/],
    ['a name that no topic has', { ...join, subscribed_topic_names: ['a b'] }, /\w/],
    [
      'a pattern that is none',
      { member_id: 'm', member_epoch: 0, subscribed_topic_regex: '(' },
      /pattern/,
    ],
    ['a field that is unknown', { ...join, rack_id: 'r' }, /rack_id/],
    ['a name that is too long', { ...join, member_id: 'm'.repeat(401) }, /400/],
    ['to be away for a while without a name', { member_id: 'm', member_epoch: -2 }, /instance/],
  ])('%s', async (_what, body, message) => {
    expect(await beat(body)).toBeError(40_001, message);
  });

  test('a member that is not there, and one that knows too much', async () => {
    expect(await beat({ member_id: 'm', member_epoch: 1 })).toBeError(40_403, /member/);
    expect(await beat({ member_id: 'm', member_epoch: -1 })).toBeError(40_403, /member/);
    const { group, member } = await setting(1);
    const one = member();
    await beatUntil([one], () => one.owned.length === 1);
    const answer = await beat({ member_id: one.id, member_epoch: one.epoch + 1 }, group);
    expect(answer).toBeError(40_903, /epoch/);
    expect(answer.headers.get('tailrace-error')).toBe('FENCED_MEMBER_EPOCH');
  });

  test.each([
    ['a space', 'a b'],
    ['another letter and a colon', 'é:x'],
    ['a dot', 'a.'],
    ['all the letters that are allowed', 'g'.repeat(400)],
  ])('no group whose name has %s', async (_what, end) => {
    const topic = await door.topic();
    const group = `${uniqueName()}${end}`.slice(-400);
    const one = new Member(door, group, { subscribed_topic_names: [topic] });
    await beatUntil([one], () => one.owned.length === 1);
    expect(outcomesOf(await one.commit({ [`${topic}/0`]: 1 }))).toEqual([null]);
    expect(await committed(group)).toEqual({ [`${topic}/0`]: 1 });
  });

  test('a group of a name that is too long', async () => {
    expect(await beat(join, 'g'.repeat(401))).toBeError(40_001, /400/);
    // Each of its letters takes nine bytes as the keys of the table have them.
    expect(await beat(join, encodeURIComponent('語'.repeat(45)))).toBeError(40_001, /400/);
  });

  test('offsets that are none, and more partitions than there are', async () => {
    const { topic, group } = await setting(1);
    expect(await commitAlone(group, { [`${topic}/0`]: -1 })).toBeError(40_001, /committed_offset/);
    const twice = [...offsetsOf({ [`${topic}/0`]: 1 }), ...offsetsOf({ [`${topic}/0`]: 2 })];
    const body = { topics: twice };
    expect(await door.ask(`POST /groups/${group}/offsets`, { body })).toBeError(
      40_001,
      /twice|once/,
    );
    expect(await committed(group)).toEqual({});
  });
});
