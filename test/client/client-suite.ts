import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Bytes,
  Client,
  Consumer,
  Delivery,
  ProducerOptions,
  ProducerRecord,
  Record,
} from '../../lib/client/types.ts';
import { string } from '../../lib/client/serdes.ts';

export interface Opened {
  readonly client: Client;
  close(): Promise<void>;
}

let topics = 0;

/** A topic of a name of its own: the log may be shared with other suites, and may be an old one. */
export async function newTopic(
  client: Client,
  parts: { partitions?: number; configs?: { [name: string]: string } } = {},
): Promise<string> {
  topics += 1;
  const name = `suite-${process.pid}-${Date.now().toString(36)}-${topics}`;
  await client.admin.createTopic({ name, ...parts });
  return name;
}

/** All records that are in the topic now. */
export async function readAll<K, V>(consumer: Consumer<K, V>): Promise<Record<K, V>[]> {
  const found: Record<K, V>[] = [];
  for await (const record of consumer) found.push(record);
  await consumer.close();
  return found;
}

/** Sends them all, in order, and awaits them. */
export async function sendAll(
  client: Client,
  records: readonly ProducerRecord[],
  options: ProducerOptions<Bytes, Bytes> = {},
): Promise<Delivery[]> {
  await using producer = client.producer(options);
  return Promise.all(records.map((record) => producer.send(record)));
}

/** The whole client against a real log, whatever carries it. */
export function clientSuite(name: string, open: () => Promise<Opened>): void {
  describe(`client, ${name}`, () => {
    let opened: Opened;
    let client: Client;

    beforeAll(async () => {
      opened = await open();
      ({ client } = opened);
    });
    afterAll(() => opened?.close());

    test('a record that was sent is read, and lies where its delivery says', async () => {
      const topic = await newTopic(client);
      const [delivery] = await sendAll(client, [
        { topic, key: 'k', value: 'v', headers: { h: 'x', n: null }, timestamp: 1_700_000_000_123 },
      ]);
      expect(delivery).toEqual({ topic, partition: 0, offset: 0n, timestamp: 1_700_000_000_123n });
      const records = await readAll(
        client.consumer({ key: string, value: string, assignments: [{ topic }], until: 'end' }),
      );
      expect(records).toEqual([
        {
          topic,
          partition: 0,
          offset: 0n,
          timestamp: 1_700_000_000_123n,
          key: 'k',
          value: 'v',
          headers: [
            { name: 'h', value: Buffer.from('x') },
            { name: 'n', value: null },
          ],
        },
      ]);
    });
  });
}
