import { setTimeout as sleep } from 'node:timers/promises';
import type { Read } from '../sim/checker/history.ts';
import type { Answer, Gateway } from './gateway.ts';
import type { Client } from './producers.ts';
import { shortened } from './recorder.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

interface Page {
  readonly records: readonly Read[];
  readonly highWatermark: bigint;
  readonly nextOffset: bigint;
}

/** The machine may be busy with other things, which a function takes for a slow store. */
const triesMax = 10;

/** Reads on and on: from the beginning, and now and then from somewhere before. */
export async function reader(client: Client): Promise<void> {
  const { name, gateway, recorder, random, topic, partitions } = client;
  const place = { topic, partition: random.int(0, partitions - 1) };
  let offset = 0n;
  let seek = true;
  while (!client.isOver()) {
    const invoked = recorder.now();
    const answer = await fetchPage(gateway, place, offset, random.int(300, 5_000));
    const page = pageOf(answer);
    const poll = { client: name, ...place, invoked, completed: recorder.now(), seek, offset };
    if (page !== undefined) {
      const { records, highWatermark, nextOffset } = page;
      recorder.polls.push({ ...poll, outcome: 'ok', records, highWatermark });
      seek = random.chance(0.05);
      offset = seek ? BigInt(random.int(0, Number(nextOffset))) : nextOffset;
    } else if (answer?.text.includes('"error_code":50002') === true) {
      recorder.wrong.push({ rule: 'unforeseen answer', detail: `to ${name}: ${answer.text}` });
    } else if (answer !== undefined && answer.status < 500) {
      recorder.polls.push({ ...poll, outcome: 'out-of-range', records: [], highWatermark: -1n });
    }
    if (random.chance(0.1)) await list(client, place);
    await sleep(random.int(0, 100));
  }
}

async function list({ name, gateway, recorder }: Client, place: Place): Promise<void> {
  const invoked = recorder.now();
  const path = `/topics/${place.topic}/partitions/${place.partition}/offsets`;
  const answer = await gateway.ask({ method: 'GET', path });
  const completed = recorder.now();
  if (answer?.status !== 200) return;
  const told = JSON.parse(answer.text) as { beginning_offset: number; end_offset: number };
  const listing = { client: name, ...place, invoked, completed, timestamp: -1n };
  recorder.listings.push(
    { ...listing, at: 'earliest', offset: BigInt(told.beginning_offset) },
    { ...listing, at: 'latest', offset: BigInt(told.end_offset) },
  );
}

/** Reads a partition from its start to its end, for the record. Nothing is at fault any more. */
export async function readAll(
  { name, gateway, recorder }: Pick<Client, 'name' | 'gateway' | 'recorder'>,
  place: Place,
): Promise<void> {
  const records: Read[] = [];
  for (;;) {
    const offset = BigInt(records.length);
    let page: Page | undefined;
    for (let tries = 0; page === undefined; tries += 1) {
      const answer = await fetchPage(gateway, place, offset, 60_000);
      page = pageOf(answer);
      if (tries > triesMax) throw new Error(`no records: ${JSON.stringify(answer)}`);
    }
    records.push(...page.records);
    if (page.records.length > 0) continue;
    recorder.finals.push({ ...place, reader: name, records, end: page.highWatermark });
    return;
  }
}

function fetchPage(
  gateway: Gateway,
  { topic, partition }: Place,
  offset: bigint,
  patienceMs: number,
): Promise<Answer | undefined> {
  const query = `offset=${offset}&max_bytes=200000`;
  const path = `/topics/${topic}/partitions/${partition}/records?${query}`;
  return gateway.ask({ method: 'GET', path }, patienceMs);
}

function pageOf(answer: Answer | undefined): Page | undefined {
  if (answer?.status !== 200) return undefined;
  const records = JSON.parse(answer.text) as {
    readonly offset: number;
    readonly timestamp: number;
    readonly value: string;
  }[];
  return {
    records: records.map(({ offset, timestamp, value }) => ({
      offset: BigInt(offset),
      timestamp: BigInt(timestamp),
      value: shortened(value),
    })),
    highWatermark: BigInt(answer.headers['tailrace-high-watermark'] ?? -1),
    nextOffset: BigInt(answer.headers['tailrace-next-offset'] ?? -1),
  };
}
