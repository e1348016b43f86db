import type {
  Broker,
  FetchedRecord,
  ProducedRecord,
  ProduceRecord,
} from '../../lib/broker/broker.ts';
import { recordsOf } from '../../lib/broker/records.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import { checkConfig } from '../../lib/core/log/config.ts';
import { logConfig } from '../../lib/engine/engine.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type { Environment } from '../../lib/ports/environment.ts';
import { memoryEnv, otherProcess, startEngine } from '../engine/memory-env.ts';
import { VirtualClock } from '../engine/virtual-clock.ts';

export interface Started {
  readonly env: Environment;
  readonly engine: Engine;
  readonly broker: Broker;
  readonly clock: VirtualClock;
}

/** A ring of four slots that publishes group by group: it wraps within a dozen commits. */
export const tinyRing: LogConfig = checkConfig({
  ...logConfig,
  ringSlots: 4,
  spillSlots: 2,
  producersMax: 2,
  soleBytes: 0,
  sharedBytes: 0,
  spillRetryEvery: 1,
});

/** One process on empty stores, on a clock that costs no time. */
export function startBroker(config?: LogConfig): Started {
  const clock = new VirtualClock();
  const env = memoryEnv({ clock });
  return { env, clock, ...startEngine(env, config) };
}

/** Another process on the same stores. */
export function another({ env, clock }: Started, config?: LogConfig): Started {
  const other = otherProcess(env);
  return { env: other, clock, ...startEngine(other, config) };
}

export const record = (
  value: string | null,
  parts: Partial<ProduceRecord> = {},
): ProduceRecord => ({
  key: null,
  value: value === null ? null : Buffer.from(value),
  headers: [],
  ...parts,
});

/** The offsets of records that all must have been taken. */
export function offsetsOf(results: readonly ProducedRecord[]): number[] {
  return results.map((result) => {
    if (!result.ok) throw new Error(`${result.error}: ${result.message}`);
    return Number(result.offset);
  });
}

/** Errors by index; undefined where a record was taken. */
export const errorsOf = (results: readonly ProducedRecord[]): (string | undefined)[] =>
  results.map((result) => (result.ok ? undefined : result.error));

export async function put(broker: Broker, topic: string, ...values: string[]): Promise<number[]> {
  return offsetsOf(await broker.produce({ topic, records: values.map((value) => record(value)) }));
}

export async function readAll(
  broker: Broker,
  topic: string,
  partition = 0,
): Promise<readonly FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  for (;;) {
    const offset = BigInt(records.length);
    const wanted = { topic, partition, offset, minBytes: 0, maxWaitMs: 0, maxBytes: 1_000_000 };
    const found = recordsOf(await broker.fetch(wanted));
    if (found.length === 0) return records;
    for (const one of found) {
      if (one.offset !== BigInt(records.length)) throw new Error(`gap at ${records.length}`);
      records.push(one);
    }
  }
}

export async function valuesOf(broker: Broker, topic: string, partition = 0): Promise<string[]> {
  const records = await readAll(broker, topic, partition);
  return records.map(({ value }) => Buffer.from(value ?? []).toString());
}

/** The name of the Kafka error with which this fails. */
export async function errorOf(work: Promise<unknown>): Promise<string> {
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failed instanceof Error && 'kafka' in failed) return String(failed.kafka);
  throw new Error(`expected an error of Kafka's, got ${String(failed)}`);
}
