/** A member in a process of its own. Says what happens to it, an object per line. */
import { createClient, string } from '../../../lib/client/index.ts';
import type { TopicPartition } from '../../../lib/client/index.ts';

const [url = '', group = '', topic = ''] = process.argv.slice(2);
const say = (what: string, more: object): void =>
  void process.stdout.write(`${JSON.stringify({ what, ...more })}\n`);
const tell = (what: string) => (partitions: readonly TopicPartition[]) =>
  say(what, { partitions: partitions.map(({ partition }) => partition) });

const client = await createClient({ url });
const consumer = client.consumer({
  group,
  topics: [topic],
  value: string,
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 200,
  autoCommitIntervalMs: 400,
  onAssigned: tell('assigned'),
  onRevoked: tell('revoked'),
  onLost: tell('lost'),
});
process.once('SIGTERM', () => void consumer.close());
await consumer.run({
  concurrency: 2,
  eachRecord: async ({ partition, offset }) => {
    await new Promise((resolve) => void setTimeout(resolve, 10));
    say('record', { partition, offset: Number(offset) });
  },
});
await client.close();
say('closed', {});
