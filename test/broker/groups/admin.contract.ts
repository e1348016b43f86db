import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HeartbeatInput, ResetTarget } from '../../../lib/broker/group-types.ts';
import { errorOf } from '../setup.ts';
import { groupWorld, settle, TestMember } from './setup.ts';
import type { GroupWorld, OpenTable } from './setup.ts';

/** What admins do to groups, on any table. */
export function describeGroupAdmin(name: string, open: OpenTable): void {
  describe(`groups in the hands of admins on ${name}`, () => {
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
      await world.broker.createTopic({ name: topic, partitions: 2 });
    });

    const member = (memberId: string, parts: Partial<HeartbeatInput> = {}): TestMember =>
      new TestMember(world.broker, { group, memberId, subscription: [topic], ...parts });
    const at = (partition: number) => ({ topic, partition });
    const alone = (offset: bigint, partition = 0) =>
      world.broker.commitOffsets({ group, offsets: [{ ...at(partition), offset }] });
    const listing = async () => {
      const listed = await world.broker.listGroups();
      return listed.find((one) => one.group === group);
    };
    /** Records in the first partition, a millisecond after each other. */
    const fill = async (records: number): Promise<void> => {
      for (let i = 0; i < records; i += 1) {
        const record = { partition: 0, key: null, value: Buffer.from('x'), headers: [] };
        const timestamp = BigInt(1_000 + i);
        await world.broker.produce({ topic, records: [{ ...record, timestamp }] });
      }
    };

    test('a group is listed and described while it has members or offsets', async () => {
      const { broker } = world;
      expect(await listing()).toBeUndefined();
      expect(await errorOf(broker.describeGroup(group))).toBe('GROUP_ID_NOT_FOUND');
      const parts = { clientId: 'app', clientHost: 'here', assignor: 'range' } as const;
      const one = member('one', { ...parts, instanceId: 'first' });
      const two = member('two', { ...parts, subscription: { pattern: topic } });
      await one.join();
      await two.join();
      const listed = { group, assignor: 'range', members: 2 };
      expect(await listing()).toEqual({ ...listed, status: 'reconciling' });
      await settle([one, two]);
      expect(await listing()).toEqual({ ...listed, status: 'stable' });
      const { assignor: _, ...who } = parts;
      const beatMs = world.clock.ms;
      expect(await broker.describeGroup(group)).toEqual({
        ...listed,
        status: 'stable',
        epoch: 2,
        memberList: [
          {
            ...who,
            memberId: 'one',
            instanceId: 'first',
            subscription: [topic],
            assignment: [at(0)],
            target: [at(0)],
            beatMs,
          },
          {
            ...who,
            memberId: 'two',
            subscription: { pattern: topic },
            assignment: [at(1)],
            target: [at(1)],
            beatMs,
          },
        ],
      });
      await one.leave();
      await two.leave();
      expect(await listing()).toMatchObject({ status: 'empty', assignor: 'uniform', members: 0 });
      expect(await errorOf(broker.describeGroup(group))).toBe('GROUP_ID_NOT_FOUND');
      world.clock.ms += 10 * 60_000;
      await world.maintain();
      expect(await listing()).toBeUndefined();
    });

    test('lag is how far the log goes beyond what is committed', async () => {
      await fill(3);
      const one = member('one');
      await one.join();
      const who = { memberId: 'one', clientId: '', clientHost: '' };
      expect(await world.broker.groupLag(group)).toEqual([
        { ...at(0), logEndOffset: 3n, member: who },
        { ...at(1), logEndOffset: 0n, member: who },
      ]);
      await one.commit(1n, [at(0)]);
      await one.commit(9n, [at(1)]);
      await one.leave();
      const committed = { offset: 1n, leaderEpoch: -1, metadata: '' };
      expect(await world.broker.groupLag(group)).toEqual([
        { ...at(0), logEndOffset: 3n, committed, lag: 2n },
        { ...at(1), logEndOffset: 0n, committed: { ...committed, offset: 9n }, lag: 0n },
      ]);
    });

    test('a group with members is neither reset nor deleted; after their session it is', async () => {
      const { broker, clock } = world;
      const one = member('one');
      await one.join();
      await one.commit(3n);
      const reset = () => broker.resetOffsets({ group, to: { kind: 'earliest' }, dryRun: false });
      expect(await errorOf(reset())).toBe('NON_EMPTY_GROUP');
      expect(await errorOf(broker.deleteGroup(group))).toBe('NON_EMPTY_GROUP');
      expect(await broker.deleteOffsets(group, [at(0)])).toMatchObject([
        { error: 'GROUP_SUBSCRIBED_TO_TOPIC' },
      ]);
      clock.ms += 45_001;
      expect(await reset()).toEqual([
        { ...at(0), before: 3n, after: 0n },
        { ...at(1), before: 3n, after: 0n },
      ]);
      await broker.deleteGroup(group);
      expect(await broker.fetchOffsets({ group })).toEqual([]);
      expect(await listing()).toBeUndefined();
      expect(await errorOf(broker.deleteGroup(group))).toBe('GROUP_ID_NOT_FOUND');
      expect(await errorOf(broker.groupLag(group))).toBe('GROUP_ID_NOT_FOUND');
      expect(await errorOf(reset())).toBe('GROUP_ID_NOT_FOUND');
      expect(await errorOf(broker.deleteOffsets(group, [at(0)]))).toBe('GROUP_ID_NOT_FOUND');
    });

    test('a group that was deleted begins anew, and nothing old counts', async () => {
      const { broker } = world;
      const one = member('one');
      await one.join();
      await one.commit(3n);
      await one.leave();
      await broker.deleteGroup(group);
      const two = member('two');
      await two.join();
      expect(two.assignment.map(({ committed }) => committed)).toEqual([undefined, undefined]);
      expect(two.epoch).toBeGreaterThan(one.epoch);
      expect(await errorOf(one.commit(9n))).toBe('UNKNOWN_MEMBER_ID');
      expect(await listing()).toMatchObject({ members: 1 });
    });

    test('offsets are reset to where they are asked for, within the log', async () => {
      await fill(5);
      const { broker } = world;
      const reset = async (to: ResetTarget, dryRun = false): Promise<unknown> => {
        const of = [{ topic, partitions: [0] }];
        const [first] = await broker.resetOffsets({ group, of, to, dryRun });
        return [first?.before, first?.after ?? first?.error];
      };
      expect(await reset({ kind: 'shift', by: 1n })).toEqual([undefined, 'INVALID_REQUEST']);
      expect(await reset({ kind: 'latest' })).toEqual([undefined, 5n]);
      expect(await reset({ kind: 'shift', by: -2n }, true)).toEqual([5n, 3n]);
      expect(await reset({ kind: 'shift', by: -2n })).toEqual([5n, 3n]);
      expect(await reset({ kind: 'shift', by: -20n })).toEqual([3n, 0n]);
      expect(await reset({ kind: 'offset', offset: 9n })).toEqual([0n, 5n]);
      expect(await reset({ kind: 'timestamp', timestamp: 1_002n })).toEqual([5n, 2n]);
      expect(await reset({ kind: 'timestamp', timestamp: 9_002n })).toEqual([2n, 5n]);
      expect(await reset({ kind: 'earliest' })).toEqual([5n, 0n]);
      const all = { group, of: [{ topic }], to: { kind: 'latest' }, dryRun: false } as const;
      expect(await broker.resetOffsets(all)).toEqual([
        { ...at(0), before: 0n, after: 5n },
        { ...at(1), after: 0n },
      ]);
      expect(await listing()).toMatchObject({ group, status: 'empty' });
      const unknown = { ...all, of: [{ topic: 'no', partitions: [0] }] };
      expect(await broker.resetOffsets(unknown)).toMatchObject([
        { topic: 'no', partition: 0, error: 'UNKNOWN_TOPIC_OR_PARTITION' },
      ]);
      expect(await errorOf(broker.resetOffsets({ ...all, of: [{ topic: 'no' }] }))).toBe(
        'UNKNOWN_TOPIC_OR_PARTITION',
      );
    });

    test('offsets are deleted one by one', async () => {
      const { broker } = world;
      await alone(1n);
      await alone(4n, 1);
      const deleted = [at(1), { topic: 'no', partition: 1 }];
      expect(await broker.deleteOffsets(group, deleted)).toMatchObject([
        at(1),
        { topic: 'no', error: 'UNKNOWN_TOPIC_OR_PARTITION' },
      ]);
      const fetched = await broker.fetchOffsets({ group });
      expect(fetched).toEqual([
        { ...at(0), committed: { offset: 1n, leaderEpoch: -1, metadata: '' } },
      ]);
    });
  });
}
