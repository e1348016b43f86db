import { expect, test } from 'vitest';
import { errorOf, startBroker } from '../setup.ts';
import { settle, TestMember } from './setup.ts';

const group = 'billing';

test('a member alone owns everything, commits it, and finds it again', async () => {
  const { broker, clock } = startBroker();
  await broker.createTopic({ name: 't', partitions: 4 });
  const one = new TestMember(broker, { group, memberId: 'one', subscription: ['t'] });
  await clock.run(one.join());
  expect(one.names).toEqual(['t/0', 't/1', 't/2', 't/3']);
  expect(await clock.run(one.commit(7n))).toBeUndefined();
  const fetched = await clock.run(broker.fetchOffsets({ group }));
  expect(fetched).toHaveLength(4);
  expect(fetched[0]?.committed?.offset).toBe(7n);
  const asked = await clock.run(
    broker.fetchOffsets({
      group,
      partitions: [
        { topic: 't', partition: 2 },
        { topic: 't', partition: 9 },
        { topic: 'no', partition: 0 },
      ],
    }),
  );
  expect(asked.map(({ committed, error }) => committed?.offset ?? error)).toEqual([
    7n,
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]);
});

test('two members share, one leaves, the other takes over where it stopped', async () => {
  const { broker, clock } = startBroker();
  await broker.createTopic({ name: 't', partitions: 4 });
  const one = new TestMember(broker, { group, memberId: 'one', subscription: ['t'] });
  const two = new TestMember(broker, { group, memberId: 'two', subscription: ['t'] });
  await clock.run(one.join());
  await clock.run(two.join());
  await clock.run(settle([one, two]));
  expect([...one.names, ...two.names].toSorted()).toEqual(['t/0', 't/1', 't/2', 't/3']);
  expect(one.names).toHaveLength(2);
  await clock.run(two.commit(5n));
  const offsets = two.owned.map((at) => ({ ...at, offset: 6n }));
  await clock.run(two.leave({ offsets, commitNumber: 100 }));
  await clock.run(settle([one]));
  expect(one.names).toHaveLength(4);
  expect(one.assignment.filter(({ committed }) => committed?.offset === 6n)).toHaveLength(2);
  expect(await errorOf(two.beat())).toBe('UNKNOWN_MEMBER_ID');
});

test.each([-1, -2])(
  'offsets of a farewell are judged by the epoch told last: %d',
  async (memberEpoch) => {
    const { broker, clock } = startBroker();
    await broker.createTopic({ name: 't', partitions: 1 });
    const base = { group, memberId: 'one', instanceId: 'i', subscription: ['t'] };
    const one = new TestMember(broker, base);
    await clock.run(one.join());
    const offsets = one.owned.map((at) => ({ ...at, offset: 6n }));
    const late = { memberEpoch, offsets, commitNumber: 9, lastEpoch: one.epoch - 1 };
    const { committed } = await clock.run(one.leave(late));
    expect(committed.map(({ error }) => error)).toEqual(['STALE_MEMBER_EPOCH']);
    expect(await clock.run(broker.fetchOffsets({ group }))).toEqual([]);
    const { group: _, subscription: __, ...without } = base;
    const rest = { ...without, group, memberEpoch, offsets };
    expect(await errorOf(broker.heartbeat(rest))).toBe('INVALID_REQUEST');
  },
);
