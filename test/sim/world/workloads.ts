import { deadlineIn } from '../../../lib/engine/deadlines.ts';
import { maintainOnce } from '../../../lib/maintain/pass.ts';
import { encodeBatch } from '../../../lib/protocol/record-batch-encode.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { partition as toPartition } from '../../../lib/std/brands.ts';
import { UnknownFormat } from '../../../lib/store/format.ts';
import { decodeStageEpoch, encodeStageEpoch, stageEpochKey } from '../../../lib/store/system.ts';
import {
  anyLog,
  anyone,
  expected,
  giveUp,
  more,
  nextAfter,
  onlyLog,
  poll,
  send,
  someRecords,
  think,
} from './clients.ts';
import type { Sending, Work, Workload } from './clients.ts';
import { epochMs } from './host.ts';
import { groupAdmin, loner } from './group-admin.ts';
import { holder, member } from './groups.ts';
import { idempotent } from './idempotent.ts';
import type { ClientKind } from './mix.ts';
import { sweep } from './sweep.ts';
import type { Running } from './world.ts';

/** Sends once and never again: what is unknown stays unknown. */
const plain: Workload = async (work, client) => {
  for (let i = 0; more(work); i += 1) {
    const { topic, partition } = anyLog(work);
    const { random } = work.world;
    const spread = random.pick([undefined, () => partition, () => anyPartition(work, topic)]);
    const { values, records } = someRecords(work, `${client}.${i}`, spread);
    await send(work, client, await anyone(work), {
      topic,
      values,
      ask: (broker) => broker.produce({ topic, records }),
    });
    await think(work);
  }
};

/** Hands over a record batch as it is, compressed or not. */
const batch: Workload = async (work, client) => {
  const { random } = work.world;
  for (let i = 0; more(work); i += 1) {
    const { topic, partition } = anyLog(work);
    const { values, records } = someRecords(work, `${client}.${i}`);
    const bytes = encodeBatch(
      records.map(({ key, value, timestamp = 0n }) => ({ key, value, timestamp, headers: [] })),
      { codec: random.pick(['none', 'gzip']) },
    );
    await send(work, client, await anyone(work), {
      topic,
      values,
      ask: async (broker) => {
        const answer = await broker.produceBatch({ topic, partition, batch: bytes });
        const { baseOffset, timestamp } = answer;
        return values.map((_, j) => ({
          ok: true,
          partition,
          offset: baseOffset + BigInt(j),
          timestamp,
        }));
      },
    });
    await think(work);
  }
};

const anyPartition = (work: Work, topic: string): number =>
  work.world.random.int(0, (work.partitions.get(topic) ?? 1) - 1);

/** Sends again under a key, to any process, sometimes to two at once. */
const keyed: Workload = async (work, client) => {
  const { random } = work.world;
  for (let i = 0; more(work); i += 1) {
    const { topic } = anyLog(work);
    const spread = random.pick([undefined, () => anyPartition(work, topic)]);
    const { values, records } = someRecords(work, `${client}.${i}`, spread);
    const input = { topic, records, idempotencyKey: `${client}.${i}` };
    const sending: Sending = { topic, values, ask: (broker) => broker.produce(input) };
    let known = false;
    for (let tries = random.int(1, 5); tries > 0; tries -= 1) {
      const at = await Promise.all(
        random.chance(0.3) ? [anyone(work), anyone(work)] : [anyone(work)],
      );
      const told = await Promise.all(at.map((one) => send(work, client, one, sending)));
      known ||= told.some((outcomes) => outcomes.every((outcome) => outcome === 'ok'));
      if (known && !random.chance(0.2)) break;
    }
    await think(work);
  }
};

/** Reads on and on, and sometimes again, or from where nothing is. */
const reader: Workload = async (work, client) => {
  const { random } = work.world;
  const places = new Map<string, bigint>();
  while (more(work)) {
    const { topic, partition } = anyLog(work);
    const name = `${topic}/${partition}`;
    const place = places.get(name) ?? 0n;
    const back = BigInt(Math.floor(Number(place) * random.next()));
    const seek = random.chance(0.2);
    const offset = !seek ? place : random.pick([back, 0n, place + 5n, 'beginning', 'end'] as const);
    const input = {
      topic,
      partition,
      offset,
      minBytes: random.pick([0, 1, 500]),
      maxWaitMs: random.pick([0, 0, 600]),
      maxBytes: random.pick([1, 300, 100_000]),
    };
    const read = await poll(work, client, await anyone(work), input, seek || !places.has(name));
    const next = read && nextAfter(read);
    if (next !== undefined) places.set(name, next);
    else if (read !== undefined) places.delete(name);
    await think(work);
  }
};

/** Any time, or that of a record, or just beside it. */
function someTime({ world }: Work): bigint {
  const { random, scheduler, history } = world;
  const ago = BigInt(random.int(-20_000, Math.floor(scheduler.nowMs) + 20_000));
  if (history.commits.length === 0 || random.chance(0.3)) return BigInt(epochMs) + ago;
  return random.pick(history.commits).timestamp + random.pick([-1n, 0n, 0n, 1n]);
}

