/**
 * The cities of the world, written to Tailrace and read back, over HTTP only.
 *
 *     npx node examples/cities.ts
 *
 * starts a server of its own, on a directory that it removes. With `--server URL` it works on one
 * that runs, in a topic of its own, which `--keep` leaves there to look at. `--records N` takes at
 * most so many of the cities, from all over the world.
 *
 * A record is a city. Its key is the country, so that all cities of a country lie in one partition,
 * in order; its time is noon by the sun on 20 June 2024, so that the log runs from east to west as
 * that day did. What was written is compared with what is read, record by record; the first
 * difference ends the run with exit code 1.
 */
import { parseArgs } from 'node:util';
import { Partitioners } from 'kafkajs';
import { cityRecords, contents, digests } from './support/city-records.ts';
import type { Sent } from './support/city-records.ts';
import type { OwnServer } from './support/own-server.ts';
import { startOwnServer } from './support/own-server.ts';

type Read = Sent & { readonly offset: number; readonly partition: number };
interface Produced {
  readonly offsets: readonly { partition: number; offset: number; error: string | null }[];
}

const binary = 'application/vnd.kafka.binary.v2+json';
const partitions = Array.from({ length: 8 }, (_, partition) => partition);
const recordsPerRequest = 800;
const lanes = [0, 1, 2, 3];
const topic = `cities-${Date.now().toString(36)}`;

const { values: options } = parseArgs({
  options: {
    server: { type: 'string' },
    keep: { type: 'boolean', default: false },
    records: { type: 'string', default: 'Infinity' },
  },
});
const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupt.abort());
}
let server = '';

