import { expect, test } from 'vitest';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import type { Unavailable } from '../../lib/ports/outcome.ts';
import { groupWorld, TestMember } from '../broker/groups/setup.ts';
import type { GroupWorld } from '../broker/groups/setup.ts';

const group = 'g';
const at = { topic: 't', partition: 0 };
const dayMs = 24 * 60 * 60_000;
const lookMs = 11 * 60_000;

type Hook = (verb: 'put' | 'delete', pk: string, sk: string) => Promise<Unavailable | void>;

/** What a test does just before a write arrives, once. An outcome stands for the write's. */
function hooked(inner: MetadataTable): { readonly table: MetadataTable; hook: Hook | undefined } {
  const ask: Hook = async (...args) => {
    const { hook } = world;
    return hook?.(...args);
  };
  const world = {
    hook: undefined as Hook | undefined,
    table: {
      get: (...args) => inner.get(...args),
      query: (...args) => inner.query(...args),
      append: (...args) => inner.append(...args),
      transact: (...args) => inner.transact(...args),
      put: async (item, condition) =>
        (await ask('put', item.pk, item.sk)) ?? inner.put(item, condition),
      delete: async (key, condition) =>
        (await ask('delete', key.pk, key.sk)) ?? inner.delete(key, condition),
    } satisfies MetadataTable,
  };
  return world;
}

/** A process whose writes a test holds, and another on the same store, in the same time. */
async function twoProcesses() {
  const inner = createMemoryTable();
  const held = hooked(inner);
  const world = groupWorld(held.table, dayMs);
  const other = groupWorld(inner, dayMs);
  // One time for both.
  other.clock.now = other.clock.monotonic = other.clock.serviceNow = () => world.clock.ms;
  await other.broker.createTopic({ name: 't' });
  return { held, world, other };
}

/** Does this before the first write of a kind. */
function once(
  held: { hook: Hook | undefined },
  is: (sk: string, pk: string) => boolean,
  work: () => Promise<unknown>,
) {
  held.hook = async (_, pk, sk) => {
    if (!is(sk, pk)) return;
    held.hook = undefined;
    await work();
  };
}

const commit = ({ broker }: Pick<GroupWorld, 'broker'>, offset: bigint) =>
  broker.commitOffsets({ group, offsets: [{ ...at, offset }] });

const committed = async ({ broker }: GroupWorld): Promise<unknown> => {
  const [one] = await broker.fetchOffsets({ group });
  return one?.committed?.offset;
};

const isListed = async ({ broker }: GroupWorld): Promise<boolean> => {
  const listed = await broker.listGroups();
  return listed.length > 0;
};

test('a commit into a group that is deleted meanwhile is listed, and looked after', async () => {
  const { held, world, other } = await twoProcesses();
  await commit(other, 1n);
  // It saw the group in the list; then all of it went, and then its write arrives.
  once(
    held,
    (sk) => sk.startsWith('O#'),
    () => other.broker.deleteGroup(group),
  );
  expect(await commit(world, 2n)).toEqual([at]);
  expect(held.hook).toBeUndefined();
  expect([await committed(other), await isListed(other)]).toEqual([2n, true]);
  world.clock.ms += lookMs;
  await other.maintain();
  world.clock.ms += dayMs + lookMs;
  await other.maintain();
  expect([await committed(other), await isListed(other)]).toEqual([undefined, false]);
});

test('a deletion that finds a commit when it looks once more lists the group again', async () => {
  const { held, world, other } = await twoProcesses();
  await commit(other, 1n);
  once(
    held,
    (_, pk) => pk === 'GROUPS',
    () => commit(other, 2n),
  );
  await world.broker.deleteGroup(group);
  expect(held.hook).toBeUndefined();
  expect([await committed(other), await isListed(other)]).toEqual([2n, true]);
});

test('an expiry takes only what was judged', async () => {
  const { held, world, other } = await twoProcesses();
  await commit(other, 1n);
  world.clock.ms += lookMs;
  await other.maintain();
  world.clock.ms += dayMs;
  once(
    held,
    (sk) => sk.startsWith('O#'),
    () => commit(other, 2n),
  );
  await world.maintain();
  expect(held.hook).toBeUndefined();
  expect([await committed(other), await isListed(other)]).toEqual([2n, true]);
});

test('a member that joins while a group is taken from the list is listed again', async () => {
  const { held, world, other } = await twoProcesses();
  await commit(other, 1n);
  const one = new TestMember(other.broker, { group, memberId: 'one', subscription: ['t'] });
  once(
    held,
    (_, pk) => pk === 'GROUPS',
    () => one.join(),
  );
  await world.broker.deleteGroup(group).catch(() => undefined);
  expect(held.hook).toBeUndefined();
  expect(await other.broker.listGroups()).toMatchObject([{ group, members: 1 }]);
});

test('a late deletion from the list does not meet the entry of later', async () => {
  const { world, other, held } = await twoProcesses();
  await commit(other, 1n);
  let late: (() => Promise<unknown>) | undefined;
  held.hook = async (verb, pk, sk) => {
    if (verb !== 'delete' || pk !== 'GROUPS') return;
    held.hook = undefined;
    const read = await other.engine.env.table.get({ pk, sk }, { consistent: true });
    const version = read.kind === 'done' ? (read.value?.version ?? 0) : 0;
    late = () => other.engine.env.table.delete({ pk, sk }, { kind: 'version', version });
  };
  await world.broker.deleteGroup(group);
  world.chance.next = () => 0.123;
  await commit(world, 2n);
  await late?.();
  expect(await isListed(other)).toBe(true);
});

test('what the store does not answer is done by the next pass', async () => {
  const { held, world, other } = await twoProcesses();
  await commit(other, 1n);
  world.clock.ms += lookMs;
  await other.maintain();
  world.clock.ms += dayMs;
  let calls = 0;
  world.engine.env.clock.sleep = async () => {
    // Its deadline comes.
    world.clock.ms += 1_000;
  };
  held.hook = async (_, pk) => {
    if (pk !== 'GROUPS') return;
    calls += 1;
    return { kind: 'unavailable', cause: 'test' };
  };
  expect(await world.maintain()).toMatchObject({ done: 0, left: 1 });
  expect(calls).toBeGreaterThan(1);
  held.hook = undefined;
  expect(await other.maintain()).toMatchObject({ left: 0 });
  expect([await committed(other), await isListed(other)]).toEqual([undefined, false]);
});
