import type { ListOffsetInput } from '../broker/broker.ts';
import { millis } from './bounded.ts';
import type { Transport } from './transport.ts';
import type { Admin, Timestamp } from './types.ts';

type At = Parameters<Admin['listOffset']>[1];

/** Administration goes as it is asked for: nothing is repeated. */
export function createAdmin(transport: Transport, forget: (topic: string) => void): Admin {
  return {
    clusterId: () => transport.clusterId(),
    createTopic: (topic) => transport.createTopic(topic),
    listTopics: () => transport.listTopics(),
    describeTopic: (name) => transport.describeTopic(name),
    deleteTopic: async (name) => {
      // Before and after: what producers learned of it meanwhile is of the topic that goes.
      forget(name);
      await transport.deleteTopic(name).finally(() => forget(name));
    },
    createPartitions: async (name, count) => {
      await transport.createPartitions(name, count).finally(() => forget(name));
    },
    describeConfigs: (name) => transport.describeConfigs(name),
    alterConfigs: (name, ops) => transport.alterConfigs(name, ops),
    listOffset: async ({ topic, partition }, at) =>
      transport.listOffset({ topic, partition, at: kafkaPlace(at) }),
  };
}

function kafkaPlace(at: At): ListOffsetInput['at'] {
  if (at === 'beginning') return 'earliest';
  if (at === 'end') return 'latest';
  return at === 'max-timestamp' ? at : millis(at satisfies Timestamp);
}