const lister: Workload = async (work, client) => {
  const { world } = work;
  const { random } = world;
  while (more(work)) {
    const { topic, partition } = anyLog(work);
    const at = random.pick(['earliest', 'latest', 'max-timestamp', someTime(work)] as const);
    const invoked = world.moment();
    const text = `list ${topic}/${partition} ${at}`;
    const answer = await world.call(client, await anyone(work), text, giveUp(work), ({ broker }) =>
      broker.listOffset({ topic, partition, at }),
    );
    const completed = world.moment();
    const log = onlyLog(work, topic, partition);
    if (answer.kind === 'error') expected(work, topic, `${client} ${text}`, answer.error);
    if (answer.kind === 'value') {
      const { offset, timestamp } = answer.value;
      world.trace.add(client, `told ${offset} (${timestamp})`);
      world.history.listings.push({
        client,
        topic,
        invoked,
        completed,
        log,
        at,
        offset,
        timestamp,
      });
    }
    await think(work);
  }
};

/** Errors that tell an admin how things stand: nothing was done. */
const refusals = new Set([
  'TOPIC_ALREADY_EXISTS',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_PARTITIONS',
]);
/** Something may have been done. */
const unknowns = new Set(['REQUEST_TIMED_OUT', 'KAFKA_STORAGE_ERROR']);

const admin: Workload = async (work, client) => {
  const { world } = work;
  const { random, mix } = world;
  while (more(work)) {
    const { topic } = anyLog(work);
    const act = random.chance(mix.deletes)
      ? remove
      : random.pick([create, addPartition, configure, maintain, maintain, raiseFloor, raiseFloor]);
    await act(work, client, topic);
    await think(work);
    await think(work);
  }
};

async function ask<T>(
  work: Work,
  client: string,
  text: string,
  what: (running: Running) => Promise<T>,
): Promise<'ok' | 'failed' | 'unknown'> {
  const answer = await work.world.call(client, await anyone(work), text, giveUp(work), what);
  if (answer.kind === 'value') return 'ok';
  if (answer.kind !== 'error') return 'unknown';
  const { error } = answer;
  const kafka = error instanceof ProtocolError ? error.kafka : '';
  if (refusals.has(kafka)) return 'failed';
  const expects = error instanceof UnknownFormat || unknowns.has(kafka);
  if (!expects) work.world.wrong('assertion', `${client} ${text}: ${String(error)}`);
  return 'unknown';
}

async function create(work: Work, client: string, name: string): Promise<void> {
  const { partitions } = work.world.mix;
  await ask(work, client, `create ${name}`, ({ broker }) =>
    broker.createTopic({ name, partitions }),
  );
}

async function remove(work: Work, client: string, topic: string): Promise<void> {
  const { world } = work;
  const invoked = world.moment();
  work.deleted.add(topic);
  work.partitions.set(topic, world.mix.partitions);
  const outcome = await ask(work, client, `delete ${topic}`, ({ broker }) =>
    broker.deleteTopic(topic),
  );
  world.history.deletions.push({ client, topic, outcome, invoked, completed: world.moment() });
  const { random } = world;
  if (random.chance(0.3)) await maintain(work, client);
  if (random.chance(0.2)) return;
  await create(work, client, topic);
  if (random.chance(0.5)) await addPartition(work, client, topic);
}

async function addPartition(work: Work, client: string, topic: string): Promise<void> {
  const count = (work.partitions.get(topic) ?? 1) + 1;
  if (count > 4) return;
  const outcome = await ask(work, client, `partitions ${topic} ${count}`, ({ broker }) =>
    broker.createPartitions(topic, count),
  );
  if (outcome === 'ok') work.partitions.set(topic, count);
}

async function configure(work: Work, client: string, topic: string): Promise<void> {
  const value = String(work.world.random.int(1, 4) * 1_000_000);
  const op = { name: 'max.message.bytes', op: 'SET', value } as const;
  await ask(work, client, `configure ${topic} ${value}`, ({ broker }) =>
    broker.alterConfigs(topic, [op]),
  );
}

async function maintain(work: Work, client: string): Promise<void> {
  // A pass has minutes; what it calls has no more time than usual.
  const takeOver = work.world.random.chance(0.5);
  await ask(work, client, 'maintain', ({ engine }) =>
    maintainOnce(engine, deadlineIn(engine.env.clock, 60_000), { takeOver }),
  );
}

/** The sweep: a new stage epoch, and a floor below which none counts; then what nobody names goes. */
async function raiseFloor(work: Work, client: string, topic: string): Promise<void> {
  await ask(work, client, `floor ${topic}`, async ({ engine, broker }) => {
    const { table, ids } = engine.env;
    const read = await table.get(stageEpochKey, { consistent: true });
    if (read.kind !== 'done') return;
    const before = read.value === undefined ? undefined : decodeStageEpoch(read.value);
    const next = { epoch: (before?.epoch ?? 0) + 1, version: (before?.version ?? -1) + 1 };
    const condition =
      before === undefined
        ? ({ kind: 'absent' } as const)
        : ({ kind: 'version', version: before.version } as const);
    const put = await table.put(encodeStageEpoch(next), condition);
    if (put.kind !== 'done') return;
    const { id, partitions } = await broker.describeTopic(topic);
    for (let partition = 0; partition < partitions; partition += 1) {
      const log = { topicId: id, partition: toPartition(partition) };
      const command = { kind: 'floor', id: ids.command(), epoch: next.epoch } as const;
      await engine.appender(log).control(command, engine.deadline());
      await sweep(work.world, log);
    }
  });
}

export const workloads: Readonly<Record<ClientKind, Workload>> = {
  plain,
  batch,
  idempotent,
  keyed,
  reader,
  lister,
  admin,
  member,
  loner,
  groupAdmin,
  holder,
};
