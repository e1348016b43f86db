import { expect, test } from 'vitest';
import type { Heartbeat, TopicPartition } from '../../../lib/broker/group-types.ts';
import { another, errorOf, put, startBroker } from '../setup.ts';
import type { Started } from '../setup.ts';

const place = { topic: 't', partition: 0 };

/** Joins, and beats until it owns the partition. */
async function joined({ broker }: Started, memberId: string): Promise<Heartbeat> {
  const input = { group: 'g', memberId, subscription: ['t'] };
  let told = await broker.heartbeat({ ...input, memberEpoch: 0 });
  while (told.assignment.length === 0) {
    const { memberEpoch } = told;
    told = await broker.heartbeat({ ...input, memberEpoch });
  }
  return told;
}

async function again({ broker }: Started): Promise<string> {
  await broker.deleteTopic('t');
  const { id } = await broker.createTopic({ name: 't' });
  return id;
}

const fetchOf = (of: TopicPartition) => ({
  ...of,
  offset: 0n,
  minBytes: 0,
  maxWaitMs: 0,
  maxBytes: 1_000,
});

test('who fetches from a topic by its id is told when another has its name', async () => {
  const one = startBroker();
  const { id } = await one.broker.createTopic({ name: 't' });
  const other = another(one);
  await put(other.broker, 't', 'old');
  const next = await again(one);
  await put(one.broker, 't', 'new');
  for (const { broker } of [one, other]) {
    const old = broker.fetch(fetchOf({ ...place, topicId: id }));
    expect(await errorOf(old)).toBe('UNKNOWN_TOPIC_ID');
    const fetched = await broker.fetch(fetchOf({ ...place, topicId: next }));
    expect(fetched.highWatermark).toBe(1n);
  }
});

test('a commit counts for the topic that it names, whatever a process remembers', async () => {
  const one = startBroker();
  await one.broker.createTopic({ name: 't' });
  const other = another(one);
  const before = await joined(other, 'm');
  const topicId = await again(one);
  // Looks at all members now and then; until then nothing is known of the new topic.
  let told = before;
  while (told.assignment[0]?.topicId !== topicId) {
    const owned = told.assignment;
    const { memberEpoch } = told;
    told = await one.broker.heartbeat({ group: 'g', memberId: 'm', memberEpoch, owned });
  }
  const member = { memberId: 'm', memberEpoch: told.memberEpoch };
  const offsets = [{ ...place, topicId, offset: 7n }];
  expect(await other.broker.commitOffsets({ group: 'g', member, offsets })).toEqual([place]);
  const [fetched] = await one.broker.fetchOffsets({ group: 'g', partitions: [place] });
  expect(fetched?.committed?.offset).toBe(7n);
  const late = [{ ...place, topicId: before.assignment[0]?.topicId ?? '', offset: 1n }];
  const [refused] = await other.broker.commitOffsets({ group: 'g', member, offsets: late });
  expect(refused?.error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
});
