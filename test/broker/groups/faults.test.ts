import { expect, test } from 'vitest';
import type { Broker } from '../../../lib/broker/broker.ts';
import { badStores } from '../../engine/bad-stores.ts';
import type { Weather } from '../../engine/bad-stores.ts';
import { memoryEnv, otherProcess, startEngine } from '../../engine/memory-env.ts';
import { VirtualClock } from '../../engine/virtual-clock.ts';
import { settle, TestMember } from './setup.ts';

const group = 'g';
const at = { topic: 't', partition: 0 };

/** A broker whose writes and reads fare as the test says, beside one that is well. */
function twoProcesses() {
  const clock = new VirtualClock();
  const env = memoryEnv({ clock });
  const weather: { write: Weather; read: Weather } = { write: 'none', read: 'none' };
  const stores = badStores(env, clock, ({ write }) => ({
    weather: write ? weather.write : weather.read,
    delayMs: 1,
    laterMs: 60_000,
  }));
  const well = startEngine(env).broker;
  const { broker } = startEngine({ ...otherProcess(env), ...stores });
  return { clock, well, broker, weather };
}

async function endOf(work: Promise<unknown>): Promise<string> {
  try {
    const value = await work;
    const outcomes = Array.isArray(value) ? (value as { readonly error?: string }[]) : [];
    return outcomes.map(({ error }) => error ?? 'done').join() || 'done';
  } catch (error) {
    return String((error as { readonly kafka?: string }).kafka ?? error);
  }
}

/** Calls of a group with one member, `one`, that owns all, and one other that owns nothing. */
const calls: Readonly<Record<string, (broker: Broker, one: TestMember) => Promise<unknown>>> = {
  join: (broker) =>
    broker.heartbeat({ group, memberId: 'two', memberEpoch: 0, subscription: ['t'] }),
  rejoin: (broker) =>
    broker.heartbeat({ group, memberId: 'one', memberEpoch: 0, subscription: ['t'] }),
  leave: (broker) => broker.heartbeat({ group, memberId: 'one', memberEpoch: -1 }),
  commit: (broker, { epoch }) =>
    broker.commitOffsets({
      group,
      member: { memberId: 'one', memberEpoch: epoch },
      offsets: [{ ...at, offset: 3n }],
    }),
  'commit with a beat': (broker, { epoch }) =>
    broker.heartbeat({
      group,
      memberId: 'one',
      memberEpoch: epoch,
      offsets: [{ ...at, offset: 3n }],
    }),
  'commit without membership': (broker) =>
    broker.commitOffsets({ group: 'others', offsets: [{ ...at, offset: 3n }] }),
  reset: (broker) =>
    broker.resetOffsets({ group: 'others', to: { kind: 'earliest' }, dryRun: false }),
  'delete offsets': (broker) => broker.deleteOffsets('others', [at]),
  'delete a group': (broker) => broker.deleteGroup('others'),
};

async function callInBadWeather(
  name: keyof typeof calls,
  weather: { readonly write: Weather; readonly read: Weather },
): Promise<string> {
  const world = twoProcesses();
  const { clock, well, broker } = world;
  await clock.run(well.createTopic({ name: 't', partitions: 2 }));
  const one = new TestMember(well, { group, memberId: 'one', subscription: ['t'] });
  await clock.run(one.join());
  await clock.run(well.commitOffsets({ group: 'others', offsets: [{ ...at, offset: 1n }] }));
  await clock.run(broker.fetchOffsets({ group }));
  Object.assign(world.weather, weather);
  const call = calls[name];
  if (call === undefined) throw new Error(name);
  return clock.run(endOf(call(broker, one)));
}

const named = Object.keys(calls);

test('a join whose target is not known to be there has not begun', async () => {
  const end = await callInBadWeather('join', { write: 'late', read: 'none' });
  expect(end).toBe('KAFKA_STORAGE_ERROR');
});

const others = named.filter((name) => name !== 'join');
test.each(others)('a write that nobody answers is told as unknown: %s', async (name) => {
  for (const write of ['lose-request', 'lose-reply', 'late'] as const) {
    const end = await callInBadWeather(name, { write, read: 'none' });
    // What the store does not answer may be found out by reading.
    const isFoundOut = write === 'lose-reply' && end === 'done';
    expect(isFoundOut || end === 'REQUEST_TIMED_OUT', `${write}: ${end}`).toBe(true);
  }
});

test.each(named)('a write that is refused by the store has not happened: %s', async (name) => {
  expect(await callInBadWeather(name, { write: 'throttle', read: 'none' })).toBe(
    'KAFKA_STORAGE_ERROR',
  );
});

test.each(named)('a read that is not answered changes nothing: %s', async (name) => {
  expect(await callInBadWeather(name, { write: 'none', read: 'unavailable' })).toBe(
    'KAFKA_STORAGE_ERROR',
  );
});

test('offsets that cannot be read are not told as none', async () => {
  const { clock, well, broker, weather } = twoProcesses();
  await clock.run(well.createTopic({ name: 't' }));
  await clock.run(well.commitOffsets({ group, offsets: [{ ...at, offset: 1n }] }));
  weather.read = 'throttle';
  const reads = [
    () => broker.fetchOffsets({ group }),
    () => broker.fetchOffsets({ group, partitions: [at] }),
    () => broker.listGroups(),
    () => broker.describeGroup(group),
    () => broker.groupLag(group),
  ];
  for (const read of reads) expect(await clock.run(endOf(read()))).toBe('KAFKA_STORAGE_ERROR');
});

test('a beat counts, whatever becomes of the look around that follows it', async () => {
  const { clock, well, broker, weather } = twoProcesses();
  await clock.run(well.createTopic({ name: 't', partitions: 2 }));
  const members = ['one', 'two'].map(
    (memberId) => new TestMember(broker, { group, memberId, subscription: ['t'] }),
  );
  for (const member of members) await clock.run(member.join());
  await clock.run(settle(members));
  const [one] = members as [TestMember];
  await clock.run(clock.sleep(44_000));
  await clock.run(one.beat());
  await clock.run(clock.sleep(10_000));
  // The other is overdue; nobody can evict it.
  weather.write = 'throttle';
  const told = await clock.run(one.beat());
  expect(told.assignment).toHaveLength(1);
});
