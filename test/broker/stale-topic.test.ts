import { expect, test } from 'vitest';
import type { Broker } from '../../lib/broker/broker.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { partition as toPartition } from '../../lib/std/brands.ts';
import { another, errorsOf, offsetsOf, record, startBroker, put, valuesOf } from './setup.ts';

test('a record for a partition that only the next topic of the name has goes to that topic', async () => {
  const first = startBroker();
  const stale = another(first);
  await first.broker.createTopic({ name: 't', partitions: 1 });
  await put(stale.broker, 't', 'old');
  await first.broker.deleteTopic('t');
  await first.broker.createTopic({ name: 't', partitions: 4 });
  const records = [record('new', { partition: 3 })];
  const results = await stale.broker.produce({ topic: 't', records });
  expect(errorsOf(results)).toEqual([undefined]);
  expect(await valuesOf(another(first).broker, 't', 3)).toEqual(['new']);
});

test('a partition that no topic has is refused by record, after one read of the topic', async () => {
  const { broker, engine, env } = startBroker();
  await broker.createTopic({ name: 't', partitions: 2 });
  let reads = 0;
  const { table } = env;
  const get = table.get.bind(table);
  table.get = async (key, options) => {
    if (key.pk === 'TOPICS') reads += 1;
    return get(key, options);
  };
  const partitions = [0, 2, 1, -1, 99, 0.5];
  const records = partitions.map((partition) => record('x', { partition }));
  const unknown = 'UNKNOWN_TOPIC_OR_PARTITION';
  const results = await broker.produce({ topic: 't', records });
  expect(errorsOf(results)).toEqual([undefined, unknown, undefined, unknown, unknown, unknown]);
  expect(reads).toBe(1);
  await engine.settled();
});

test('nothing is acknowledged after a deletion, whoever still believes in the topic', async () => {
  const deleter = startBroker();
  const stale = another(deleter);
  await deleter.broker.createTopic({ name: 't', partitions: 3 });
  await put(stale.broker, 't', 'seen');
  let deleted = false;
  const late: string[] = [];
  const writing = async (): Promise<void> => {
    for (let i = 0; i < 60; i += 1) {
      const begun = deleted;
      const records = [record(`${i}`, { partition: i % 3 })];
      const [result] = await stale.broker.produce({ topic: 't', records }).catch(() => [undefined]);
      if (begun && result?.ok === true) late.push(`${i}`);
      await stale.clock.sleep(1);
    }
  };
  const deletion = deleter.broker.deleteTopic('t').then(() => (deleted = true));
  await stale.clock.run(Promise.all([writing(), deletion]));
  expect(late).toEqual([]);
  await expect(stale.broker.describeTopic('t')).rejects.toThrow('does not exist');
});

test('who believes in a deleted topic reads the one that has its name now', async () => {
  const deleter = startBroker();
  const stale = another(deleter);
  await deleter.broker.createTopic({ name: 't', partitions: 1 });
  await put(stale.broker, 't', 'old', 'older');
  expect(await valuesOf(stale.broker, 't', 0)).toEqual(['old', 'older']);
  await deleter.broker.deleteTopic('t');
  const again = { topic: 't', partition: 0, at: 'latest' } as const;
  await expect(stale.broker.listOffset(again)).rejects.toThrow('does not exist');
  await deleter.broker.createTopic({ name: 't', partitions: 1 });
  await put(deleter.broker, 't', 'new');
  // No time has passed: what it remembers of the name is as good as new.
  expect(await valuesOf(stale.broker, 't', 0)).toEqual(['new']);
  expect((await another(deleter).broker.listOffset(again)).offset).toBe(1n);
});

const keyed = (value: string, idempotencyKey = 'k') =>
  ({ topic: 't', records: [record(value)], idempotencyKey }) as const;

const batchOf = (value: string) => {
  const entry = { key: null, value: Buffer.from(value), headers: [], timestamp: 0n };
  const batch = encodeBatch([entry], { codec: 'none' });
  return { topic: 't', partition: 0, batch } as const;
};

const ways = [
  ['records', (broker: Broker) => put(broker, 't', 'sent')],
  ['records with a key', async (broker: Broker) => offsetsOf(await broker.produce(keyed('sent')))],
  [
    'a batch',
    async (broker: Broker) => [Number((await broker.produceBatch(batchOf('sent'))).baseOffset)],
  ],
] as const;

test.each(ways)('%s for a deleted topic are refused as a whole', async (_what, send) => {
  const deleter = startBroker();
  const stale = another(deleter);
  await deleter.broker.createTopic({ name: 't', partitions: 1 });
  await put(stale.broker, 't', 'old');
  await deleter.broker.deleteTopic('t');
  await expect(send(stale.broker)).rejects.toThrow('does not exist');
});

test.each(ways)('%s go to the topic that has the name now', async (_what, send) => {
  const deleter = startBroker();
  const stale = another(deleter);
  await deleter.broker.createTopic({ name: 't', partitions: 1 });
  await put(stale.broker, 't', 'old');
  await deleter.broker.deleteTopic('t');
  await deleter.broker.createTopic({ name: 't', partitions: 1 });
  expect(await send(stale.broker)).toEqual([0]);
  expect(await valuesOf(deleter.broker, 't', 0)).toEqual(['sent']);
});

test('a log that is closed, but not yet emptied, is not read', async () => {
  const { broker, engine, env } = startBroker();
  const { id } = await broker.createTopic({ name: 't', partitions: 1 });
  await put(broker, 't', 'old');
  const log = { topicId: id, partition: toPartition(0) };
  await engine.appender(log).control({ kind: 'close', id: env.ids.command() }, engine.deadline());
  await expect(valuesOf(broker, 't', 0)).rejects.toThrow('the topic was deleted');
  const earliest = { topic: 't', partition: 0, at: 'earliest' } as const;
  await expect(broker.listOffset(earliest)).rejects.toThrow('the topic was deleted');
});
