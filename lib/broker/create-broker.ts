import type { Engine } from '../engine/engine.ts';
import { alterConfigs } from './alter-configs.ts';
import type { Broker } from './broker.ts';
import type { BrokerContext } from './context.ts';
import { createPartitions } from './create-partitions.ts';
import { createTopic } from './create-topic.ts';
import { deleteTopic } from './delete-topic.ts';
import { describeTopic } from './describe-topic.ts';
import { fetchMany } from './fetch-many.ts';
import { fetch } from './fetch.ts';
import { commitOffsets } from './groups/commit-offsets.ts';
import { deleteGroup } from './groups/delete-group.ts';
import { deleteOffsets } from './groups/delete-offsets.ts';
import { describeGroup } from './groups/describe-group.ts';
import { fetchOffsets } from './groups/fetch-offsets.ts';
import { groupLag } from './groups/group-lag.ts';
import { heartbeat } from './groups/heartbeat.ts';
import { createInstances } from './instances/instances.ts';
import { listGroups } from './groups/list-groups.ts';
import { resetOffsets } from './groups/reset-offsets.ts';
import { listOffset } from './list-offset.ts';
import { listTopics } from './list-topics.ts';
import { produceBatch } from './produce-batch.ts';
import { produce } from './produce.ts';
import { Sticky } from './sticky.ts';

/** The broker on an engine. Its state is memory only: any process can answer any call. */
export function createBroker(engine: Engine): Broker {
  const context: BrokerContext = { engine, sticky: new Sticky(engine.env.random) };
  return {
    clusterId: () => engine.catalog.clusterId(),
    isClusterId: (id) => engine.catalog.isClusterId(id),
    produce: (input) => produce(context, input),
    produceBatch: (input) => produceBatch(context, input),
    fetch: (input) => fetch(context, input),
    fetchMany: (input) => fetchMany(context, input),
    instances: createInstances(context),
    listOffset: (input) => listOffset(context, input),
    createTopic: (input) => createTopic(context, input),
    listTopics: () => listTopics(context),
    describeTopic: (name) => describeTopic(context, name),
    deleteTopic: (name) => deleteTopic(context, name),
    createPartitions: (name, count) => createPartitions(context, name, count),
    alterConfigs: (name, ops) => alterConfigs(context, name, ops),
    heartbeat: (input) => heartbeat(context, input),
    commitOffsets: (input) => commitOffsets(context, input),
    fetchOffsets: (input) => fetchOffsets(context, input),
    listGroups: () => listGroups(context),
    describeGroup: (group) => describeGroup(context, group),
    groupLag: (group) => groupLag(context, group),
    deleteGroup: (group) => deleteGroup(context, group),
    deleteOffsets: (group, partitions) => deleteOffsets(context, group, partitions),
    resetOffsets: (input) => resetOffsets(context, input),
  };
}
