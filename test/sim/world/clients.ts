import type {
  Broker,
  FetchInput,
  ProduceInput,
  ProducedRecord,
} from '../../../lib/broker/broker.ts';
import { recordsOf } from '../../../lib/broker/records.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { UnknownFormat } from '../../../lib/store/format.ts';
import type { Poll, Read } from '../checker/history.ts';
import { partitionOf } from '../checker/history.ts';
import type { Outcome } from '../checker/outcome.ts';
import { epochMs } from './host.ts';
import { textOf } from './journal.ts';
import type { Member } from './member.ts';
import type { Answer, Running, World } from './world.ts';

/** What clients share: the topics, what they know of them, and what is left to do. */
export interface Work {
  readonly world: World;
  readonly topics: readonly string[];
  /** How many partitions a topic is known to have. */
  readonly partitions: Map<string, number>;
  /** Topics that somebody set out to delete: from then on they may be unknown. */
  readonly deleted: Set<string>;
  /** Members that were left when there was nothing left to do. */
  readonly members: Member[];
  left: number;
  done: number;
  requests: number;
}

/** What a client does until nothing is left to do. */
export type Workload = (work: Work, client: string) => Promise<void>;

export function more(work: Work): boolean {
  if (work.left <= 0) return false;
  work.left -= 1;
  work.done += 1;
  return true;
}

export const think = ({ world }: Work): Promise<void> =>
  world.scheduler.sleep(world.random.next() * 2 * world.mix.thinkMs);

export async function anyone({ world }: Work): Promise<Running> {
  for (;;) {
    const running = world.random.pick(world.processes);
    if (running.host.alive) return running;
    await world.scheduler.sleep(50);
  }
}

export const giveUp = ({ world }: Work): number => world.random.pick(world.mix.giveUpMs);

export function anyLog(work: Work): { readonly topic: string; readonly partition: number } {
  const topic = work.world.random.pick(work.topics);
  const partition = work.world.random.int(0, (work.partitions.get(topic) ?? 1) - 1);
  return { topic, partition };
}

export interface Records {
  readonly values: readonly string[];
  readonly records: ProduceInput['records'];
}

/** Records that no other request has. Timestamps are those of the client, which need not rise. */
export function someRecords(work: Work, name: string, partition?: () => number): Records {
  const { random, mix, scheduler } = work.world;
  const values = Array.from({ length: random.int(1, 4) }, (_, i) => `${name}.${i}`);
  const records = values.map((value) => ({
    ...(partition === undefined ? {} : { partition: partition() }),
    key: random.chance(0.3) ? Buffer.from(random.pick(['a', 'b', 'c'])) : null,
    value: Buffer.from(`${value}:`.padEnd(random.pick(mix.valueBytes), 'x')),
    headers: [],
    timestamp: timeOf(epochMs + scheduler.nowMs + random.int(-10_000, 10_000), mix.timestampMs),
  }));
  return { values, records };
}

const timeOf = (ms: number, grain: number): bigint => BigInt(Math.floor(ms / grain) * grain);

/** Nothing was appended, and never will be. */
const certain = new Set(['KAFKA_STORAGE_ERROR', 'THROTTLING_QUOTA_EXCEEDED']);
/** The same, where a topic that was deleted is the reason. */
const gone = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
]);

/** A request to append records with these values. */
export interface Sending {
  readonly topic: string;
  readonly values: readonly string[];
  readonly ask: (broker: Broker) => Promise<readonly ProducedRecord[]>;
  /** Who sends it under a sequence. */
  readonly producer?: string;
  /** What comes before it in its sequence may not be there yet: then it is out of order. */
  readonly overtakes?: boolean;
}

/** Sends records once, and notes what was told of each. */
export async function send(
  work: Work,
  client: string,
  running: Running,
  sending: Sending,
): Promise<readonly Outcome[]> {
  const { world } = work;
  const { topic, values, ask, producer } = sending;
  const invoked = world.moment();
  work.requests += 1;
  const request = work.requests;
  const text = `produce ${topic} ${values.join(' ')}`;
  const answer = await world.call(client, running, text, giveUp(work), ({ broker }) => ask(broker));
  const completed = answer.kind === 'lost' ? Infinity : world.moment();
  return values.map((value, i) => {
    const record = answer.kind === 'value' ? answer.value[i] : undefined;
    const outcome = outcomeOf(work, sending, value, answer, record);
    const at = record?.ok === true ? record : { partition: -1, offset: -1n };
    const { partition, offset } = { partition: at.partition ?? -1, offset: at.offset };
    const told = { client, topic, value, request, outcome, partition, offset };
    const by = producer === undefined ? {} : { producer };
    world.history.sends.push({ ...told, ...by, invoked, completed });
    world.trace.add(client, `told ${value} ${outcome} ${partition}@${offset}`);
    return outcome;
  });
}

