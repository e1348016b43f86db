// What networks do to a client of a real server: each fault lasts until it has been met.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/create-client.ts';
import { openUrl } from '../../../lib/client/http/open-url.ts';
import { limits } from '../../../lib/std/limits.ts';
import { OutcomeUnknown } from '../../../lib/client/errors.ts';
import { string } from '../../../lib/client/serdes.ts';
import type { Client } from '../../../lib/client/types.ts';
import { startProxy } from '../../adapters/aws-proxy.ts';
import type { Mode, Proxy } from '../../adapters/aws-proxy.ts';
import { startTestServer } from '../../conformance/server.ts';
import type { TestServer } from '../../conformance/server.ts';
import { newTopic, readAll } from '../suite-support.ts';

let server: TestServer;
let proxy: Proxy;
/** Through the proxy. */
let client: Client;
/** Past it: what is really there. */
let witness: Client;

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startProxy(server.url);
  client = await createClient({ url: proxy.url, requestTimeoutMs: 400 });
  witness = await createClient({ url: server.url });
});
afterAll(async () => {
  proxy.mode = 'pass';
  await client.close();
  await witness.close();
  await proxy.close();
  await server.close();
});

const endOf = async (topic: string) =>
  (await witness.admin.listOffset({ topic, partition: 0 }, 'end')).offset;

/** Resolves when so many records are there, although nobody was told. */
async function appended(topic: string, count: bigint): Promise<void> {
  for (;;) {
    if ((await endOf(topic)) >= count) return;
  }
}

const served: readonly Mode[] = ['reset-reply', 'swallow-reply', 'stall', 'drip'];
const unserved: readonly Mode[] = ['reset-request', 'swallow'];

describe('a producer', () => {
  test.each(served)('whose answer is lost (%s) sends again, and appends once', async (mode) => {
    const topic = await newTopic(client);
    await using producer = client.producer({ lingerMs: 0 });
    const first = await producer.send({ topic, value: 'before' });
    proxy.mode = mode;
    const sending = producer.send({ topic, value: 'meanwhile' });
    await appended(topic, 2n);
    const after = producer.send({ topic, value: 'after' });
    proxy.mode = 'pass';
    expect([first.offset, (await sending).offset, (await after).offset]).toEqual([0n, 1n, 2n]);
    expect(await endOf(topic)).toBe(3n);
  });

  test.each(unserved)('whose request is lost (%s) sends again', async (mode) => {
    const topic = await newTopic(client);
    await using producer = client.producer({ lingerMs: 0 });
    await producer.send({ topic, value: 'before' });
    proxy.mode = mode;
    const sending = producer.send({ topic, value: 'meanwhile' });
    // Longer than a try takes.
    await new Promise((resolve) => setTimeout(resolve, 600));
    proxy.mode = 'pass';
    expect((await sending).offset).toBe(1n);
    expect(await endOf(topic)).toBe(2n);
  });

  test('that is not idempotent is told that nobody knows, and does not send again', async () => {
    const topic = await newTopic(client);
    await using producer = client.producer({ lingerMs: 0, idempotent: false });
    await producer.send({ topic, value: 'before' });
    proxy.mode = 'reset-reply';
    const error: unknown = await producer
      .send({ topic, value: 'meanwhile' })
      .catch((e: unknown) => e);
    proxy.mode = 'pass';
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect((error as OutcomeUnknown).retryMayDuplicate).toBe(true);
    expect(await endOf(topic)).toBe(2n);
  });
});

test('what is too large is told as that, although the server does not read all of it', async () => {
  const topic = await newTopic(client);
  const transport = openUrl(server.url);
  const batch = Buffer.alloc(limits.requestBytesMax + 1);
  const sending = transport.produceBatch({ topic, partition: 0, batch });
  await expect(sending).rejects.toMatchObject({ kafka: 'MESSAGE_TOO_LARGE' });
  await transport.close();
});

test.each([...served, ...unserved])('a consumer goes on after %s', async (mode) => {
  const topic = await newTopic(client);
  await using producer = witness.producer();
  const values = Array.from({ length: 50 }, (_, index) => String(index));
  const half = values.slice(0, 25);
  await Promise.all(half.map((value) => producer.send({ topic, value })));
  const consumer = client.consumer({ value: string, assignments: [{ topic }], maxWaitMs: 100 });
  const seen: (string | null)[] = [];
  for await (const { value } of consumer) {
    seen.push(value);
    if (seen.length === 25) {
      proxy.mode = mode;
      await Promise.all(values.slice(25).map((each) => producer.send({ topic, value: each })));
      setTimeout(() => (proxy.mode = 'pass'), 600);
    }
    if (seen.length === 50) break;
  }
  await consumer.close();
  expect(seen).toEqual(values);
  const all = await readAll(witness.consumer({ assignments: [{ topic }], until: 'end' }));
  expect(all).toHaveLength(50);
});
