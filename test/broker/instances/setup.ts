import type { Broker } from '../../../lib/broker/broker.ts';
import type {
  InstanceName,
  PollInput,
  TakenAnswer,
} from '../../../lib/broker/instances/instance-types.ts';
import { recordsOf } from '../../../lib/broker/records.ts';
import type { GivenConfig } from '../../../lib/core/instance/config.ts';
import { record, startBroker } from '../setup.ts';
import type { Started } from '../setup.ts';

export const earliest: GivenConfig = {
  'auto.offset.reset': 'earliest',
  'auto.commit.enable': false,
};

/** Topic `t`, and nothing in it. */
export async function started(partitions = 1): Promise<Started> {
  const all = startBroker();
  await all.broker.createTopic({ name: 't', partitions });
  return all;
}

/** Each value as a batch of its own. */
export async function fill(broker: Broker, partition: number, ...values: readonly string[]) {
  for (const value of values) {
    const [told] = await broker.produce({ topic: 't', records: [record(value, { partition })] });
    if (told?.ok !== true) throw new Error(`not taken: ${JSON.stringify(told)}`);
  }
}

type Input = Pick<PollInput<unknown>, 'timeoutMs' | 'ack' | 'maxBytes'> & { readonly max: number };

export interface Answer {
  /** `partition:value` */
  readonly records: readonly string[];
  readonly pollId: number | undefined;
}

/** One poll, whose answer has room for so many records. */
export async function poll(
  broker: Broker,
  of: InstanceName,
  parts: Partial<Input> = {},
): Promise<Answer> {
  const { max = 1_000, timeoutMs = 0, ack, maxBytes = 1_000_000 } = parts;
  const { answer, pollId } = await broker.instances.poll<readonly string[]>(of, {
    timeoutMs,
    maxBytes,
    ack,
    checkFormat: () => undefined,
    take(found): TakenAnswer<readonly string[]> {
      const records: string[] = [];
      const taken = found.map(({ topic, partition, fetched, before }) => {
        let next = fetched.offset;
        const from = next;
        for (const one of recordsOf(fetched)) {
          if (records.length >= max || (before !== undefined && one.offset >= before)) break;
          records.push(`${partition}:${String(Buffer.from(one.value ?? []))}`);
          next = one.offset + 1n;
        }
        return { topic, partition, from, next, hasRecords: next > from };
      });
      return { answer: records, taken };
    },
  });
  return { records: answer, pollId };
}

/** An instance that subscribes to `t`. */
export async function subscribed(
  broker: Broker,
  group: string,
  config: GivenConfig = earliest,
): Promise<InstanceName> {
  const name = await broker.instances.create(group, undefined, config);
  await broker.instances.subscribe({ group, name }, ['t']);
  return { group, name };
}

/** The reason for which an instance does not do it, or the name of Kafka's error. */
export async function reasonOf(work: Promise<unknown>): Promise<string> {
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failed instanceof Error && 'reason' in failed) return String(failed.reason);
  if (failed instanceof Error && 'kafka' in failed) return String(failed.kafka);
  throw new Error(`expected a refusal, got ${String(failed)}`);
}

export const committed = async (broker: Broker, group: string, partition = 0) => {
  const [found] = await broker.fetchOffsets({ group, partitions: [{ topic: 't', partition }] });
  return found?.committed?.offset;
};
