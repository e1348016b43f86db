import { expect, test } from 'vitest';
import type { Broker } from '../../../lib/broker/broker.ts';
import { errorOf, startBroker } from '../setup.ts';
import type { Started } from '../setup.ts';
import { settle, TestMember } from './setup.ts';

const group = 'billing #1/ä';

/** A topic of two partitions, with so many records in the first. */
async function started(records: number): Promise<Started> {
  const all = startBroker();
  await all.broker.createTopic({ name: 't', partitions: 2 });
  for (let i = 0; i < records; i += 1) {
    const at = { partition: 0, key: null, value: Buffer.from('x'), headers: [] };
    await all.broker.produce({ topic: 't', records: [{ ...at, timestamp: BigInt(1_000 + i) }] });
  }
  return all;
}

const commitAlone = (broker: Broker, offset: bigint, partition = 0) =>
  broker.commitOffsets({ group, offsets: [{ topic: 't', partition, offset }] });

test('a group is listed and described while it has members or offsets', async () => {
  const { broker, clock } = await started(3);
  expect(await broker.listGroups()).toEqual([]);
  expect(await errorOf(broker.describeGroup(group))).toBe('GROUP_ID_NOT_FOUND');
  const subscription = ['t'];
  const base = { group, subscription, clientId: 'app', assignor: 'range' } as const;
  const one = new TestMember(broker, { ...base, memberId: 'one', instanceId: 'first' });
  await clock.run(one.join());
  const two = new TestMember(broker, { ...base, memberId: 'two' });
  await clock.run(two.join());
  const listing = { group, assignor: 'range', members: 2 };
  expect(await broker.listGroups()).toEqual([{ ...listing, status: 'reconciling' }]);
  await clock.run(settle([one, two]));
  expect(await broker.listGroups()).toEqual([{ ...listing, status: 'stable' }]);
  const described = await broker.describeGroup(group);
  expect(described).toMatchObject({ ...listing, status: 'stable', epoch: 2 });
  expect(described.memberList).toMatchObject([
    { memberId: 'one', instanceId: 'first', clientId: 'app', clientHost: '', subscription },
    { memberId: 'two', assignment: two.owned, target: two.owned },
  ]);
  await one.leave();
  await two.leave();
  expect(await broker.listGroups()).toMatchObject([{ status: 'empty', members: 0 }]);
  expect(await errorOf(broker.describeGroup(group))).toBe('GROUP_ID_NOT_FOUND');
});

test('lag is how far the log goes beyond what is committed', async () => {
  const { broker, clock } = await started(3);
  const one = new TestMember(broker, { group, memberId: 'one', subscription: ['t'] });
  await clock.run(one.join());
  const member = { memberId: 'one', clientId: '', clientHost: '' };
  expect(await broker.groupLag(group)).toEqual([
    { topic: 't', partition: 0, logEndOffset: 3n, member },
    { topic: 't', partition: 1, logEndOffset: 0n, member },
  ]);
  await one.commit(1n, [{ topic: 't', partition: 0 }]);
  await one.leave();
  const committed = { offset: 1n, leaderEpoch: -1, metadata: '' };
  expect(await broker.groupLag(group)).toEqual([
    { topic: 't', partition: 0, logEndOffset: 3n, committed, lag: 2n },
  ]);
});

test('a group with members is neither reset nor deleted; after their session it is', async () => {
  const { broker, clock } = await started(3);
  const one = new TestMember(broker, { group, memberId: 'one', subscription: ['t'] });
  await clock.run(one.join());
  await one.commit(3n);
  const reset = () => broker.resetOffsets({ group, to: { kind: 'earliest' }, dryRun: false });
  expect(await errorOf(clock.run(reset()))).toBe('NON_EMPTY_GROUP');
  expect(await errorOf(clock.run(broker.deleteGroup(group)))).toBe('NON_EMPTY_GROUP');
  expect(await commitAlone(broker, 1n)).toMatchObject([{ error: 'UNKNOWN_MEMBER_ID' }]);
  const owned = [{ topic: 't', partition: 0 }];
  expect(await broker.deleteOffsets(group, owned)).toMatchObject([
    { error: 'GROUP_SUBSCRIBED_TO_TOPIC' },
  ]);
  await clock.run(clock.sleep(45_001));
  expect(await clock.run(reset())).toMatchObject([
    { partition: 0, before: 3n, after: 0n },
    { partition: 1, before: 3n, after: 0n },
  ]);
  await clock.run(broker.deleteGroup(group));
  expect(await broker.fetchOffsets({ group })).toEqual([]);
  expect(await broker.listGroups()).toEqual([]);
  expect(await errorOf(clock.run(broker.deleteGroup(group)))).toBe('GROUP_ID_NOT_FOUND');
  expect(await errorOf(broker.groupLag(group))).toBe('GROUP_ID_NOT_FOUND');
});

test('offsets are reset to where they are asked for, within the log', async () => {
  const { broker, clock } = await started(5);
  const at = (to: Parameters<Broker['resetOffsets']>[0]['to'], dryRun = false) =>
    clock.run(
      broker
        .resetOffsets({ group, of: [{ topic: 't', partitions: [0] }], to, dryRun })
        .then(([first]) => [first?.before, first?.after ?? first?.error]),
    );
  expect(await at({ kind: 'shift', by: 1n })).toEqual([undefined, 'INVALID_REQUEST']);
  expect(await at({ kind: 'latest' })).toEqual([undefined, 5n]);
  expect(await at({ kind: 'shift', by: -2n }, true)).toEqual([5n, 3n]);
  expect(await at({ kind: 'shift', by: -2n })).toEqual([5n, 3n]);
  expect(await at({ kind: 'shift', by: -20n })).toEqual([3n, 0n]);
  expect(await at({ kind: 'offset', offset: 9n })).toEqual([0n, 5n]);
  expect(await at({ kind: 'timestamp', timestamp: 1_002n })).toEqual([5n, 2n]);
  expect(await at({ kind: 'timestamp', timestamp: 9_002n })).toEqual([2n, 5n]);
  expect(await at({ kind: 'earliest' })).toEqual([5n, 0n]);
  const all = { group, of: [{ topic: 't' }], to: { kind: 'latest' }, dryRun: false } as const;
  expect(await clock.run(broker.resetOffsets(all))).toEqual([
    { topic: 't', partition: 0, before: 0n, after: 5n },
    { topic: 't', partition: 1, after: 0n },
  ]);
  const unknown = { ...all, of: [{ topic: 'no', partitions: [0] }] };
  expect(await clock.run(broker.resetOffsets(unknown))).toMatchObject([
    { topic: 'no', error: 'UNKNOWN_TOPIC_OR_PARTITION' },
  ]);
  expect(await broker.listGroups()).toMatchObject([{ group, status: 'empty' }]);
});

test('offsets are deleted one by one', async () => {
  const { broker, clock } = await started(1);
  await clock.run(commitAlone(broker, 1n));
  await clock.run(commitAlone(broker, 4n, 1));
  const deleted = [
    { topic: 't', partition: 1 },
    { topic: 'no', partition: 1 },
  ];
  expect(await clock.run(broker.deleteOffsets(group, deleted))).toMatchObject([
    { topic: 't', partition: 1 },
    { error: 'UNKNOWN_TOPIC_OR_PARTITION' },
  ]);
  expect(await broker.fetchOffsets({ group })).toMatchObject([
    { topic: 't', partition: 0, committed: { offset: 1n } },
  ]);
});
