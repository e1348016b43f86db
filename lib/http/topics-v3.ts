import type * as z from 'zod';
import type { CreateTopicInput } from '../broker/broker.ts';
import type { Topic } from '../core/topic/topic.ts';
import { jsonReply, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, related, resource, selfOf } from './cluster.ts';
import { malformed } from './faults.ts';
import { pageReply } from './pages.ts';
import type { PageCall } from './pages.ts';
import type { createTopicBody, updateTopicBody } from './schemas.ts';

const pathOf = (cluster: string, topic: string): string =>
  `/${segment(cluster)}/topics/${segment(topic)}`;

function topicResource(call: Pick<Call, 'request'>, cluster: string, topic: Topic): object {
  const path = pathOf(cluster, topic.name);
  return {
    ...resource(call, 'KafkaTopic', path, `kafka=${cluster}/topic=${topic.name}`),
    cluster_id: cluster,
    topic_name: topic.name,
    is_internal: false,
    // The stores replicate; to clients there is one copy.
    replication_factor: 1,
    partitions_count: topic.partitions,
    partitions: related(call, `${path}/partitions`),
    configs: related(call, `${path}/configs`),
    partition_reassignments: related(call, `${path}/partitions/-/reassignment`),
  };
}

export async function listTopicsV3(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topics = await call.broker.listTopics();
  const entries = topics.map((topic) => ({
    key: topic.name,
    make: () => topicResource(call, cluster, topic),
  }));
  return pageReply(call, 'KafkaTopicList', `/${segment(cluster)}/topics`, entries);
}

export async function createTopic(call: Call<z.output<typeof createTopicBody>>): Promise<Reply> {
  const cluster = await checkCluster(call);
  const { body } = call;
  const input: CreateTopicInput = {
    name: body.topic_name,
    configs: configsOf(body.configs ?? []),
    ...(body.partitions_count === undefined ? {} : { partitions: body.partitions_count }),
    ...(body.replication_factor === undefined
      ? {}
      : { replicationFactor: body.replication_factor }),
    ...(body.validate_only === undefined ? {} : { validateOnly: body.validate_only }),
  };
  const topic = await call.broker.createTopic(input);
  const reply = jsonReply(topicResource(call, cluster, topic));
  if (body.validate_only === true) return { ...reply, status: 200 };
  return { ...reply, headers: { location: selfOf(call, pathOf(cluster, topic.name)) } };
}

function configsOf(entries: readonly { readonly name: string; readonly value: string | null }[]) {
  const configs = new Map<string, string | null>();
  for (const { name, value } of entries) {
    if (configs.has(name)) throw malformed(`expected a config once, got it again name=${name}`);
    configs.set(name, value);
  }
  return Object.fromEntries(configs);
}

export async function getTopicV3(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  return jsonReply(topicResource(call, cluster, await call.broker.describeTopic(topicOf(call))));
}

export async function updateTopic(call: Call<z.output<typeof updateTopicBody>>): Promise<Reply> {
  const cluster = await checkCluster(call);
  const { partitions_count: count } = call.body;
  const topic = await call.broker.createPartitions(topicOf(call), count);
  return jsonReply(topicResource(call, cluster, topic));
}

export async function deleteTopic(call: Call): Promise<Reply> {
  await checkCluster(call);
  await call.broker.deleteTopic(topicOf(call));
  return {};
}
