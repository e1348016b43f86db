import { expect, test } from 'vitest';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { Engine } from '../../lib/engine/engine.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { another, errorOf, put, startBroker, valuesOf } from './setup.ts';
import type { Started } from './setup.ts';

/** Records the writes to topics, so that a second copy of each can arrive much later. */
function withCopies(started: Started): { copy: Started; sendAgain: () => Promise<void> } {
  const sent: (() => Promise<unknown>)[] = [];
  const { table } = started.env;
  const copying: MetadataTable = {
    get: (key, options) => table.get(key, options),
    query: (pk, range, options) => table.query(pk, range, options),
    append: (key, version, command) => table.append(key, version, command),
    put: (item, condition) => {
      if (item.pk === 'TOPICS') sent.push(() => table.put(item, condition));
      return table.put(item, condition);
    },
    delete: (key, condition) => {
      if (key.pk === 'TOPICS') sent.push(() => table.delete(key, condition));
      return table.delete(key, condition);
    },
    transact: (operations) => {
      sent.push(() => table.transact(operations));
      return table.transact(operations);
    },
  };
  const env = { ...started.env, table: copying };
  const engine = new Engine(env, { prices: awsPrices, onError: () => undefined });
  const copy = { ...started, env, engine, broker: createBroker(engine) };
  const sendAgain = async (): Promise<void> => {
    for (const send of sent) await send();
  };
  return { copy, sendAgain };
}

test('late copies of all that was done to a topic do nothing to the next one of its name', async () => {
  const first = startBroker();
  const { copy, sendAgain } = withCopies(first);
  await copy.broker.createTopic({ name: 't' });
  await copy.broker.alterConfigs('t', [{ name: 'retention.ms', op: 'SET', value: '5' }]);
  await copy.broker.createPartitions('t', 3);
  await copy.broker.deleteTopic('t');
  // However many changes the next one sees: no version is met again.
  for (let partitions = 2; partitions < 8; partitions += 1) {
    if (partitions === 2) await first.broker.createTopic({ name: 't', partitions });
    else await first.broker.createPartitions('t', partitions);
    const before = await another(first).broker.describeTopic('t');
    await sendAgain();
    expect(await another(first).broker.describeTopic('t')).toEqual(before);
  }
  await put(first.broker, 't', 'kept');
});

test('a late copy of a creation does not bring the topic back', async () => {
  const first = startBroker();
  const { copy, sendAgain } = withCopies(first);
  await copy.broker.createTopic({ name: 't' });
  await first.broker.deleteTopic('t');
  await sendAgain();
  expect(await first.broker.listTopics()).toEqual([]);
  expect(await errorOf(another(first).broker.describeTopic('t'))).toBe(
    'UNKNOWN_TOPIC_OR_PARTITION',
  );
});

test('a topic is created, listed, described, deleted and created again as another', async () => {
  const { broker } = startBroker();
  const one = await broker.createTopic({ name: 'b', partitions: 2 });
  await broker.createTopic({ name: 'a', configs: { 'retention.ms': '7' } });
  expect((await broker.listTopics()).map(({ name }) => name)).toEqual(['a', 'b']);
  expect(await broker.describeTopic('b')).toEqual(one);
  await put(broker, 'b', 'old');
  await broker.deleteTopic('b');
  expect(await errorOf(broker.describeTopic('b'))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await errorOf(broker.deleteTopic('b'))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect((await broker.listTopics()).map(({ name }) => name)).toEqual(['a']);
  const two = await broker.createTopic({ name: 'b' });
  expect(two.id).not.toBe(one.id);
  expect(await valuesOf(broker, 'b')).toEqual([]);
});

test.each([
  ['a taken name', { name: 'taken' }, 'TOPIC_ALREADY_EXISTS'],
  ['a name that only dots tell apart', { name: 'some_name' }, 'INVALID_TOPIC_EXCEPTION'],
  ['an empty name', { name: '' }, 'INVALID_TOPIC_EXCEPTION'],
  ['a dot', { name: '.' }, 'INVALID_TOPIC_EXCEPTION'],
  ['a slash', { name: 'a/b' }, 'INVALID_TOPIC_EXCEPTION'],
  ['250 letters', { name: 'x'.repeat(250) }, 'INVALID_TOPIC_EXCEPTION'],
  ['no partitions', { name: 'n', partitions: 0 }, 'INVALID_PARTITIONS'],
  ['a config of no name', { name: 'n', configs: { nope: '1' } }, 'INVALID_CONFIG'],
  ['a config of no sense', { name: 'n', configs: { 'retention.ms': 'x' } }, 'INVALID_CONFIG'],
])('%s is refused', async (_, input, error) => {
  const { broker } = startBroker();
  await broker.createTopic({ name: 'taken' });
  await broker.createTopic({ name: 'some.name' });
  expect(await errorOf(broker.createTopic(input))).toBe(error);
  expect(await broker.listTopics()).toHaveLength(2);
});

test('partitions only rise; configs change all or not at all', async () => {
  const { broker } = startBroker();
  await broker.createTopic({ name: 't', partitions: 2 });
  for (const count of [1, 2, 0, -1, 1_000_000]) {
    expect(await errorOf(broker.createPartitions('t', count))).toBe('INVALID_PARTITIONS');
  }
  expect((await broker.createPartitions('t', 5)).partitions).toBe(5);
  const nonsense = [
    { name: 'retention.ms', op: 'SET', value: '9' },
    { name: 'retention.bytes', op: 'SET', value: 'much' },
  ] as const;
  expect(await errorOf(broker.alterConfigs('t', nonsense))).toBe('INVALID_CONFIG');
  expect((await broker.describeTopic('t')).configs).toEqual({});
  await broker.alterConfigs('t', nonsense.slice(0, 1));
  expect((await broker.describeTopic('t')).configs).toEqual({ 'retention.ms': '9' });
});

test('a topic that is only validated is not created', async () => {
  const { broker } = startBroker();
  await broker.createTopic({ name: 't', validateOnly: true });
  expect(await broker.listTopics()).toEqual([]);
});

test('two engines that raise the partitions and change configs at once lose neither change', async () => {
  const one = startBroker();
  const two = another(one);
  await one.broker.createTopic({ name: 't' });
  const changes = [
    one.broker.createPartitions('t', 4),
    two.broker.alterConfigs('t', [{ name: 'retention.ms', op: 'SET', value: '9' }]),
  ];
  await one.clock.run(Promise.all(changes));
  const { partitions, configs } = await one.broker.describeTopic('t');
  expect([partitions, configs]).toEqual([4, { 'retention.ms': '9' }]);
});
