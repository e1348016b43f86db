import { recordsOf } from '../../../lib/broker/records.ts';
import { maintainOnce } from '../../../lib/maintain/pass.ts';
import { Seeded } from '../../engine/seeded.ts';
import { check } from '../checker/check.ts';
import type { Anomaly, History, Read } from '../checker/history.ts';
import type { Work } from './clients.ts';
import { disturb } from './disturb.ts';
import { settleGroups } from './group-finals.ts';
import { textOf } from './journal.ts';
import { drawMix } from './mix.ts';
import type { ClientKind, Mix, WorldKind } from './mix.ts';
import { checkStored } from './stored.ts';
import { workloads } from './workloads.ts';
import { World } from './world.ts';
import type { Running } from './world.ts';

export interface Simulated {
  readonly kind: WorldKind;
  readonly seed: number;
  readonly mix: Mix;
  /** Empty: nothing is wrong that any rule knows of. */
  readonly anomalies: readonly Anomaly[];
  readonly history: History;
  /** Of the whole trace: who did what, when, and what the store answered. */
  readonly digest: string;
  readonly trace: readonly string[];
  readonly operations: number;
  readonly records: number;
  readonly calls: number;
  readonly virtualMs: number;
  /** What was injected, how often. */
  readonly injected: Readonly<Record<string, number>>;
}

/** One seed, from an empty table to a checked history. `adjust` changes what the seed drew. */
export async function simulate(
  kind: WorldKind,
  seed: number,
  { keepTrace = false, adjust = (mix: Mix): Mix => mix } = {},
): Promise<Simulated> {
  const mix = adjust(drawMix(new Seeded(seed), kind));
  const world = new World(seed, mix, keepTrace);
  world.trace.add('world', `${kind} seed=${seed} ${JSON.stringify(mix)}`);
  const work = workIn(world);
  try {
    await live(work);
    await heal(work);
  } catch (error) {
    world.wrong('stuck', String(error));
  }
  await checkStored(world);
  const { scheduler, trace, history, network } = world;
  const anomalies = check(history);
  for (const { rule, detail } of anomalies) trace.add('checker', `${rule}: ${detail}`);
  return {
    kind,
    seed,
    mix,
    anomalies,
    history,
    digest: trace.digest(),
    trace: trace.lines,
    operations: work.done,
    records: history.commits.length,
    calls: network.calls,
    virtualMs: scheduler.nowMs,
    injected: network.injected,
  };
}

function workIn(world: World): Work {
  const { mix } = world;
  const topics = Array.from({ length: mix.topics }, (_, i) => `t${i}`);
  const partitions = new Map(topics.map((topic) => [topic, mix.partitions]));
  const deleted = new Set<string>();
  const members: Work['members'] = [];
  const counts = { left: mix.operations, done: 0, requests: 0 };
  return { world, topics, partitions, deleted, members, ...counts };
}

/** Topics are made in good weather; then all clients work at once, and everything may happen. */
async function live(work: Work): Promise<void> {
  const { world, topics } = work;
  const { mix, network } = world;
  await settle(world, createAll(world.start('good'), topics, mix.partitions));
  for (let place = 0; place < mix.processes; place += 1) world.keep(place);
  network.storm = true;
  let over = false;
  disturb(world, () => over);
  const clients = Object.entries(mix.clients).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, i) => workloads[kind as ClientKind](work, `${kind}${i}`)),
  );
  await settle(world, Promise.all(clients));
  over = true;
  network.storm = false;
  await calmDown(world);
}

/** All that is late arrives, whoever died comes back, and all that is frozen thaws. */
async function calmDown({ scheduler, processes }: World): Promise<void> {
  await scheduler.drain();
  for (const { host } of processes) host.wake();
  await scheduler.drain();
}

async function createAll(
  { broker }: Running,
  topics: readonly string[],
  partitions: number,
): Promise<void> {
  for (const name of topics) await broker.createTopic({ name, partitions });
}

/** Lets time pass until this is settled. */
async function settle<T>(world: World, work: Promise<T>): Promise<T> {
  let settled = false;
  const watched = work.finally(() => {
    settled = true;
  });
  // The caller meets the error below; until then it is not unhandled.
  watched.catch(() => undefined);
  if (!(await world.scheduler.run(() => settled))) {
    throw new Error(`a promise that nothing will settle, at ms=${world.scheduler.nowMs}`);
  }
  return watched;
}

