import type {
  Broker,
  Fetched,
  FetchInput,
  ListOffsetInput,
  ProducedRecord,
  ProduceInput,
} from '../../lib/broker/broker.ts';
import { alterConfigs } from '../../lib/core/topic/alter-configs.ts';
import type { Topic } from '../../lib/core/topic/topic.ts';
import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import type { LogRecord } from '../../lib/protocol/record.ts';
import { topicId } from '../../lib/std/brands.ts';
import { must } from '../../lib/std/assert.ts';
import { FakeGroups } from './fake-groups.ts';

const unknown = () => new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION');

/** Topics as arrays of records: enough of a broker for tests of a door. Waits for nothing. */
export class FakeBroker extends FakeGroups implements Broker {
  readonly topics = new Map<string, Topic>();
  readonly logs = new Map<string, LogRecord[]>();
  readonly calls: { readonly method: string; readonly input: unknown }[] = [];
  /** Thrown by the next produce, fetch or look-up. */
  failure: Error | undefined;
  /** Answers the next produce instead of the log. */
  answers: readonly ProducedRecord[] | undefined;
  /** Answers every fetch instead of the log. */
  fetched: Fetched | undefined;

  readonly clusterId = () => Promise.resolve('cluster-1');
  readonly isClusterId = (id: string) => Promise.resolve(id === 'cluster-1');

  readonly produce = async (input: ProduceInput): Promise<readonly ProducedRecord[]> => {
    this.#enter('produce', input);
    this.#topic(input.topic);
    const { answers } = this;
    this.answers = undefined;
    if (answers !== undefined) return answers;
    return input.records.map((record): ProducedRecord => {
      const partition = record.partition ?? 0;
      const log = this.logs.get(`${input.topic}/${partition}`);
      const message = 'no such partition';
      if (log === undefined) {
        return { ok: false, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION', message };
      }
      const timestamp = record.timestamp ?? 1_000n;
      log.push({ ...record, timestamp });
      return { ok: true, partition, offset: BigInt(log.length - 1), timestamp };
    });
  };

  readonly produceBatch: Broker['produceBatch'] = async (input) => {
    this.#enter('produceBatch', input);
    const log = this.#log(input.topic, input.partition);
    const { records } = decodeBatch(input.batch, { maxInflatedBytes: 1_000_000 });
    const baseOffset = BigInt(log.length);
    log.push(...records);
    return { partition: input.partition, baseOffset, count: records.length, timestamp: 1_000n };
  };

  readonly fetch = async (input: FetchInput): Promise<Fetched> => {
    this.#enter('fetch', input);
    if (this.fetched !== undefined) return this.fetched;
    const log = this.#log(input.topic, input.partition);
    const end = BigInt(log.length);
    const named = { beginning: 0n, end } as const;
    const offset = typeof input.offset === 'bigint' ? input.offset : named[input.offset];
    if (offset > end) throw new ProtocolError('OFFSET_OUT_OF_RANGE');
    // One batch holds all: a door must drop what lies below the offset.
    const batches = offset === end ? [] : [encodeBatch(log, { codec: 'none' })];
    return { batches, offset, highWatermark: end, lastStableOffset: end, logStartOffset: 0n };
  };

  readonly fetchMany: Broker['fetchMany'] = async ({ partitions, ...input }) =>
    Promise.all(
      partitions.map(async (one) => ({ ...one, fetched: await this.fetch({ ...one, ...input }) })),
    );

  get instances(): Broker['instances'] {
    throw new Error('expected a test that needs no instances');
  }

  readonly listOffset = async ({ topic, partition, at }: ListOffsetInput) => {
    this.#enter('listOffset', { topic, partition, at });
    const log = this.#log(topic, partition);
    if (at === 'earliest') return { offset: 0n, timestamp: -1n };
    if (at === 'latest') return { offset: BigInt(log.length), timestamp: -1n };
    const index =
      at === 'max-timestamp' ? log.length - 1 : log.findIndex((each) => each.timestamp >= at);
    return { offset: BigInt(index), timestamp: log[index]?.timestamp ?? -1n };
  };

  readonly createTopic: Broker['createTopic'] = async (input) => {
    this.#enter('createTopic', input);
    if (this.topics.has(input.name)) throw new ProtocolError('TOPIC_ALREADY_EXISTS');
    const partitions = input.partitions ?? 1;
    const { name } = input;
    const id = topicId(name);
    const topic = { name, id, partitions, configs: {}, deleting: false, version: 0 };
    if (input.validateOnly !== true) this.#put(topic);
    return topic;
  };

  readonly listTopics = async () => [...this.topics.values()];

  readonly describeTopic = async (name: string) => this.#topic(name);

  readonly deleteTopic = async (name: string) => {
    this.#topic(name);
    this.topics.delete(name);
  };

  readonly createPartitions = async (name: string, partitions: number) => {
    const topic = this.#topic(name);
    if (partitions <= topic.partitions) throw new ProtocolError('INVALID_PARTITIONS');
    return this.#put({ ...topic, partitions });
  };

  readonly alterConfigs: Broker['alterConfigs'] = async (name, ops) => {
    this.#enter('alterConfigs', ops);
    const topic = this.#topic(name);
    const result = alterConfigs(topic.configs, ops);
    if (!result.ok) throw new ProtocolError('INVALID_CONFIG');
    return this.#put({ ...topic, configs: result.configs });
  };

  #enter(method: string, input: unknown): void {
    this.calls.push({ method, input });
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw unknown();
    return topic;
  }

  #log(topic: string, partition: number): LogRecord[] {
    this.#topic(topic);
    const log = this.logs.get(`${topic}/${partition}`);
    if (log === undefined) throw unknown();
    return log;
  }

  #put(topic: Topic): Topic {
    this.topics.set(topic.name, topic);
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const key = `${topic.name}/${partition}`;
      this.logs.set(key, this.logs.get(key) ?? []);
    }
    return topic;
  }
}

/** A broker with topic `t` of two partitions. */
export async function fakeBroker(): Promise<FakeBroker> {
  const broker = new FakeBroker();
  await broker.createTopic({ name: 't', partitions: 2 });
  broker.calls.length = 0;
  return broker;
}

/** The input of the last call of a method. */
export function lastCall(broker: FakeBroker, method: string): unknown {
  return must(
    broker.calls.findLast((call) => call.method === method),
    `call of ${method}`,
  ).input;
}
