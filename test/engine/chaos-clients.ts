import type { ProduceInput, ProducedRecord } from '../../lib/broker/broker.ts';
import { recordsOf } from '../../lib/broker/records.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import type { ChaosWorld, Process } from './chaos-world.ts';

export const topic = 'chaos';

/** What a client was told of one record, over all its attempts. */
export interface Told {
  readonly value: string;
  /** `failed`: certainly not in the log, for ever. */
  outcome: 'acknowledged' | 'failed' | 'unknown';
  partition: number;
  offset: bigint;
}

export interface History {
  readonly told: Told[];
  /** Everything that readers saw while it went on. */
  readonly seen: { readonly partition: number; readonly offset: bigint; readonly value: string }[];
  /** Answers that nobody may ever get. */
  readonly wrong: string[];
}

/** Errors after which a producer may say that nothing was appended. */
const certain = new Set(['KAFKA_STORAGE_ERROR', 'THROTTLING_QUOTA_EXCEEDED']);

type Attempt = readonly ProducedRecord[] | 'failed' | 'unknown';

async function attempt(process: Process, input: ProduceInput, history: History): Promise<Attempt> {
  try {
    return await process.broker.produce(input);
  } catch (error) {
    if (error instanceof ProtocolError && error.kafka === 'REQUEST_TIMED_OUT') return 'unknown';
    if (error instanceof ProtocolError && certain.has(error.kafka)) return 'failed';
    history.wrong.push(`produce threw ${String(error)}`);
    return 'unknown';
  }
}

/** Adds up one attempt: once unknown, only an offset makes it known. True: try again helps. */
function note(told: readonly Told[], answers: Attempt, history: History): boolean {
  told.forEach((record, i) => {
    const answer = typeof answers === 'string' ? undefined : answers[i];
    if (answer?.ok === true) {
      const before = record.outcome === 'acknowledged' ? record.offset : answer.offset;
      if (before !== answer.offset) history.wrong.push(`${record.value} is told two offsets`);
      record.outcome = 'acknowledged';
      record.offset = answer.offset;
      record.partition = answer.partition;
      return;
    }
    const unknown = answer === undefined ? answers === 'unknown' : answer.unknown !== undefined;
    if (unknown && record.outcome === 'failed') record.outcome = 'unknown';
    if (answer !== undefined && !unknown && !certain.has(answer.error)) {
      history.wrong.push(`${record.value} is refused: ${answer.error} ${answer.message}`);
    }
  });
  return told.some(({ outcome }) => outcome !== 'acknowledged');
}

function records(world: ChaosWorld, name: string): { told: Told[]; input: ProduceInput } {
  const { random } = world;
  const told = Array.from({ length: random.int(1, 3) }, (_, i): Told => {
    const value = `${name}.${i}:`.padEnd(random.pick([12, 60, 300, 2_000]), 'x');
    return { value, outcome: 'failed', partition: -1, offset: -1n };
  });
  const input = {
    topic,
    records: told.map(({ value }) => ({ key: null, value: Buffer.from(value), headers: [] })),
  };
  return { told, input };
}

/** Sends once, and never again: an unknown outcome stays unknown. */
export async function plainClient(world: ChaosWorld, history: History, name: string) {
  const process = world.random.pick(world.processes);
  for (let i = 0; i < 12; i += 1) {
    const { told, input } = records(world, `${name}.${i}`);
    history.told.push(...told);
    note(told, await attempt(process, input, history), history);
    await world.clock.sleep(world.random.next() * 100);
  }
}

/** Tries again, by any process, under the same sequence; gives up into a new epoch. */
export async function idempotentClient(world: ChaosWorld, history: History, name: string) {
  const { random } = world;
  const partition = random.int(0, 1);
  const producerId = BigInt(random.int(1, 1_000_000));
  let producerEpoch = 0;
  let sequence = 0;
  for (let i = 0; i < 12; i += 1) {
    const { told, input } = records(world, `${name}.${i}`);
    history.told.push(...told);
    const producers = [{ partition, producerId, producerEpoch, sequence }];
    const all = input.records.map((record) => ({ ...record, partition }));
    let again = true;
    for (let tries = 0; again && tries < 4; tries += 1) {
      const process = random.pick(world.processes);
      const answers = await attempt(process, { topic, records: all, producers }, history);
      again = note(told, answers, history);
      // The same batch once more, though it was answered.
      if (!again && random.chance(0.2)) again = true;
    }
    sequence += told.length;
    if (told.some(({ outcome }) => outcome !== 'acknowledged')) {
      producerEpoch += 1;
      sequence = 0;
    }
    await world.clock.sleep(random.next() * 100);
  }
}

/** Tries again under a key, sometimes by two processes at once. */
export async function keyedClient(world: ChaosWorld, history: History, name: string) {
  const { random } = world;
  for (let i = 0; i < 8; i += 1) {
    const { told, input } = records(world, `${name}.${i}`);
    history.told.push(...told);
    const keyed = { ...input, idempotencyKey: `${name}.${i}` };
    let again = true;
    for (let tries = 0; again && tries < 4; tries += 1) {
      const at = Array.from({ length: random.int(1, 2) }, () => random.pick(world.processes));
      const answers = await Promise.all(at.map((process) => attempt(process, keyed, history)));
      for (const answer of answers) again = note(told, answer, history);
      if (!again && random.chance(0.3)) again = true;
    }
    await world.clock.sleep(random.next() * 100);
  }
}

/** Reads on and on, from the beginning and from the middle, and keeps all it saw. */
export async function reader(world: ChaosWorld, history: History, over: () => boolean) {
  const { random } = world;
  const partition = random.int(0, 1);
  let next = 0n;
  while (!over()) {
    const { broker } = random.pick(world.processes);
    try {
      const fetched = await broker.fetch({
        topic,
        partition,
        offset: next,
        minBytes: random.pick([0, 1, 500]),
        maxWaitMs: random.pick([0, 300]),
        maxBytes: random.pick([1, 500, 100_000]),
      });
      for (const { offset, value } of recordsOf(fetched)) {
        if (offset !== next) history.wrong.push(`reader expected ${next}, got ${offset}`);
        history.seen.push({ partition, offset, value: Buffer.from(value ?? []).toString() });
        next = offset + 1n;
      }
    } catch (error) {
      const passing = error instanceof ProtocolError && error.kafka === 'KAFKA_STORAGE_ERROR';
      if (!passing) history.wrong.push(`fetch threw ${String(error)}`);
    }
    if (random.chance(0.1)) next = BigInt(random.int(0, Number(next)));
    await world.clock.sleep(random.next() * 200);
  }
}
