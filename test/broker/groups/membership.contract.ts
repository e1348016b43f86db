import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HeartbeatInput } from '../../../lib/broker/group-types.ts';
import { errorOf } from '../setup.ts';
import { allNames, groupWorld, settle, TestMember } from './setup.ts';
import type { GroupWorld, OpenTable } from './setup.ts';

const sessionMs = 45_000;

/** Who owns what, call by call, on any table. Each test has a group and topics of its own. */
export function describeMembership(name: string, open: OpenTable): void {
  describe(`members of groups on ${name}`, () => {
    let opened: Awaited<ReturnType<OpenTable>>;
    let world: GroupWorld;
    let group = '';
    let topic = '';
    let count = 0;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    beforeEach(async () => {
      count += 1;
      group = `group #${count}/ä`;
      topic = `topic-${count}`;
      world = groupWorld(opened.table);
      await world.broker.createTopic({ name: topic, partitions: 4 });
    });

    const member = (memberId: string, parts: Partial<HeartbeatInput> = {}): TestMember =>
      new TestMember(world.broker, { group, memberId, subscription: [topic], ...parts });
    const named = (...partitions: number[]): string[] => partitions.map((p) => `${topic}/${p}`);

    test('a member alone owns everything', async () => {
      const one = member('one');
      const told = await one.join();
      expect(one.names).toEqual(named(0, 1, 2, 3));
      expect(told).toMatchObject({ memberEpoch: 1, heartbeatIntervalMs: 15_000 });
      const { id } = await world.broker.describeTopic(topic);
      expect(told.assignment[0]).toEqual({ topic, topicId: id, partition: 0, grantedIn: 1 });
      expect(await one.beat()).toEqual(told);
    });

    test('a second member takes its half, and nobody owns what the other has not given up', async () => {
      const [one, two] = [member('one'), member('two')];
      await one.join();
      await two.join();
      expect(two.names).toEqual([]);
      const stillOwned = one.owned;
      await one.beat();
      expect(one.names).toHaveLength(2);
      // It was told, and goes on working until it says otherwise.
      await one.beat({ owned: stillOwned });
      await two.beat();
      expect(two.names).toEqual([]);
      await settle([one, two]);
      expect(allNames([one, two])).toEqual(named(0, 1, 2, 3));
      expect(two.names).toHaveLength(2);
    });

    test('a third member takes from two what is too much, and nothing else moves', async () => {
      const members = [member('one'), member('two'), member('three')] as const;
      const [one, two, three] = members;
      await world.broker.createTopic({ name: `${topic}-6`, partitions: 6 });
      for (const each of [one, two]) await each.join();
      await settle([one, two]);
      const before = [one.names, two.names];
      await three.join();
      await settle(members);
      expect(allNames(members)).toEqual(named(0, 1, 2, 3));
      expect(before.flat().filter((at) => three.names.includes(at))).toEqual(three.names);
      for (const [i, each] of [one, two].entries()) {
        expect(each.names.filter((at) => !before[i]?.includes(at))).toEqual([]);
      }
    });

    test('what a member leaves is served from where it stopped', async () => {
      const [one, two] = [member('one'), member('two')];
      for (const each of [one, two]) await each.join();
      await settle([one, two]);
      await two.commit(5n);
      const offsets = two.owned.map((at) => ({ ...at, offset: 6n }));
      const left = await two.leave({ offsets, commitNumber: two.nextNumber() });
      expect(left).toMatchObject({ memberEpoch: -1, assignment: [] });
      expect(left.committed).toEqual(two.owned);
      await one.beat();
      expect(one.names).toEqual(named(0, 1, 2, 3));
      const moved = one.assignment.filter(({ committed }) => committed?.offset === 6n);
      expect(moved).toHaveLength(2);
      expect(moved.every(({ grantedIn }) => grantedIn === 3)).toBe(true);
      expect(await errorOf(two.beat())).toBe('UNKNOWN_MEMBER_ID');
      expect(await errorOf(two.leave())).toBe('UNKNOWN_MEMBER_ID');
    });

    test('a member that died is evicted after its session, by whoever looks', async () => {
      const [one, two] = [member('one'), member('two')];
      for (const each of [one, two]) await each.join();
      await settle([one, two]);
      await two.commit(5n);
      world.clock.ms += sessionMs;
      world.chance.looks = true;
      await one.beat();
      expect(one.names).toHaveLength(2);
      world.clock.ms += 1;
      await one.beat();
      expect(one.names).toEqual(named(0, 1, 2, 3));
      expect(one.assignment.filter(({ committed }) => committed?.offset === 5n)).toHaveLength(2);
      expect(await two.commit(9n).catch((error: { kafka: string }) => error.kafka)).toBe(
        'UNKNOWN_MEMBER_ID',
      );
      await two.join();
      await settle([one, two]);
      expect(two.names).toHaveLength(2);
    });

    test('a group that nobody calls for any more is found, its members evicted, its items gone', async () => {
      const [one, two] = [member('one'), member('two')];
      for (const each of [one, two]) await each.join();
      await settle([one, two]);
      await one.commit(3n);
      world.clock.ms += 10 * 60_000;
      await world.maintain();
      expect(await world.broker.describeGroup(group)).toMatchObject({
        status: 'empty',
        members: 0,
        memberList: [],
      });
      const offsets = await world.broker.fetchOffsets({ group });
      expect(offsets.map(({ committed }) => committed?.offset)).toEqual([3n, 3n]);
      expect(await world.maintain()).toMatchObject({ done: 0 });
    });

    test('a static member that comes back within its session keeps what it had', async () => {
      const [one, two] = [member('one', { instanceId: 'a' }), member('two', { instanceId: 'b' })];
      for (const each of [one, two]) await each.join();
      await settle([one, two]);
      const offsets = one.owned.map((at) => ({ ...at, offset: 8n }));
      const gone = await one.leave({ memberEpoch: -2, offsets, commitNumber: 7 });
      expect(gone).toMatchObject({ memberEpoch: -2, assignment: [] });
      const again = member('one-again', { instanceId: 'a' });
      await again.join();
      expect(again.names).toEqual(one.names);
      expect(again.assignment.every(({ committed }) => committed?.offset === 8n)).toBe(true);
      expect(again.epoch).toBe(two.epoch);
      expect(await errorOf(one.beat())).toBe('FENCED_INSTANCE_ID');
      expect(await errorOf(one.commit(9n))).toBe('FENCED_INSTANCE_ID');
      expect(await again.commit(9n)).toBeUndefined();
      expect(await errorOf(member('two').leave({ memberEpoch: -2 }))).toBe('INVALID_REQUEST');
    });

    test('a pattern takes new topics up, and lets deleted ones go', async () => {
      const one = member('one', { subscription: { pattern: `${topic}.*` } });
      await one.join();
      await world.broker.createTopic({ name: `${topic}.b` });
      await one.beat();
      expect(one.names).toEqual(named(0, 1, 2, 3));
      // Who is alone looks when its beat is due: once in a third of its session.
      world.clock.ms += 15_000;
      await one.beat();
      expect(one.names).toEqual([`${topic}.b/0`, ...named(0, 1, 2, 3)].toSorted());
      await world.broker.deleteTopic(topic);
      world.clock.ms += 15_000;
      await settle([one]);
      expect(one.names).toEqual([`${topic}.b/0`]);
    });

    test('a topic grows, and its new partitions are shared', async () => {
      const [one, two] = [member('one'), member('two')];
      for (const each of [one, two]) await each.join();
      await settle([one, two]);
      await world.broker.createPartitions(topic, 6);
      world.clock.ms += 10_001;
      world.chance.looks = true;
      await one.beat();
      world.chance.looks = false;
      await settle([one, two]);
      expect([one.names.length, two.names.length]).toEqual([3, 3]);
      expect(allNames([one, two])).toEqual(named(0, 1, 2, 3, 4, 5));
    });

    test('a topic that is created again is another one, which begins without offsets', async () => {
      const one = member('one');
      await one.join();
      await one.commit(7n);
      await world.broker.deleteTopic(topic);
      await world.broker.createTopic({ name: topic, partitions: 2 });
      expect(await world.broker.fetchOffsets({ group })).toEqual([]);
      expect(
        await world.broker.fetchOffsets({ group, partitions: [{ topic, partition: 0 }] }),
      ).toEqual([{ topic, partition: 0 }]);
      expect(await world.broker.groupLag(group)).toEqual([]);
      world.clock.ms += 10_001;
      await settle([one]);
      const { id } = await world.broker.describeTopic(topic);
      expect(one.assignment.map((at) => [at.topicId, at.partition, at.committed])).toEqual([
        [id, 0, undefined],
        [id, 1, undefined],
      ]);
      expect(await one.commit(1n)).toBeUndefined();
    });

    test('a changed subscription is followed in the same call', async () => {
      await world.broker.createTopic({ name: `${topic}-b` });
      const one = member('one');
      await one.join();
      await one.beat({ subscription: [`${topic}-b`] });
      expect(one.names).toEqual([`${topic}-b/0`]);
    });

    test('a join that is sent again finds its member', async () => {
      const one = member('one');
      const first = await one.join();
      expect(await one.join()).toEqual(first);
      expect(await world.broker.describeGroup(group)).toMatchObject({ members: 1, epoch: 1 });
    });

    test.each([
      [{ group: '' }, 'INVALID_GROUP_ID', 'text of 1 to 400 bytes'],
      [{ group: 'ä'.repeat(100) }, 'INVALID_GROUP_ID', 'percent-encoded'],
      [{ memberId: '' }, 'INVALID_REQUEST', 'member_id=""'],
      [{ instanceId: '\ud800' }, 'INVALID_REQUEST', 'instance_id'],
      [{ memberEpoch: -3 }, 'INVALID_REQUEST', 'expected -2 to'],
      [{ memberEpoch: 0.5 }, 'INVALID_REQUEST', 'member_epoch=0.5'],
      [{ sessionTimeoutMs: 5_999 }, 'INVALID_SESSION_TIMEOUT', 'session_timeout_ms=5999'],
      [{ rebalanceTimeoutMs: 0 }, 'INVALID_REQUEST', 'rebalance_timeout_ms=0'],
      [{ clientId: 'x'.repeat(401) }, 'INVALID_REQUEST', 'client_id bytes=401'],
      [{ subscription: { pattern: '(' } }, 'INVALID_REGULAR_EXPRESSION', 'pattern="("'],
      [{ subscription: ['a b'] }, 'INVALID_TOPIC_EXCEPTION', 'a b'],
      [{ assignor: 'cooperative' as 'range' }, 'UNSUPPORTED_ASSIGNOR', 'assignor="cooperative"'],
      [{ commitNumber: 0 }, 'INVALID_REQUEST', 'commit_number=0'],
      [{ memberEpoch: 4 }, 'UNKNOWN_MEMBER_ID', 'join again'],
    ])('%j is refused: %s, %s', async (parts, error, message) => {
      const input = { group, memberId: 'one', memberEpoch: 0, subscription: [topic], ...parts };
      const failed = await world.broker.heartbeat(input).catch((thrown: unknown) => thrown);
      expect(failed).toMatchObject({ kafka: error });
      expect(String(failed)).toContain(message);
    });

    test('a join without a subscription is refused', async () => {
      const join = world.broker.heartbeat({ group, memberId: 'one', memberEpoch: 0 });
      expect(await errorOf(join)).toBe('INVALID_REQUEST');
    });
  });
}
