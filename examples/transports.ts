/**
 * The same program on every log: in memory, on a directory, over HTTP to a server of its own. With
 * an argument, on what that says:
 *
 *     npx node examples/transports.ts
 *     npx node examples/transports.ts '{"url": "http://127.0.0.1:8082"}'
 *     npx node examples/transports.ts '{"stack": "Tailrace"}'
 *     npx node examples/transports.ts '{"table": "…", "bucket": "…"}'
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, KafkaError, startTailrace, string } from '../lib/client/index.ts';
import type { Client } from '../lib/client/index.ts';
import { startOwnServer } from './support/own-server.ts';

/** Makes a topic of its own, uses it, and deletes it. Throws if something is not as it should be. */
async function tour(name: string, client: Client): Promise<void> {
  await using log = client;
  const topic = `tour-${Date.now().toString(36)}`;
  await log.admin.createTopic({ name: topic, configs: { 'retention.ms': '86400000' } });
  try {
    const producer = log.producer({ value: string });
    const { offset, timestamp } = await producer.send({ topic, value: 'hello' });
    const found = await log.admin.listOffset({ topic, partition: 0 }, timestamp);
    if (found.offset !== offset) throw new Error(`offset got=${found.offset} expected=${offset}`);
    const consumer = log.consumer({ value: string, assignments: [{ topic }], until: 'end' });
    const values: (string | null)[] = [];
    for await (const { value } of consumer) values.push(value);
    if (values.join() !== 'hello') throw new Error(`read got=${values.join()} expected=hello`);
    await log.admin.alterConfigs(topic, [{ name: 'retention.ms', op: 'SET', value: 'soon' }]);
    throw new Error('a config that is no number was taken');
  } catch (error) {
    // Errors have Kafka's names, wherever the log is.
    if (!(error instanceof KafkaError) || error.kafka !== 'INVALID_CONFIG') throw error;
  } finally {
    await log.admin.deleteTopic(topic);
  }
  console.log(`ok  ${name}`);
}

const [given] = process.argv.slice(2);
if (given !== undefined) {
  await tour(given, await createClient(JSON.parse(given) as Parameters<typeof createClient>[0]));
} else {
  await tour('memory', await startTailrace());
  const dir = await mkdtemp(join(tmpdir(), 'tailrace-example-'));
  await tour('directory', await createClient({ dir }));
  await rm(dir, { recursive: true });
  const server = await startOwnServer(new AbortController().signal);
  await tour('http', await createClient({ url: server.url }));
  await server.stop();
}