/** One request. Whatever is not a success ends the run: here nothing is in the way of any. */
async function call<T>(method: string, path: string, body?: object, more = {}): Promise<T> {
  const type = path.startsWith('/v3/') ? 'application/json' : binary;
  const response = await fetch(server + path, {
    method,
    // Records come in binary; answers without records know only JSON.
    headers: { accept: `${binary}, application/json;q=0.5`, 'content-type': type, ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: interrupt.signal,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} status=${response.status} body=${text}`);
  // Trusted to be a T, because every field that matters is compared below.
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Throws, with both, if `got` is not what was expected. */
function same(what: string, got: unknown, expected: unknown): void {
  if (got === expected) return;
  const [g, e] = [got, expected].map((value) => String(value).slice(0, 300));
  throw new Error(`${what} got=${g} expected=${e}`);
}

/**
 * Writes all of it: lanes side by side, in each one request after the other. A country keeps to its
 * lane, hence to its order. One lane sends each request under an Idempotency-Key and every third
 * one twice, as a client does whose first answer was lost. Returns where each record went.
 */
async function write(source: readonly Sent[], log: Sent[][]): Promise<number> {
  const countries = [...new Set(source.map(({ key }) => key))];
  const laneOf = new Map(countries.map((key, index) => [key, index % lanes.length]));
  let repeated = 0;
  const runLane = async (lane: number): Promise<void> => {
    const mine = source.filter(({ key }) => laneOf.get(key) === lane);
    for (let from = 0; from < mine.length; from += recordsPerRequest) {
      const records = mine.slice(from, from + recordsPerRequest);
      const headers = lane === 0 ? { 'idempotency-key': `${topic}-${from}` } : {};
      const send = () => call<Produced>('POST', `/topics/${topic}`, { records }, headers);
      const { offsets } = await send();
      if (lane === 0 && (from / recordsPerRequest) % 3 === 0) {
        same('a repeated request', JSON.stringify((await send()).offsets), JSON.stringify(offsets));
        repeated += 1;
      }
      same('acknowledgements', offsets.length, records.length);
      for (const [index, { partition, offset, error }] of offsets.entries()) {
        same('error', error, null);
        same(`acknowledged before at ${partition}:${offset}`, log[partition]?.[offset], undefined);
        (log[partition] ?? [])[offset] = records[index] as Sent; // As many as acknowledgements.
      }
    }
  };
  await Promise.all(lanes.map(runLane));
  return repeated;
}

/** Records of one partition, from an offset up to another, in answers of about `maxBytes`. */
async function read(partition: number, from: number, to: number, maxBytes: number) {
  const records: Read[] = [];
  const path = `/topics/${topic}/partitions/${partition}/records`;
  for (let offset = from; offset < to; offset = from + records.length) {
    const more = await call<Read[]>('GET', `${path}?offset=${offset}&max_bytes=${maxBytes}`);
    if (more.length === 0) throw new Error(`nothing more to read at ${partition}:${offset}`);
    records.push(...more);
  }
  return records.slice(0, to - from);
}

function checkRecords(got: readonly Read[], expected: readonly Sent[], from = 0): void {
  same('records', got.length, expected.length);
  for (const [index, record] of got.entries()) {
    const where = `${record.partition}:${from + index}`;
    same(`offset at ${where}`, record.offset, from + index);
    same(`record at ${where}`, contents(record), contents(expected[index] as Sent));
  }
}

/** Every country in one partition, the one where Kafka's clients look for it. */
function checkPartitions(log: readonly (readonly Sent[])[]): void {
  const kafka = Partitioners.DefaultPartitioner();
  const partitionMetadata = partitions.map((partitionId) => {
    return { partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] };
  });
  for (const [partition, records] of log.entries()) {
    for (const key of new Set(records.map((record) => record.key))) {
      const message = { key: Buffer.from(key, 'base64'), value: null };
      same(`partition of ${key}`, partition, kafka({ topic, partitionMetadata, message }));
    }
  }
}

/** The first record at or after a time, for times before, at, between and after the records'. */
async function checkTimes(partition: number, records: readonly Sent[]): Promise<number> {
  const path = `/topics/${topic}/partitions/${partition}/offsets`;
  const times = records.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b);
  const picked = [0, 0.1, 0.5, 0.9, 1].map((part) => times[Math.floor(part * (times.length - 1))]);
  const asked = picked.flatMap((time = 0) => [time - 1, time, time + 1]);
  for (const time of asked) {
    const found = await call<{ offset: number; timestamp: number }>(
      'GET',
      `${path}?timestamp=${time}`,
    );
    const offset = records.findIndex(({ timestamp }) => timestamp >= time);
    same(`offset in ${partition} at time=${time}`, found.offset, offset);
    same(`time in ${partition} at time=${time}`, found.timestamp, records[offset]?.timestamp ?? -1);
  }
  return asked.length;
}

async function timed<T>(verb: string, source: readonly Sent[], work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  const bytes = source.reduce((sum, { value }) => sum + Buffer.byteLength(value, 'base64'), 0);
  const speed = Math.round(source.length / seconds);
  const size = `${source.length} records, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
  console.log(`${verb} ${size} in ${seconds.toFixed(1)} s: ${speed} records/s`);
  return result;
}

async function run(): Promise<void> {
  const source = cityRecords(Number(options.records));
  const clusters = await call<{ data: { cluster_id: string }[] }>('GET', '/v3/clusters');
  const topics = `/v3/clusters/${clusters.data[0]?.cluster_id}/topics`;
  // The records are older than the week for which a topic keeps its records by default.
  const configs = [{ name: 'retention.ms', value: '-1' }];
  const topicBody = { topic_name: topic, partitions_count: partitions.length, configs };
  await call('POST', topics, topicBody);
  console.log(`topic ${topic} with ${partitions.length} partitions on ${server}`);

  const log: Sent[][] = partitions.map(() => []);
  const repeated = await timed('wrote', source, () => write(source, log));
  const total = log.reduce((sum, { length }) => sum + length, 0);
  same('records acknowledged', total, source.length);
  console.log(`ok  each acknowledged at an offset of its own; ${repeated} requests sent twice`);

  for (const [partition, { length }] of log.entries()) {
    const path = `/topics/${topic}/partitions/${partition}/offsets`;
    const bounds = await call<{ beginning_offset: number; end_offset: number }>('GET', path);
    same(`beginning of ${partition}`, bounds.beginning_offset, 0);
    same(`end of ${partition}`, bounds.end_offset, length);
  }
  console.log('ok  the partitions begin at 0 and end after the last record');

  const got = await timed('read', source, async () => {
    const parts: Read[][] = [];
    for (const [partition, { length }] of log.entries()) {
      parts.push(await read(partition, 0, length, 1_000_000));
    }
    return parts;
  });
  for (const [partition, records] of got.entries()) checkRecords(records, log[partition] ?? []);
  console.log('ok  key, value, time and headers are those acknowledged at each offset');
  checkPartitions(got);
  console.log(`ok  each country lies where Kafka's partitioner puts it`);
  same('values by key', digests(got.flat()), digests(source));
  console.log('ok  each country has its cities in the order of the source (SHA-256)');

  let times = 0;
  for (const [partition, records] of log.entries()) {
    const middle = Math.floor(records.length / 2);
    const few = records.slice(middle, middle + 250);
    checkRecords(await read(partition, middle, middle + few.length, 10_000), few, middle);
    times += await checkTimes(partition, records);
  }
  console.log('ok  reading from the middle finds the same records');
  console.log(`ok  ${times} look-ups by time find the first record at or after it`);
  if (!options.keep) await call('DELETE', `${topics}/${topic}`);
}

let own: OwnServer | undefined;
try {
  if (options.server === undefined) own = await startOwnServer(interrupt.signal);
  server = options.server ?? own?.url ?? '';
  await run();
} catch (error) {
  const { message, cause } = error as Error;
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  console.error(interrupt.signal.aborted ? 'interrupted' : `failed: ${message}${reason}`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
  interrupt.abort(); // What is still in flight.
} finally {
  await own?.stop();
}
