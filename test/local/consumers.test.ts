import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { Engine } from '../../lib/engine/engine.ts';
import { startHttpServer } from '../../lib/local/http-server.ts';
import { memoryEnv, otherProcess } from '../engine/memory-env.ts';
import { endServers, serve } from './server-process.ts';

// An instance is in the store, and nowhere else: it survives the server that made it, and works
// through any of several.

afterEach(endServers);

interface PolledRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: number;
}

async function ask(url: string, line: string, body?: unknown): Promise<unknown> {
  const [method = '', path = ''] = line.split(' ');
  const response = await fetch(url + path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${line}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** A topic of two partitions with so many records, and an instance that subscribes to it. */
async function prepare(url: string, count: number): Promise<string> {
  const { data } = (await ask(url, 'GET /v3/clusters')) as { data: { cluster_id: string }[] };
  const topics = `/v3/clusters/${data[0]?.cluster_id ?? ''}/topics`;
  await ask(url, `POST ${topics}`, { topic_name: 't', partitions_count: 2 });
  const records = Array.from({ length: count }, (_, i) => ({ partition: i % 2, value: i }));
  await ask(url, 'POST /topics/t', { records });
  const config = {
    name: 'i',
    format: 'json',
    'auto.offset.reset': 'earliest',
    'auto.commit.enable': false,
  };
  await ask(url, 'POST /consumers/g', config);
  await ask(url, 'POST /consumers/g/instances/i/subscription', { topics: ['t'] });
  return '/consumers/g/instances/i';
}

async function poll(url: string, path: string, query: string): Promise<readonly PolledRecord[]> {
  return (await ask(url, `GET ${path}/records?${query}`)) as readonly PolledRecord[];
}

const valuesOf = (records: readonly PolledRecord[]) =>
  records.map(({ value }) => value).toSorted((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test('kill -9 of the server between two polls loses nothing and repeats nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tailrace-consumers-'));
  try {
    const seen: PolledRecord[] = [];
    let server = serve(directory);
    const path = await prepare(await server.url(), 20);
    for (let round = 0; seen.length < 20; round += 1) {
      const url = await server.url();
      seen.push(...(await poll(url, path, 'timeout=2000&max_bytes=8')));
      await server.signal('SIGKILL');
      server = serve(directory);
      if (round > 20) throw new Error(`only ${seen.length} records came`);
    }
    expect(valuesOf(seen)).toEqual(upTo(20));
    const url = await server.url();
    expect(await poll(url, path, 'timeout=0')).toEqual([]);
    // What was never acknowledged comes again, also from another process.
    await ask(url, 'POST /topics/t', { records: [{ value: 20 }, { value: 21 }] });
    const first = await poll(url, path, 'ack=0&timeout=2000');
    await server.signal('SIGKILL');
    server = serve(directory);
    expect(await poll(await server.url(), path, 'ack=0&timeout=0')).toEqual(first);
    await ask(await server.url(), `POST ${path}/offsets`);
    await ask(await server.url(), `DELETE ${path}`);
  } finally {
    await endServers();
    await rm(directory, { recursive: true });
  }
}, 120_000);

test('two servers on one store serve one instance', async () => {
  const env = memoryEnv();
  const servers = await Promise.all(
    [1, 2].map(() => {
      const onError = (error: unknown): void => {
        throw error;
      };
      const engine = new Engine(otherProcess(env), { prices: awsPrices, onError });
      const broker = createBroker(engine);
      return startHttpServer({ broker, host: '127.0.0.1', port: 0, log: () => undefined });
    }),
  );
  try {
    const [one = '', two = ''] = servers.map(({ url }) => url);
    const path = await prepare(one, 40);
    const seen: PolledRecord[] = [];
    // In turns, then at the same time.
    for (const url of [two, one, two, one]) {
      seen.push(...(await poll(url, path, 'timeout=2000&max_bytes=4')));
    }
    while (seen.length < 40) {
      const told = await Promise.all(
        [one, two, one].map((url) => poll(url, path, 'timeout=0&max_bytes=4')),
      );
      seen.push(...told.flat());
    }
    expect(valuesOf(seen)).toEqual(upTo(40));
    await ask(one, `POST ${path}/offsets`);
    const partitions = [0, 1].map((partition) => ({ topic: 't', partition }));
    expect(await ask(two, `POST ${path}/offsets:committed`, { partitions })).toEqual({
      offsets: partitions.map((each) => ({ ...each, offset: 20, metadata: '' })),
    });
    await ask(two, `DELETE ${path}`);
    await expect(poll(one, path, 'timeout=0')).rejects.toThrow('40403');
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
});
