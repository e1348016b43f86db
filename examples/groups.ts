/**
 * Consumer groups in one file: members that share a topic, come and go, and keep their place.
 *
 *     npx node examples/groups.ts
 */
import { startTailrace, string } from '../lib/client/index.ts';
import type { GroupConsumer, TopicPartition } from '../lib/client/index.ts';

type Member = GroupConsumer<Buffer | null, string | null>;

const topic = 'orders';
const group = 'billing';
await using client = await startTailrace({ topics: [{ name: topic, partitions: 4 }] });
await using producer = client.producer({ value: string });
const send = (count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      producer.send({ topic, partition: i % 4, value: `order ${i}` }),
    ),
  );
await send(40);

// One member: a record counts as processed when the next one is asked for. Leaving the loop says
// nothing of its last record, so it is committed by hand.
{
  await using consumer = client.consumer({ group, topics: [topic], value: string });
  let read = 0;
  for await (const _ of consumer) {
    read += 1;
    if (read === 40) break;
  }
  await consumer.commit();
}
const [first] = await client.admin.fetchOffsets(group);
if (first?.committed?.offset !== 10n) throw new Error('expected 10 records of each partition');
console.log('ok  40 records read by one member, and committed');

// Two members with handlers: they share the partitions. `onRevoked` comes before one is let go.
const seen: string[] = [];
let revoked = 0;
const options = {
  group,
  topics: [topic],
  value: string,
  heartbeatIntervalMs: 100,
  onRevoked: (partitions: readonly TopicPartition[]) => {
    revoked += partitions.length;
  },
};
const start = (): { member: Member; running: Promise<void> } => {
  const member = client.consumer(options);
  const running = member.run({
    concurrency: 2,
    eachRecord: ({ partition, offset }) => void seen.push(`${partition}/${offset}`),
  });
  return { member, running };
};
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const one = start();
const two = start();
await until(() => [one, two].every(({ member }) => member.assignment.length === 2));
await send(40);
await until(() => seen.length === 40);
await one.member.close();
await one.running;
console.log('ok  40 more, shared by two; one of them left');

// The other one takes over, from where it was.
await until(() => two.member.assignment.length === 4);
await send(4);
await until(() => seen.length === 44);
await two.member.close();
await two.running;
if (new Set(seen).size !== 44) throw new Error('expected each record once');
if (revoked < 6) throw new Error(`expected to be told of what went, got ${revoked}`);
console.log('ok  each record once, also those after it had left');

// What the group has not read yet, and where it is to go on.
await send(8);
const lag = await client.admin.groupLag(group);
const behind = lag.reduce((sum, { lag: own = 0n }) => sum + own, 0n);
if (behind !== 8n) throw new Error(`expected to be 8 records behind, got ${behind}`);
const resets = await client.admin.resetOffsets({ group, to: 'end' });
if (resets.some(({ error }) => error !== undefined)) throw new Error('expected all to be reset');
await client.admin.deleteGroup(group);
console.log('ok  8 records behind; reset to the end; deleted');