/**
 * After the last fault: nothing is stuck, and everybody sees all of it, a process that has just
 * started as well as those that were there all the time.
 */
async function heal(work: Work): Promise<void> {
  const { world } = work;
  world.healedAtMs = world.scheduler.nowMs;
  // What a fast clock put down to be done is due by now, also by a Date header's whole seconds.
  await settle(world, world.scheduler.sleep(world.mix.skewMsMax + 1_000));
  const fresh = world.start('good');
  await settle(world, maintainAll(world, fresh));
  for (const { host } of world.processes) host.skewMs = 0;
  await settle(world, letExpire(world, fresh));
  await settle(world, settleGroups(work, fresh));
  await calmDown(world);
  await settle(world, lookAtAll(world, fresh));
  await world.scheduler.drain();
}

const dayMs = 24 * 60 * 60 * 1_000;
/** Groups are due every ten minutes. */
const dueGridMs = 600_000;

async function maintainAll(world: World, { engine }: Running): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const { ran, left } = await maintainOnce(engine, engine.deadline(), { takeOver: true });
    if (ran && left === 0) return;
  }
  world.wrong('stuck', 'something that is due is not done');
}

/** Offsets that nobody asks for any more go, where they are not kept for long. */
async function letExpire(world: World, fresh: Running): Promise<void> {
  const { retentionMs } = world.mix;
  if (retentionMs > dayMs) return;
  // Once to see that nobody is there, and once when that was so for long enough.
  await maintainAll(world, fresh);
  await world.scheduler.sleep(retentionMs + dueGridMs);
  await maintainAll(world, fresh);
}

async function lookAtAll(world: World, fresh: Running): Promise<void> {
  for (const { id, name, partitions } of await fresh.broker.listTopics()) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const old = world.processes.filter(({ host }) => canRead(world, host.knows));
      const readers = [fresh, ...old];
      for (const writer of new Set([fresh, world.random.pick(readers)])) {
        await appendLast(world, writer, name, partition);
      }
      for (const reader of readers) {
        const log = `${id}/${partition}`;
        const { records, end } = await readAll(reader, name, partition);
        world.history.finals.push({ log, reader: reader.host.name, records, end });
      }
    }
  }
}

/** Whether a process knows every format that may have been written. */
const canRead = (world: World, knows: number): boolean => knows === 2 || world.level === 1;

const lastTriesMax = 20;

async function appendLast(
  world: World,
  { broker, host }: Running,
  topic: string,
  partition: number,
): Promise<void> {
  const value = `last.${topic}.${partition}.${host.name}`;
  const record = { partition, key: null, value: Buffer.from(`${value}:`), headers: [] };
  const told = { client: host.name, topic, value, request: -1, outcome: 'ok' as const };
  // A process with little time may give up on a slot that others have opened since, and again
  // while they still publish what was left behind.
  for (let tries = 1; ; tries += 1) {
    const invoked = world.moment();
    const [answer] = await broker.produce({ topic, records: [record] });
    const completed = world.moment();
    if (answer?.ok === true) {
      world.history.sends.push({ ...told, partition, offset: answer.offset, invoked, completed });
      return;
    }
    if (tries < lastTriesMax && answer?.error === 'KAFKA_STORAGE_ERROR') continue;
    world.wrong('stuck', `${host.name} to ${topic}/${partition}: ${answer?.message}`);
    return;
  }
}

async function readAll(
  { broker }: Running,
  topic: string,
  partition: number,
): Promise<{ readonly records: readonly Read[]; readonly end: bigint }> {
  const records: Read[] = [];
  for (;;) {
    const offset = (records.at(-1)?.offset ?? -1n) + 1n;
    const wanted = { topic, partition, offset, minBytes: 0, maxWaitMs: 0, maxBytes: 100_000 };
    const fetched = await broker.fetch(wanted);
    for (const { offset: at, value, timestamp } of recordsOf(fetched)) {
      records.push({ offset: at, value: textOf(value), timestamp });
    }
    if (fetched.batches.length === 0) return { records, end: fetched.highWatermark };
  }
}
