import { must } from '../lib/std/assert.ts';
import type { Broker } from '../lib/broker/broker.ts';
import { echo } from './throughput.ts';
import { fdatasyncs } from './bounds.ts';
import { warmLoop } from './measure.ts';
import type { Rate } from './measure.ts';
import { Server } from './server.ts';
import { openBroker } from './store.ts';
import type { StoreKind } from './store.ts';

/** Polls of consumer instances, each with a group and a lane of its own. */
interface PollLoad {
  readonly door: StoreKind | 'http';
  /** Partitions that an instance reads. */
  readonly partitions: number;
  readonly lanes: number;
  /** Every poll returns a record of many, and puts the instance; or finds nothing new. */
  readonly hasRecords: boolean;
}

export const pollLoads: readonly PollLoad[] = (['memory', 'embedded', 'http'] as const).flatMap(
  (door) =>
    [1, 16].flatMap((lanes) =>
      [false, true].map((hasRecords) => ({ door, partitions: 8, lanes, hasRecords })),
    ),
);

export const nameOfPolls = ({ door, partitions, lanes, hasRecords }: PollLoad): string =>
  `${door} polls of ${partitions} p, ${hasRecords ? 'one record of a backlog' : 'idle'}, ${lanes} in flight`;

const topic = 'polled';
const config = { format: 'json', 'auto.offset.reset': 'earliest', 'auto.commit.enable': false };

/** Polls per second, and what bounds them: syncs of one put each, or answers to the same question. */
interface PollRate {
  readonly rate: Rate;
  readonly bound: number | undefined;
}

export async function measurePolls(
  load: PollLoad,
  scratch: string,
  ms: number,
  startServer: () => Promise<Server>,
): Promise<PollRate> {
  if (load.door === 'http') return overHttp(load, ms, await startServer());
  const { broker, close } = await openBroker(load.door, scratch);
  try {
    await broker.createTopic({ name: topic, partitions: load.partitions });
    if (load.hasRecords) await fill(broker, load.partitions);
    const names = await Promise.all(lanesOf(load).map((lane) => instance(broker, lane)));
    const rate = await warmLoop(load.lanes, ms, (lane) =>
      pollOnce(broker, must(names[lane], 'an instance'), load.hasRecords),
    );
    const isBound = load.door === 'embedded' && load.hasRecords;
    // The store puts what is waiting in one commit.
    const syncs = isBound ? (await fdatasyncs(scratch, ms / 4)).perSecond * load.lanes : undefined;
    return { rate, bound: syncs };
  } finally {
    await close();
  }
}

const lanesOf = ({ lanes }: PollLoad): readonly number[] =>
  Array.from({ length: lanes }, (_, i) => i);

/** More records than are polled in the time, so many of a batch that reading them is cheap. */
const batches = 40;
const batchRecords = 500;
const value = Buffer.from('1');

async function fill(broker: Broker, partitions: number): Promise<void> {
  const records = Array.from({ length: batchRecords }, (_, i) => ({
    key: null,
    value,
    headers: [],
    partition: i % partitions,
  }));
  for (let i = 0; i < batches; i += 1) await broker.produce({ topic, records });
}

async function instance(broker: Broker, lane: number) {
  const group = `polls-${lane}`;
  const name = await broker.instances.create(group, undefined, config);
  await broker.instances.subscribe({ group, name }, [topic]);
  // Joins, and is granted all.
  for (let i = 0; i < 3; i += 1) await pollOnce(broker, { group, name }, false);
  return { group, name };
}

async function pollOnce(
  broker: Broker,
  of: { readonly group: string; readonly name: string },
  hasRecords: boolean,
): Promise<void> {
  await broker.instances.poll(of, {
    timeoutMs: 0,
    maxBytes: 1,
    ack: undefined,
    checkFormat: () => undefined,
    take(found) {
      const [first] = found;
      const taken = found.map(({ topic: name, partition, fetched }) => {
        const { offset: from } = fetched;
        const next = hasRecords && partition === first?.partition ? from + 1n : from;
        return { topic: name, partition, from, next, hasRecords: next > from };
      });
      return { answer: undefined, taken };
    },
  });
}

async function overHttp(load: PollLoad, ms: number, server: Server): Promise<PollRate> {
  try {
    const ask = async (line: string, body?: unknown): Promise<unknown> => {
      const [method = '', path = ''] = line.split(' ');
      const bytes = Buffer.from(JSON.stringify(body ?? {}));
      const answer = await server.ask(method, path, { type: 'application/json', bytes });
      return answer.length === 0 ? undefined : JSON.parse(answer.toString());
    };
    const { data } = (await ask('GET /v3/clusters')) as { data: { cluster_id: string }[] };
    const { partitions } = load;
    const spec = { topic_name: topic, partitions_count: partitions };
    await ask(`POST /v3/clusters/${data[0]?.cluster_id}/topics`, spec);
    const records = Array.from({ length: batchRecords }, (_, i) => ({
      partition: i % partitions,
      value: 1,
    }));
    const rounds = load.hasRecords ? batches : 0;
    for (let i = 0; i < rounds; i += 1) await ask(`POST /topics/${topic}`, { records });
    const paths = await Promise.all(
      lanesOf(load).map(async (lane) => {
        const created = await ask(`POST /consumers/polls-${lane}`, config);
        const { instance_id: name } = created as { instance_id: string };
        const path = `/consumers/polls-${lane}/instances/${name}`;
        await ask(`POST ${path}/subscription`, { topics: [topic] });
        for (let i = 0; i < 3; i += 1)
          await server.ask('GET', `${path}/records?timeout=0&max_bytes=1`);
        return path;
      }),
    );
    const rate = await warmLoop(load.lanes, ms, (lane) =>
      server.ask('GET', `${paths[lane]}/records?timeout=0&max_bytes=1`),
    );
    const idle = await Server.echo();
    const bound = await echo(idle, load.lanes, ms / 4, {
      type: 'application/json',
      bytes: Buffer.alloc(1),
    });
    await idle.stop();
    return { rate, bound };
  } finally {
    await server.stop();
  }
}
