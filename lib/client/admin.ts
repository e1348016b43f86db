import type { ListOffsetInput } from '../broker/broker.ts';
import type { ResetTarget } from '../broker/group-types.ts';
import { millis, whole } from './bounded.ts';
import type { GroupAdmin, ResetTo } from './group-types.ts';
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
    ...createGroupAdmin(transport),
  };
}

function createGroupAdmin(transport: Transport): GroupAdmin {
  return {
    listGroups: (wait = {}) => untilAborted(wait, () => transport.listGroups()),
    describeGroup: (group, wait = {}) => untilAborted(wait, () => transport.describeGroup(group)),
    groupLag: (group, wait = {}) => untilAborted(wait, () => transport.groupLag(group)),
    deleteGroup: (group, wait = {}) => untilAborted(wait, () => transport.deleteGroup(group)),
    fetchOffsets: (group, partitions, wait = {}) =>
      untilAborted(wait, () =>
        transport.fetchOffsets(partitions === undefined ? { group } : { group, partitions }),
      ),
    commitOffsets: (group, offsets, wait = {}) =>
      untilAborted(wait, () => transport.commitOffsets({ group, offsets })),
    deleteOffsets: (group, partitions, wait = {}) =>
      untilAborted(wait, () => transport.deleteOffsets(group, partitions)),
    resetOffsets: ({ group, of, to, dryRun = false }, wait = {}) =>
      untilAborted(wait, async () => {
        const what = of === undefined ? { group } : { group, of };
        return transport.resetOffsets({ ...what, to: resetTarget(to), dryRun });
      }),
  };
}

function resetTarget(to: ResetTo): ResetTarget {
  if (to === 'beginning') return { kind: 'earliest' };
  if (to === 'end') return { kind: 'latest' };
  if ('timestamp' in to) return { kind: 'timestamp', timestamp: millis(to.timestamp) };
  if ('shift' in to) return { kind: 'shift', by: BigInt(to.shift) };
  return { kind: 'offset', offset: whole('offset', to.offset) };
}

function kafkaPlace(at: At): ListOffsetInput['at'] {
  if (at === 'beginning') return 'earliest';
  if (at === 'end') return 'latest';
  return at === 'max-timestamp' ? at : millis(at satisfies Timestamp);
}
