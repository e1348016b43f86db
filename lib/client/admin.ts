import type { ListOffsetInput } from '../broker/broker.ts';
import { millis } from './bounded.ts';
import type { Transport } from './transport.ts';
import type { Admin, Timestamp } from './types.ts';
import { untilAborted } from './until-aborted.ts';

type At = Parameters<Admin['listOffset']>[1];

/** Administration goes as it is asked for: nothing is repeated. */
export function createAdmin(transport: Transport, forget: (topic: string) => void): Admin {
  /** Before and after: what producers learned of it meanwhile is of the topic as it was. */
  const changing = async (name: string, change: () => Promise<void>): Promise<void> => {
    forget(name);
    await change().finally(() => forget(name));
  };
  return {
    clusterId: (wait = {}) => untilAborted(wait, () => transport.clusterId()),
    createTopic: (topic, wait = {}) => untilAborted(wait, () => transport.createTopic(topic)),
    listTopics: (wait = {}) => untilAborted(wait, () => transport.listTopics()),
    describeTopic: (name, wait = {}) => untilAborted(wait, () => transport.describeTopic(name)),
    deleteTopic: (name, wait = {}) =>
      untilAborted(wait, () => changing(name, () => transport.deleteTopic(name))),
    createPartitions: (name, count, wait = {}) =>
      untilAborted(wait, () => changing(name, () => transport.createPartitions(name, count))),
    describeConfigs: (name, wait = {}) => untilAborted(wait, () => transport.describeConfigs(name)),
    alterConfigs: (name, ops, wait = {}) =>
      untilAborted(wait, () => transport.alterConfigs(name, ops)),
    listOffset: ({ topic, partition }, at, wait = {}) =>
      untilAborted(wait, async () =>
        transport.listOffset({ topic, partition, at: kafkaPlace(at) }),
      ),
  };
}

function kafkaPlace(at: At): ListOffsetInput['at'] {
  if (at === 'beginning') return 'earliest';
  if (at === 'end') return 'latest';
  return at === 'max-timestamp' ? at : millis(at satisfies Timestamp);
}
