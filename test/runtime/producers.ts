import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Seeded } from '../local/random.ts';
import type { Answer, Gateway, Request } from './gateway.ts';
import type { Asked, Recorder } from './recorder.ts';

export interface Client {
  readonly name: string;
  readonly gateway: Gateway;
  readonly recorder: Recorder;
  readonly random: Seeded;
  readonly topic: string;
  readonly partitions: number;
  /** Whether it is time to end. */
  readonly isOver: () => boolean;
  readonly count: (what: 'retries' | 'redeliveries') => void;
}

interface NewRecord {
  readonly value: string;
  readonly key?: string;
  readonly partition?: number;
}

const triesMax = 6;
/** Mostly inline, some in an object of their own. */
const sizes = [12, 12, 60, 300, 300, 2_000, 9_000];

/** Sends each request once: what it is not told stays unknown. */
export async function plainProducer(client: Client): Promise<void> {
  const { random, partitions } = client;
  await loop(client, async (asked, records) => {
    const partition = random.int(0, partitions - 1);
    const named = random.chance(0.5) ? records : records.map((each) => ({ ...each, partition }));
    const patienceMs = random.chance(0.5) ? 60_000 : random.int(300, 2_000);
    await attempt(client, asked, requestOf(client, { records: named }), patienceMs, randomUUID());
  });
}

/** Tries again under the same sequence; where that leads to nothing, goes on in a new epoch. */
export async function idempotentProducer(client: Client): Promise<void> {
  const partition = client.random.int(0, client.partitions - 1);
  const producerId = randomInt(2 ** 47);
  let producerEpoch = 0;
  let sequence = 0;
  await loop(client, async (asked, records) => {
    const request = requestOf(client, {
      records: records.map((record) => ({ ...record, partition })),
      producers: [{ partition, producer_id: producerId, producer_epoch: producerEpoch, sequence }],
    });
    const isTold = await insist(client, { ...asked, producer: client.name }, request);
    sequence += records.length;
    if (isTold) return;
    producerEpoch += 1;
    sequence = 0;
  });
}

/** Tries again under a key, with records of several partitions. */
export async function keyedProducer(client: Client): Promise<void> {
  await loop(client, async (asked, records) => {
    const keyed = records.map((record) => ({ ...record, key: `k${client.random.int(0, 20)}` }));
    const headers = { 'idempotency-key': `${client.name}.${asked.request}` };
    await insist(client, asked, requestOf(client, { records: keyed }, headers));
  });
}

async function loop(
  client: Client,
  send: (asked: Asked, records: readonly NewRecord[]) => Promise<void>,
): Promise<void> {
  const { name, topic, recorder, random } = client;
  while (!client.isOver()) {
    const request = recorder.newRequest();
    const values = Array.from({ length: random.int(1, 4) }, (_, index) =>
      `${name}.${request}.${index}:`.padEnd(sizes[random.int(0, sizes.length - 1)] ?? 0, 'x'),
    );
    await send(
      { client: name, topic, request, values },
      values.map((value) => ({ value })),
    );
    await sleep(random.int(0, 60));
  }
}

/** Asks until every record has its offset; false if that never came. */
async function insist(client: Client, asked: Asked, request: Request): Promise<boolean> {
  const { random, count } = client;
  let id = randomUUID();
  for (let tries = 1; tries <= triesMax; tries += 1) {
    // The same request by a client that tries again, or the same event by a service that does.
    const isRedelivery = random.chance(0.5);
    if (tries > 1) count(isRedelivery ? 'redeliveries' : 'retries');
    id = isRedelivery ? id : randomUUID();
    const patienceMs = random.int(300, 2_500);
    const isAgain = await attempt(client, asked, request, patienceMs, id);
    // Now and then once more, though it was answered.
    if (!isAgain && !random.chance(0.1)) return true;
  }
  return false;
}

/** One attempt. True if another may help. */
async function attempt(
  { gateway, recorder }: Client,
  asked: Asked,
  request: Request,
  patienceMs: number,
  id: string,
): Promise<boolean> {
  const invoked = recorder.now();
  const answer: Answer | undefined = await gateway.ask(request, patienceMs, id);
  return recorder.send(asked, invoked, answer);
}

function requestOf(
  { topic }: Client,
  body: { readonly records: readonly NewRecord[]; readonly producers?: readonly object[] },
  headers: Readonly<Record<string, string>> = {},
): Request {
  return {
    method: 'POST',
    path: `/topics/${topic}`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** One record to each partition, which must succeed: nothing is at fault any more. */
export async function finish(client: Client): Promise<void> {
  const { name, topic, recorder, partitions } = client;
  for (let partition = 0; partition < partitions; partition += 1) {
    const request = recorder.newRequest();
    const value = `${name}.${request}`;
    const asked = { client: name, topic, request, values: [value] };
    const body = { records: [{ value, partition }] };
    const isMissing = await attempt(client, asked, requestOf(client, body), 60_000, randomUUID());
    if (isMissing) recorder.wrong.push({ rule: 'stuck', detail: `${topic}/${partition}` });
  }
}
