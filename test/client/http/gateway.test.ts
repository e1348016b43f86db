// Gateways that fail before, after, or instead of what is behind them, by a seed.
import { describe, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/create-client.ts';
import { string } from '../../../lib/client/serdes.ts';
import { handle } from '../../../lib/http/handle.ts';
import type { HttpRequest } from '../../../lib/http/http-message.ts';
import { must } from '../../../lib/std/assert.ts';
import { memoryEnv, startEngine } from '../../engine/memory-env.ts';
import { Seeded } from '../../engine/seeded.ts';
import { readAll } from '../suite-support.ts';
import { httpServer } from './servers.ts';

/** What becomes of twenty requests, in an order of the seed's. */
const deck = [
  ...Array.from({ length: 14 }, () => 'pass' as const),
  'throttle',
  'throttle',
  'lose',
  'fail',
  'lose answer',
  'fail after',
] as const;
type Fate = (typeof deck)[number];

/** A log in memory behind a gateway that does these things to requests. */
async function troubled(seed: number) {
  const random = new Seeded(seed);
  const { broker } = startEngine(memoryEnv());
  const left: Fate[] = [];
  let decks = 0;
  const draw = (): Fate => {
    if (left.length === 0) {
      left.push(...deck);
      decks += 1;
    }
    return must(left.splice(random.int(0, left.length - 1), 1)[0], 'fate');
  };
  const server = await httpServer(async (request, response, body) => {
    const html = { 'content-type': 'text/html' };
    const fate = draw();
    if (fate === 'throttle') {
      const json = { 'content-type': 'application/json', 'retry-after': '1' };
      return response.writeHead(429, json).end('{"message":"Too Many Requests"}');
    }
    if (fate === 'lose') return request.socket.destroy();
    if (fate === 'fail') return response.writeHead(503, html).end('<h1>503</h1>');
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const asked: HttpRequest = {
      method: request.method ?? '',
      path,
      query,
      headers: request.headers as Record<string, string>,
      body,
      baseUrl: '',
      requestId: 'r-1',
    };
    const answer = await handle(broker, asked, (error) => {
      throw error;
    });
    if (fate === 'lose answer') return request.socket.destroy();
    if (fate === 'fail after') return response.writeHead(502, html).end('<h1>502</h1>');
    return response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return { server, broker, decks: () => decks };
}

describe.each([1, 2, 3])('seed %i', (seed) => {
  test('a producer loses and doubles nothing, a consumer reads all of it', async () => {
    const { server, broker, decks } = await troubled(seed);
    const topic = 't';
    await broker.createTopic({ name: topic, partitions: 3 });
    await using client = await createClient({ url: server.url });
    const producer = client.producer({ lingerMs: 1, batchBytes: 1_000 });
    const sent = Array.from({ length: 900 }, (_, index) => ({
      topic,
      partition: index % 3,
      value: `${index}`.padStart(40),
    }));
    const deliveries = await Promise.all(sent.map((record) => producer.send(record)));
    const consumer = client.consumer({ value: string, assignments: [{ topic }], until: 'end' });
    const read = await readAll(consumer);
    for (const partition of [0, 1, 2]) {
      const values = read.filter((record) => record.partition === partition);
      const expected = sent.filter((record) => record.partition === partition);
      expect(values.map(({ value }) => value)).toEqual(expected.map(({ value }) => value));
    }
    for (const [index, { partition, offset }] of deliveries.entries()) {
      expect([partition, offset]).toEqual([index % 3, BigInt(Math.floor(index / 3))]);
    }
    // Everything was met, several times.
    expect(decks()).toBeGreaterThan(2);
  });
});
