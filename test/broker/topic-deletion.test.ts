import { describe, expect, test } from 'vitest';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { Engine } from '../../lib/engine/engine.ts';
import { maintainOnce } from '../../lib/maintain/pass.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import type { TopicId } from '../../lib/std/brands.ts';
import { partition as toPartition } from '../../lib/std/brands.ts';
import { dueBuckets } from '../../lib/store/due.ts';
import { goneTopicKey } from '../../lib/store/gone-topic.ts';
import { partitionPk } from '../../lib/store/partition-pk.ts';
import { decodeSlot } from '../../lib/store/slot.ts';
import { another, errorOf, put, record, startBroker, tinyRing } from './setup.ts';
import type { Started } from './setup.ts';

const partitions = 3;

/** A topic with slots, spill groups, producers and objects in its partitions; one is untouched. */
async function used(): Promise<Started & { id: TopicId }> {
  const started = startBroker(tinyRing);
  const { broker } = started;
  const { id } = await broker.createTopic({ name: 't', partitions });
  for (let i = 0; i < 12; i += 1) {
    const producers = [{ partition: 0, producerId: BigInt(i), producerEpoch: 0, sequence: 0 }];
    const records = [0, 1].map((partition) =>
      record(`${i}`.padEnd(i % 2 ? 10 : 9_000), { partition }),
    );
    await broker.produce({ topic: 't', records, producers });
  }
  await started.engine.settled();
  return { ...started, id };
}

async function leftOf({ env }: Started, id: TopicId): Promise<string[]> {
  const left: string[] = [];
  const range = { from: '!', to: '~' };
  const all = { limit: 1_000, consistent: true };
  for (let partition = 0; partition < partitions; partition += 1) {
    const log = { topicId: id, partition: toPartition(partition) };
    const page = await env.table.query(partitionPk(log), range, all);
    if (page.kind !== 'done') throw new Error('expected an answer');
    for (const item of page.value.items) {
      const isStub = item.sk.startsWith('R#') && decodeSlot(log, item) === 'stub';
      left.push(isStub ? 'stub' : `${partition} ${item.sk}`);
    }
  }
  const gone = await env.table.get(goneTopicKey(id), { consistent: true });
  if (gone.kind === 'done' && gone.value !== undefined) left.push('GONE');
  for (const pk of dueBuckets) {
    const page = await env.table.query(pk, range, all);
    if (page.kind === 'done') left.push(...page.value.items.map(({ sk }) => `DUE ${sk}`));
  }
  const objects = await env.objects.list('stage/');
  if (objects.kind === 'done') left.push(...objects.value.keys);
  return [...new Set(left)];
}

const deadline = { expired: () => false };

async function pass({ engine, clock }: Started) {
  return clock.run(maintainOnce(engine, deadline, { takeOver: true }));
}

test('after a pass nothing is left but stubs, and a second pass has nothing to do', async () => {
  const started = await used();
  await started.broker.deleteTopic('t');
  expect((await leftOf(started, started.id)).length).toBeGreaterThan(10);
  expect(await pass(started)).toEqual({ ran: true, done: 1, left: 0 });
  expect(await leftOf(started, started.id)).toEqual(['stub']);
  expect(await pass(started)).toEqual({ ran: true, done: 0, left: 0 });
});

test('a process that slept through deletion and pass is refused, whatever it does', async () => {
  const started = await used();
  const zombies = [another(started, tinyRing), another(started, tinyRing)];
  for (const { broker } of zombies) {
    await put(broker, 't', 'a', 'b');
    const records = [0, 1, 2].map((partition) => record('x', { partition }));
    await broker.produce({ topic: 't', records });
  }
  await started.broker.deleteTopic('t');
  await pass(started);
  const unknown = 'UNKNOWN_TOPIC_OR_PARTITION';
  for (const { broker } of zombies) {
    const records = [0, 1, 2].map((partition) => record('x', { partition }));
    expect(await errorOf(broker.produce({ topic: 't', records }))).toBe(unknown);
  }
  for (const zombie of zombies) await zombie.engine.settled();
  // A late hint stays behind, and nothing follows it.
  const left = await leftOf(started, started.id);
  expect(left.filter((name) => !name.endsWith(' N'))).toEqual(['stub']);
});

