import { validateTopicName } from '../../core/topic/topic-name.ts';
import type { AlterConfigOp } from '../../core/topic/alter-configs.ts';
import type {
  Fetched,
  FetchInput,
  ListedOffset,
  ListOffsetInput,
  ProducedBatch,
  ProduceBatchInput,
} from '../../broker/broker.ts';
import { toJson } from '../../http/json.ts';
import { rawBatch } from '../../http/media-types.ts';
import { int32Max } from '../../http/record-fields.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { batchLayout } from '../../protocol/record-batch-header.ts';
import type { ConfigEntry, NewTopic, TopicDescription, Transport } from '../transport.ts';
import { Body, fetchedOf } from './bodies.ts';
import { HttpGroups } from './group-transport.ts';

/** Administration: to repeat it changes nothing, or is refused. */
const change = { mayDuplicate: false } as const;
const json = { 'content-type': 'application/json' } as const;

/** A log behind its HTTP API. */
export class HttpTransport extends HttpGroups implements Transport {
  #cluster: Promise<string> | undefined;

  clusterId(): Promise<string> {
    return (this.#cluster ??= this.#askCluster());
  }

  async produceBatch({ topic, partition, batch }: ProduceBatchInput): Promise<ProducedBatch> {
    const body = await this.server.ask({
      method: 'POST',
      target: logPath(topic, partition),
      headers: { 'content-type': rawBatch },
      body: batch,
      write: { mayDuplicate: !isIdempotent(batch) },
    });
    const [report] = body.list('offsets');
    return {
      partition,
      baseOffset: body.bigint(report, 'offset'),
      count: Number(body.bigint(report, 'count')),
      timestamp: body.isNull(report, 'timestamp') ? undefined : body.bigint(report, 'timestamp'),
    };
  }

  async fetch(input: FetchInput): Promise<Fetched> {
    const { topic, partition, offset, minBytes, maxWaitMs, maxBytes, signal } = input;
    if (typeof offset === 'bigint' && offset < 0n) {
      throw new ProtocolError('OFFSET_OUT_OF_RANGE', `expected an offset from 0, offset=${offset}`);
    }
    const limits = `timeout=${count(maxWaitMs)}&min_bytes=${count(minBytes)}&max_bytes=${count(maxBytes)}`;
    const body = await this.server.ask({
      method: 'GET',
      target: `${logPath(topic, partition)}/records?offset=${offset}&${limits}`,
      accept: rawBatch,
      waitMs: maxWaitMs,
      ...(signal === undefined ? {} : { signal }),
    });
    return fetchedOf(body);
  }

  async listOffset({ topic, partition, at }: ListOffsetInput): Promise<ListedOffset> {
    const path = `${logPath(topic, partition)}/offsets`;
    if (at === 'earliest' || at === 'latest') {
      const body = await this.server.ask({ method: 'GET', target: path });
      const field = at === 'earliest' ? 'beginning_offset' : 'end_offset';
      return { offset: body.bigint(body.fields, field), timestamp: -1n };
    }
    // No record is older than 1970.
    const time = typeof at === 'bigint' && at < 0n ? 0n : at;
    const query = `timestamp=${time === 'max-timestamp' ? 'max' : time}`;
    const body = await this.server.ask({ method: 'GET', target: `${path}?${query}` });
    const { fields } = body;
    return { offset: body.bigint(fields, 'offset'), timestamp: body.bigint(fields, 'timestamp') };
  }

  async createTopic({ name, partitions, configs = {}, validateOnly }: NewTopic): Promise<void> {
    await this.#admin('POST', '', change, {
      topic_name: name,
      partitions_count: partitions,
      configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
      validate_only: validateOnly,
    });
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    const body = await this.#admin('GET', '');
    return body.list('data').map((topic) => ({
      name: body.text(topic, 'topic_name'),
      partitions: Number(body.bigint(topic, 'partitions_count')),
    }));
  }

  /** Through v2: who may produce may ask, and the cluster need not be known. */
  async describeTopic(name: string): Promise<TopicDescription> {
    const target = `/topics/${topicSegment(name)}/partitions`;
    const body = await this.server.ask({ method: 'GET', target });
    return { name, partitions: body.items.length };
  }

  async describeConfigs(name: string): Promise<readonly ConfigEntry[]> {
    const body = await this.#admin('GET', `/${topicSegment(name)}/configs`);
    return body.list('data').map((config) => ({
      name: body.text(config, 'name'),
      value: body.text(config, 'value'),
      isDefault: body.flag(config, 'is_default'),
    }));
  }

  async deleteTopic(name: string): Promise<void> {
    await this.#admin('DELETE', `/${topicSegment(name)}`, change);
  }

  async createPartitions(name: string, count: number): Promise<void> {
    await this.#admin('PATCH', `/${topicSegment(name)}`, change, { partitions_count: count });
  }

  async alterConfigs(name: string, ops: readonly AlterConfigOp[]): Promise<void> {
    // The API wants one at least.
    if (ops.length === 0) return void (await this.describeTopic(name));
    const data = ops.map(({ name: config, op, value }) => ({ name: config, operation: op, value }));
    await this.#admin('POST', `/${topicSegment(name)}/configs:alter`, change, { data });
  }

  close(): Promise<void> {
    this.server.close();
    return Promise.resolve();
  }

  async #admin(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    below: string,
    write?: { readonly mayDuplicate: boolean },
    value?: object,
  ): Promise<Body> {
    const cluster = encodeURIComponent(await this.clusterId());
    return this.server.ask({
      method,
      target: `/v3/clusters/${cluster}/topics${below}`,
      ...(write === undefined ? {} : { write }),
      ...(value === undefined ? {} : { headers: json, body: Buffer.from(toJson(value)) }),
    });
  }

  async #askCluster(): Promise<string> {
    try {
      const body = await this.server.ask({ method: 'GET', target: '/v3/clusters' });
      return body.text(body.list('data')[0], 'cluster_id');
    } catch (error) {
      // The next one asks again.
      this.#cluster = undefined;
      throw error;
    }
  }
}

/** As a query takes it. */
const count = (value: number): number => Math.min(Math.max(0, Math.ceil(value)), int32Max);

const logPath = (topic: string, partition: number): string =>
  `/topics/${topicSegment(topic)}/partitions/${partition}`;

/** A name that no topic can have might be another path. */
function topicSegment(name: string): string {
  const wrong = validateTopicName(name);
  if (wrong !== undefined) throw new ProtocolError(wrong.error, wrong.message);
  return encodeURIComponent(name);
}

/** Whether the log knows a repetition. What is no batch will be refused. */
function isIdempotent(batch: Uint8Array): boolean {
  const { producerId } = batchLayout;
  if (batch.length < producerId + 8) return false;
  return new DataView(batch.buffer, batch.byteOffset).getBigInt64(producerId) >= 0n;
}
