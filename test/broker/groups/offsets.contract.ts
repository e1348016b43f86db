import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OffsetToCommit } from '../../../lib/broker/group-types.ts';
import { errorOf } from '../setup.ts';
import { groupWorld, settle, TestMember } from './setup.ts';
import type { GroupWorld, OpenTable } from './setup.ts';

const retentionMs = 24 * 60 * 60_000;
const lookMs = 10 * 60_000;

/** Committed offsets, call by call, on any table. */
export function describeOffsets(name: string, open: OpenTable): void {
  describe(`offsets of groups on ${name}`, () => {
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
      group = `group ${count}`;
      topic = `topic-${count}`;
      world = groupWorld(opened.table, retentionMs);
      await world.broker.createTopic({ name: topic, partitions: 2 });
    });

    const member = (memberId: string): TestMember =>
      new TestMember(world.broker, { group, memberId, subscription: [topic] });
    const at = (partition: number) => ({ topic, partition });
    const alone = (...offsets: OffsetToCommit[]) =>
      world.broker
        .commitOffsets({ group, offsets })
        .then((outcomes) => outcomes.map(({ error }) => error));
    const committed = async (): Promise<unknown> => {
      const partitions = [at(0), at(1)];
      const fetched = await world.broker.fetchOffsets({ group, partitions });
      return fetched.map((one) => one.committed?.offset);
    };

    test('a member commits what it owns, with metadata and leader epoch', async () => {
      const one = member('one');
      await one.join();
      const outcomes = await world.broker.commitOffsets({
        group,
        member: { memberId: 'one', memberEpoch: one.epoch },
        offsets: [
          { ...at(0), offset: 7n, leaderEpoch: 3, metadata: 'at ä' },
          { ...at(1), offset: 2n ** 63n - 1n },
          { ...at(2), offset: 1n },
          { topic: 'no', partition: 0, offset: 1n },
        ],
      });
      expect(outcomes.map(({ error }) => error)).toEqual([
        undefined,
        undefined,
        'UNKNOWN_TOPIC_OR_PARTITION',
        'UNKNOWN_TOPIC_OR_PARTITION',
      ]);
      const fetched = await world.broker.fetchOffsets({ group, partitions: [at(1), at(0), at(2)] });
      expect(fetched).toEqual([
        { ...at(1), committed: { offset: 2n ** 63n - 1n, leaderEpoch: -1, metadata: '' } },
        { ...at(0), committed: { offset: 7n, leaderEpoch: 3, metadata: 'at ä' } },
        { ...at(2), error: 'UNKNOWN_TOPIC_OR_PARTITION' },
      ]);
      expect(await world.broker.fetchOffsets({ group })).toHaveLength(2);
    });

    test('one partition that is refused does not fail its neighbours', async () => {
      const one = member('one');
      await one.join();
      const outcomes = await world.broker.commitOffsets({
        group,
        member: { memberId: 'one', memberEpoch: one.epoch },
        offsets: [
          { ...at(0), offset: 7n, metadata: 'x'.repeat(4_097) },
          { ...at(1), offset: 7n },
        ],
      });
      expect(outcomes.map(({ error }) => error)).toEqual(['OFFSET_METADATA_TOO_LARGE', undefined]);
      expect(await committed()).toEqual([undefined, 7n]);
    });

    test('a commit that comes late is overtaken by its number', async () => {
      const one = member('one');
      await one.join();
      expect(await one.commit(9n, [at(0)], 2)).toBeUndefined();
      expect(await one.commit(5n, [at(0)], 1)).toBeUndefined();
      expect(await committed()).toEqual([9n, undefined]);
    });

    test('what a member no longer owns it cannot commit', async () => {
      const [one, two] = [member('one'), member('two')];
      await one.join();
      const stale = one.owned;
      await two.join();
      await settle([one, two]);
      expect(await one.commit(3n, stale)).toBe('STALE_MEMBER_EPOCH');
      expect(await two.commit(4n)).toBeUndefined();
      const [lost] = two.owned;
      const fetched = await world.broker.fetchOffsets({ group, partitions: [lost ?? at(0)] });
      expect(fetched[0]?.committed?.offset).toBe(4n);
    });

    test('a process that remembers an item of long ago commits all the same', async () => {
      const one = member('one');
      await one.join();
      const here = world.broker;
      const there = world.other().broker;
      const input = { group, member: { memberId: 'one', memberEpoch: one.epoch } };
      for (const [i, broker] of [here, here, here, there, there, there, here].entries()) {
        const offsets = [{ ...at(0), offset: BigInt(i) }];
        expect(await broker.commitOffsets({ ...input, offsets, commitNumber: i + 1 })).toEqual([
          at(0),
        ]);
      }
      expect(await committed()).toEqual([6n, undefined]);
    });

    test('without membership, only what nobody owns is committed', async () => {
      expect(await alone({ ...at(0), offset: 4n }, { ...at(1), offset: 5n })).toEqual([
        undefined,
        undefined,
      ]);
      expect(await committed()).toEqual([4n, 5n]);
      const one = member('one');
      await one.join();
      expect(one.assignment.map((each) => each.committed?.offset)).toEqual([4n, 5n]);
      expect(await alone({ ...at(0), offset: 1n })).toEqual(['UNKNOWN_MEMBER_ID']);
      await one.leave();
      expect(await alone({ ...at(0), offset: 1n })).toEqual([undefined]);
      expect(await committed()).toEqual([1n, 5n]);
    });

    test.each([
      [{ offset: -1n }, 'OFFSET_OUT_OF_RANGE'],
      [{ offset: 2n ** 63n }, 'OFFSET_OUT_OF_RANGE'],
      [{ leaderEpoch: -2 }, 'INVALID_REQUEST'],
      [{ metadata: 'x'.repeat(4_097) }, 'OFFSET_METADATA_TOO_LARGE'],
      [{ partition: -1 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ])('%o is refused: %s', async (parts, error) => {
      expect(await alone({ ...at(0), offset: 1n, ...parts })).toEqual([error]);
    });

    test('a partition that comes twice is refused', async () => {
      const twice = alone({ ...at(0), offset: 1n }, { ...at(0), offset: 2n });
      expect(await errorOf(twice)).toBe('INVALID_REQUEST');
    });

    test('offsets expire when the group was empty and unchanged for all their time', async () => {
      const { clock, broker } = world;
      await alone({ ...at(0), offset: 4n });
      clock.ms += lookMs;
      expect(await world.maintain()).toMatchObject({ ran: true, left: 0 });
      clock.ms += retentionMs - lookMs;
      await alone({ ...at(1), offset: 5n });
      await world.maintain();
      clock.ms += retentionMs - 1;
      await world.maintain();
      expect(await committed()).toEqual([4n, 5n]);
      clock.ms += lookMs;
      await world.maintain();
      expect(await committed()).toEqual([undefined, undefined]);
      expect(await broker.listGroups()).not.toContainEqual(expect.objectContaining({ group }));
      clock.ms += lookMs;
      expect(await world.maintain()).toMatchObject({ ran: true, left: 0 });
      expect(await broker.listGroups()).not.toContainEqual(expect.objectContaining({ group }));
      await alone({ ...at(0), offset: 6n });
      expect(await broker.listGroups()).toContainEqual(expect.objectContaining({ group }));
    });

    test('nothing expires, and nobody is evicted, by a clock that is not the store’s', async () => {
      const { clock } = world;
      const one = member('one');
      await one.join();
      await alone({ ...at(0), offset: 4n });
      const ahead = 6 * 60_000;
      clock.now = () => clock.ms + ahead;
      clock.ms += 10 * 60_000;
      await world.maintain();
      expect(await world.broker.describeGroup(group)).toMatchObject({ members: 1 });
      clock.now = () => clock.ms;
      clock.ms += 10 * 60_000;
      await world.maintain();
      expect(await errorOf(one.beat())).toBe('UNKNOWN_MEMBER_ID');
    });

    test('a group in use does not expire', async () => {
      const { clock } = world;
      const one = member('one');
      await one.join();
      await one.commit(4n);
      for (let hours = 0; hours < 30; hours += 1) {
        clock.ms += 44_000;
        await one.beat();
        clock.ms += 16_000;
        await world.maintain();
      }
      expect(await committed()).toEqual([4n, 4n]);
      expect(one.names).toHaveLength(2);
    });
  });
}