/** The process dies at its n-th call: it is made (or not), and no answer ever comes. */
function dyingAt(
  started: Started,
  nth: number,
  arrives: boolean,
): Started & { died: () => boolean } {
  let calls = 0;
  const never = new Promise<never>(() => undefined);
  const die = <T>(send: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls < nth) return send();
    if (calls > nth || !arrives) return never;
    return send().then(() => never);
  };
  const { table, objects } = started.env;
  const dyingTable: MetadataTable = {
    get: (key, options) => die(() => table.get(key, options)),
    query: (pk, range, options) => die(() => table.query(pk, range, options)),
    put: (item, condition) => die(() => table.put(item, condition)),
    delete: (key, condition) => die(() => table.delete(key, condition)),
    append: (key, version, command) => die(() => table.append(key, version, command)),
    transact: (operations) => die(() => table.transact(operations)),
  };
  const dyingObjects: ObjectStore = {
    get: (key, range) => die(() => objects.get(key, range)),
    list: (prefix, after) => die(() => objects.list(prefix, after)),
    put: (key, bytes) => die(() => objects.put(key, bytes)),
    putParts: (key, parts) => die(() => objects.putParts(key, parts)),
    delete: (keys) => die(() => objects.delete(keys)),
  };
  const env = { ...another(started).env, table: dyingTable, objects: dyingObjects };
  const onError = (error: unknown): void => {
    throw error;
  };
  const engine = new Engine(env, { prices: awsPrices, config: tinyRing, onError });
  return { ...started, env, engine, broker: createBroker(engine), died: () => calls >= nth };
}

describe.each([
  ['before its call arrives', false],
  ['after its call arrived', true],
])('a process that dies %s', (_, arrives) => {
  test('leaves a deletion that others finish, whatever its step', async () => {
    let nth = 1;
    for (; ; nth += 1) {
      const started = await used();
      const dying = dyingAt(started, nth, arrives);
      let finished = false;
      const work = async (): Promise<void> => {
        await dying.broker.deleteTopic('t');
        await maintainOnce(dying.engine, deadline, { takeOver: true });
        finished = true;
      };
      void work();
      await started.clock.drain();
      if (finished) break;
      expect(dying.died()).toBe(true);
      const marked = await another(started)
        .broker.describeTopic('t')
        .then(
          () => false,
          () => true,
        );
      const heir = another(started, tinyRing);
      await pass(heir);
      expect(await leftOf(started, started.id), `nth=${nth}`).toEqual(
        marked ? ['stub'] : expect.arrayContaining(['0 N']),
      );
      // The name can be taken again, or the deletion begun again.
      if (!marked) await heir.broker.deleteTopic('t');
      const { id } = await heir.broker.createTopic({ name: 't' });
      expect(id).not.toBe(started.id);
      expect(await put(heir.broker, 't', 'new')).toEqual([0]);
    }
    expect(nth).toBeGreaterThan(20);
  });
});

test('appends that race a deletion by another engine are refused or deleted, never told late', async () => {
  for (let seed = 0; seed < 10; seed += 1) {
    const started = await used();
    const stale = another(started, tinyRing);
    await put(stale.broker, 't', 'x');
    const state = { over: false };
    const deletion = started.broker.deleteTopic('t').then(() => (state.over = true));
    for (let turn = 0; turn < seed; turn += 1) await Promise.resolve();
    const answers: { begun: boolean; ok: boolean }[] = [];
    const writing = async (): Promise<void> => {
      while (!state.over || answers.length < 20) {
        const begun = state.over;
        const records = [record('x', { partition: answers.length % partitions })];
        const result = await stale.broker.produce({ topic: 't', records }).catch(() => []);
        answers.push({ begun, ok: result[0]?.ok === true });
        await started.clock.sleep(1);
      }
    };
    await started.clock.run(Promise.all([writing(), deletion]));
    expect(answers.filter(({ begun, ok }) => begun && ok)).toEqual([]);
  }
});