function outcomeOf(
  work: Work,
  sending: Sending,
  value: string,
  answer: Answer<unknown>,
  record: ProducedRecord | undefined,
): Outcome {
  switch (answer.kind) {
    case 'refused':
      return 'failed';
    case 'lost':
      return 'unknown';
    case 'error':
      return judged(work, sending, value, answer.error);
    case 'value':
      if (record?.ok === true) return 'ok';
      if (record?.unknown !== undefined) return 'unknown';
      return judged(
        work,
        sending,
        value,
        new ProtocolError(record?.error ?? 'NONE', record?.message ?? ''),
      );
  }
}

function judged(
  work: Work,
  { topic, overtakes = false }: Sending,
  what: string,
  error: unknown,
): Outcome {
  // What it had sent before it met a slot that it cannot read may lie in one that it can.
  if (error instanceof UnknownFormat) return 'unknown';
  if (!(error instanceof ProtocolError)) {
    work.world.wrong('assertion', `${what}: ${String(error)}`);
    return 'unknown';
  }
  if (error.kafka === 'REQUEST_TIMED_OUT') return 'unknown';
  if (error.kafka === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && overtakes) return 'failed';
  expected(work, topic, what, error);
  return 'failed';
}

/** Notes an error that no client should meet here. True: it may be met. */
export function expected(work: Work, topic: string, what: string, error: unknown): boolean {
  if (error instanceof UnknownFormat) return true;
  const kafka = error instanceof ProtocolError ? error.kafka : '';
  if (certain.has(kafka) || (gone.has(kafka) && work.deleted.has(topic))) return true;
  const rule = error instanceof ProtocolError ? 'wrong refusal' : 'assertion';
  work.world.wrong(rule, `${what}: ${kafka} ${String(error)}`);
  return false;
}

/** Reads once, and notes what was told. Undefined: nothing was; try again. */
export async function poll(
  work: Work,
  client: string,
  running: Running,
  input: FetchInput,
  seek: boolean,
): Promise<Poll | undefined> {
  const { world } = work;
  const { topic, partition } = input;
  const invoked = world.moment();
  const text = `fetch ${topic}/${partition} from ${input.offset}`;
  const answer = await world.call(client, running, text, giveUp(work), ({ broker }) =>
    broker.fetch(input),
  );
  if (answer.kind !== 'value' && answer.kind !== 'error') return undefined;
  const told = { client, topic, partition, invoked, completed: world.moment(), seek };
  const note = (noted: Poll): Poll => {
    world.history.polls.push(noted);
    return noted;
  };
  if (answer.kind === 'error') {
    const { error } = answer;
    if (!(error instanceof ProtocolError) || error.kafka !== 'OFFSET_OUT_OF_RANGE') {
      expected(work, topic, `${client} ${text}`, error);
      return undefined;
    }
    const offset = typeof input.offset === 'bigint' ? input.offset : -1n;
    const log = onlyLog(work, topic, partition);
    const outcome = 'out-of-range';
    return note({ ...told, log, offset, outcome, records: [], highWatermark: -1n });
  }
  const fetched = answer.value;
  const records = recordsOf(fetched).map(({ offset, value, timestamp }) => ({
    offset,
    value: textOf(value),
    timestamp,
  }));
  const { offset, highWatermark } = fetched;
  const log =
    records.length === 0
      ? onlyLog(work, topic, partition)
      : logOf(work, partition, records, highWatermark);
  const list = records.map((record) => `${record.offset}=${record.value}`).join(' ');
  world.trace.add(client, `told from=${offset} end=${highWatermark} ${list}`);
  return note({ ...told, log, offset, outcome: 'ok', records, highWatermark });
}

/** Where a reader goes on; undefined: it begins anew. */
export function nextAfter({ outcome, offset, records }: Poll): bigint | undefined {
  if (outcome === 'out-of-range') return undefined;
  const last = records.at(-1);
  return last === undefined ? offset : last.offset + 1n;
}

/** The log that a name means, while it has meant only one. */
export function onlyLog(work: Work, topic: string, partition: number): string | undefined {
  if (work.deleted.has(topic)) return undefined;
  const [id] = work.world.journal.ids.get(topic) ?? [];
  return id === undefined ? undefined : `${id}/${partition}`;
}

/**
 * The log that holds these records, and is as long as was told; the newest, if a value that was
 * sent again lies in the logs of two topics. If none does: one that holds the first.
 */
function logOf(
  work: Work,
  partition: number,
  records: readonly Read[],
  end: bigint,
): string | undefined {
  const { places, logs } = work.world.journal;
  const found = (places.get(records[0]?.value ?? '') ?? [])
    .map(({ log }) => log)
    .filter((log) => partitionOf(log) === partition);
  const holds = (log: string): boolean =>
    BigInt(logs.get(log)?.records ?? 0) >= end &&
    records.every(({ value, offset }) =>
      places.get(value)?.some((place) => place.log === log && place.offset === offset),
    );
  return found.findLast(holds) ?? found[0];
}
