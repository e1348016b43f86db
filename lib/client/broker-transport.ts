import type { Broker } from '../broker/broker.ts';
import { describeConfigs } from '../core/topic/describe-configs.ts';
import type { Topic } from '../core/topic/topic.ts';
import { together } from '../engine/together.ts';
import { ClosedError } from './errors.ts';
import type { TopicDescription, Transport } from './transport.ts';

/**
 * The broker of this process. `close` wakes fetches that wait, awaits what is under way, and then
 * `release`, which lets go of the stores.
 */
export function brokerTransport(broker: Broker, release: () => Promise<void>): Transport {
  const stop = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  const call = <T>(work: () => Promise<T>): Promise<T> => {
    if (closed !== undefined) return Promise.reject(new ClosedError('client'));
    const working = work();
    const settled = working
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
    return working;
  };

  return {
    clusterId: () => call(() => broker.clusterId()),
    produceBatch: (input) => call(() => broker.produceBatch(input)),
    fetch: (input) =>
      call(() => {
        const { signal } = input;
        const signals = signal === undefined ? [stop.signal] : [stop.signal, signal];
        return broker.fetch({ ...input, signal: AbortSignal.any(signals) });
      }),
    listOffset: (input) => call(() => broker.listOffset(input)),
    createTopic: (input) => call(async () => void (await broker.createTopic(input))),
    listTopics: () => call(async () => (await broker.listTopics()).map(described)),
    describeTopic: (name) => call(async () => described(await broker.describeTopic(name))),
    describeConfigs: (name) =>
      call(async () => {
        const { configs } = await broker.describeTopic(name);
        return describeConfigs(configs).map((config) => {
          return { name: config.name, value: config.value, isDefault: config.isDefault };
        });
      }),
    deleteTopic: (name) => call(() => broker.deleteTopic(name)),
    createPartitions: (name, count) =>
      call(async () => void (await broker.createPartitions(name, count))),
    alterConfigs: (name, ops) => call(async () => void (await broker.alterConfigs(name, ops))),
    heartbeat: (input) => call(() => broker.heartbeat(input)),
    commitOffsets: (input) => call(() => broker.commitOffsets(input)),
    fetchOffsets: (input) => call(() => broker.fetchOffsets(input)),
    listGroups: () => call(() => broker.listGroups()),
    describeGroup: (group) => call(() => broker.describeGroup(group)),
    groupLag: (group) => call(() => broker.groupLag(group)),
    deleteGroup: (group) => call(() => broker.deleteGroup(group)),
    deleteOffsets: (group, partitions) => call(() => broker.deleteOffsets(group, partitions)),
    resetOffsets: (input) => call(() => broker.resetOffsets(input)),
    close: () => (closed ??= end()),
  };

  async function end(): Promise<void> {
    stop.abort();
    await together([...underWay]);
    await release();
  }
}

const described = ({ name, partitions }: Topic): TopicDescription => ({ name, partitions });
