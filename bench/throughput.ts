import type { Broker } from '../lib/broker/broker.ts';
import { encodeBatch } from '../lib/protocol/record-batch-encode.ts';
import { readBatchHeader } from '../lib/protocol/record-batch-header.ts';
import { closedLoop, warmLoop } from './measure.ts';
import type { Body, Server } from './server.ts';

/** One row of a table: what is sent, to how many partitions, in batches of how many records. */
export interface Load {
  readonly topic: string;
  readonly recordBytes: number;
  readonly partitions: number;
  readonly batch: number;
  /** Requests in flight. */
  readonly lanes: number;
}

const recordSizes = [100, 1024];
const partitionCounts = [1, 8];
const batchSizes = [1, 100, 1000];

/** What a handful of busy clients has in flight. */
const lanesOf = (batch: number): number => (batch === 1 ? 16 : 8);

const loadOf = (recordBytes: number, partitions: number, batch: number, lanes: number): Load => ({
  topic: `t-${recordBytes}-${partitions}-${batch}-${lanes}`,
  recordBytes,
  partitions,
  batch,
  lanes,
});

export const loads: readonly Load[] = recordSizes.flatMap((recordBytes) =>
  partitionCounts.flatMap((partitions) =>
    batchSizes.map((batch) => loadOf(recordBytes, partitions, batch, lanesOf(batch))),
  ),
);

/** One client, one record at a time: nothing can share its commit. */
export const alone: readonly Load[] = recordSizes.map((bytes) => loadOf(bytes, 1, 1, 1));

export const nameOf = ({ recordBytes, partitions, batch, lanes }: Load): string =>
  `${recordBytes} B, ${partitions} p, batch ${batch}, ${lanes} in flight`;

export interface Throughput {
  readonly recordsPerSecond: number;
  /** Of values, which is what the user sent. */
  readonly mibPerSecond: number;
}

function throughput({ recordBytes }: Load, recordsPerSecond: number): Throughput {
  const mibPerSecond = (recordsPerSecond * recordBytes) / 2 ** 20;
  return { recordsPerSecond, mibPerSecond };
}

const valueOf = ({ recordBytes }: Load): Buffer => Buffer.alloc(recordBytes, 'x');

/** Round robin over the partitions, each lane on its own way. */
function turns({ partitions }: Load): (lane: number) => number {
  const sent: number[] = [];
  return (lane) => {
    const turn = (sent[lane] ?? lane) % partitions;
    sent[lane] = turn + 1;
    return turn;
  };
}

export async function produceRecords(broker: Broker, load: Load, ms: number): Promise<Throughput> {
  const { topic, batch } = load;
  const next = turns(load);
  const value = valueOf(load);
  const rate = await warmLoop(load.lanes, ms, async (lane) => {
    const partition = next(lane);
    const records = Array.from({ length: batch }, () => ({
      partition,
      key: null,
      value,
      headers: [],
    }));
    const results = await broker.produce({ topic, records });
    if (results.some(({ ok }) => !ok)) throw new Error(`produce failed topic=${topic}`);
  });
  return throughput(load, rate.perSecond * batch);
}

export async function produceBatches(broker: Broker, load: Load, ms: number): Promise<Throughput> {
  const { topic } = load;
  const next = turns(load);
  const timestamp = BigInt(Date.now());
  const record = { key: null, value: valueOf(load), headers: [], timestamp };
  const batch = encodeBatch(
    Array.from({ length: load.batch }, () => record),
    {
      codec: 'none',
      timestampType: 'create',
    },
  );
  const rate = await warmLoop(load.lanes, ms, async (lane) =>
    broker.produceBatch({ topic, partition: next(lane), batch }),
  );
  return throughput(load, rate.perSecond * load.batch);
}

/** From the beginning, 1 MiB at a time, partition by partition, and over again. */
export async function fetchBatches(broker: Broker, load: Load, ms: number): Promise<Throughput> {
  let partition = 0;
  let offset = 0n;
  let records = 0;
  const start = performance.now();
  await closedLoop(1, ms, async () => {
    const input = { topic: load.topic, partition, offset };
    const fetched = await broker.fetch({ ...input, minBytes: 0, maxWaitMs: 0, maxBytes: 2 ** 20 });
    const last = fetched.batches.at(-1);
    if (last === undefined) {
      partition = (partition + 1) % load.partitions;
      offset = 0n;
      return;
    }
    const { baseOffset, lastOffsetDelta } = readBatchHeader(last);
    const end = baseOffset + BigInt(lastOffsetDelta + 1);
    records += Number(end - offset);
    offset = end;
  });
  return throughput(load, (records * 1000) / (performance.now() - start));
}

const jsonType = 'application/vnd.kafka.json.v2+json';

/** A produce request in the json format, as a client would send it. */
export function produceBody(load: Load, partition: number): Body {
  const record = { partition, value: valueOf(load).toString() };
  const records = Array.from({ length: load.batch }, () => record);
  return { type: jsonType, bytes: Buffer.from(JSON.stringify({ records })) };
}

export async function produceHttp(server: Server, load: Load, ms: number): Promise<Throughput> {
  const next = turns(load);
  const bodies = Array.from({ length: load.partitions }, (_, i) => produceBody(load, i));
  const rate = await warmLoop(load.lanes, ms, async (lane) => {
    const answer = await server.ask('POST', `/topics/${load.topic}`, bodies[next(lane)]);
    if (answer.includes('"offset":null')) throw new Error(`produce failed topic=${load.topic}`);
  });
  return throughput(load, rate.perSecond * load.batch);
}

export interface FetchedHttp extends Throughput {
  readonly answersPerSecond: number;
  readonly answerBytes: number;
}

export async function fetchHttp(server: Server, load: Load, ms: number): Promise<FetchedHttp> {
  let partition = 0;
  let offset = 0;
  let records = 0;
  let bytes = 0;
  let answers = 0;
  const rate = await closedLoop(1, ms, async () => {
    const path = `/topics/${load.topic}/partitions/${partition}/records`;
    const answer = await server.ask('GET', `${path}?offset=${offset}&max_bytes=1048576&timeout=0`);
    bytes += answer.length;
    answers += 1;
    const last = answer.lastIndexOf('"offset":');
    if (last < 0) {
      partition = (partition + 1) % load.partitions;
      offset = 0;
      return;
    }
    const end = Number.parseInt(answer.toString('latin1', last + 9, last + 30), 10) + 1;
    records += end - offset;
    offset = end;
  });
  const perAnswer = answers === 0 ? 0 : records / answers;
  return {
    ...throughput(load, rate.perSecond * perAnswer),
    answersPerSecond: rate.perSecond,
    answerBytes: Math.round(bytes / Math.max(1, answers)),
  };
}

/** Requests per second with this body, in as many lanes, that a server can take and do nothing with. */
export async function echo(server: Server, lanes: number, ms: number, body: Body): Promise<number> {
  return (await closedLoop(lanes, ms, () => server.ask('POST', '/', body))).perSecond;
}
