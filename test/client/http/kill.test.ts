// A server that dies under a client and comes back on the same directory: a real process, SIGKILL.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/create-client.ts';
import { string } from '../../../lib/client/serdes.ts';
import type { Client, Delivery } from '../../../lib/client/types.ts';
import { endServers, TailraceProcess } from '../../local/server-process.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailrace-client-kill-'));
});
afterAll(async () => {
  await endServers();
  await rm(directory, { recursive: true });
});

const topic = 'killed';
const partitions = [0, 1, 2];
const lives = 6;
/** Acknowledged in each life of the server, at least, and on their way when it ends. */
const perLife = 300;
const inFlight = 200;

type Values = Map<number, (string | null)[]>;

/** What each partition says, in order, up to its last value or to the end. */
async function read(client: Client, until?: 'end'): Promise<Values> {
  const values: Values = new Map(partitions.map((partition) => [partition, []]));
  const consumer = client.consumer({
    value: string,
    assignments: [{ topic }],
    ...(until === undefined ? {} : { until }),
  });
  for await (const { partition, value } of consumer) {
    values.get(partition)?.push(value);
    const ends = [...values.values()].map((all) => all.at(-1));
    if (until === undefined && ends.every((last) => last === 'last')) break;
  }
  await consumer.close();
  return values;
}

test('a producer loses and doubles nothing, a consumer sees all of it in order', async () => {
  const start = (port: string) =>
    new TailraceProcess(['serve', '--port', port, '--data', join(directory, 'log')]);
  let server = start('0');
  const url = await server.url();
  await using client = await createClient({ url, requestTimeoutMs: 5_000 });
  await client.admin.createTopic({ name: topic, partitions: partitions.length });
  const producer = client.producer({ lingerMs: 1, batchBytes: 2_048 });
  const consumed = read(client);

  const sent: Values = new Map(partitions.map((partition) => [partition, []]));
  const deliveries: { readonly value: string; readonly delivery: Delivery }[] = [];
  const sending: Promise<void>[] = [];
  const send = async (partition: number, value: string): Promise<void> => {
    sent.get(partition)?.push(value);
    deliveries.push({ value, delivery: await producer.send({ topic, partition, value }) });
  };
  for (let life = 1; life <= lives; life += 1) {
    const enough = deliveries.length + perLife;
    while (deliveries.length < enough) {
      if (sending.length - deliveries.length < inFlight) {
        for (const partition of partitions) sending.push(send(partition, String(sending.length)));
      }
      await turn();
    }
    // What is under way is cut wherever it is.
    await server.signal('SIGKILL');
    server = start(new URL(url).port);
    await server.url();
  }
  for (const partition of partitions) sending.push(send(partition, 'last'));
  await Promise.all(sending);
  await producer.close();

  const log = await read(client, 'end');
  expect(log).toEqual(sent);
  expect(await consumed).toEqual(sent);
  for (const { value, delivery } of deliveries) {
    expect(log.get(delivery.partition)?.[Number(delivery.offset)]).toBe(value);
  }
}, 180_000);
