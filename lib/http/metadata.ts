import { describeConfigs } from '../core/topic/describe-configs.ts';
import type { Topic } from '../core/topic/topic.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { jsonReply, partitionOf, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';

/** There are no brokers; clients that ask for one are told of a single one that leads everything. */
export const onlyBroker = 0;

export async function getIndex({ broker, request }: Call): Promise<Reply> {
  const { baseUrl } = request;
  return jsonReply({
    name: 'tailrace',
    description: "a partitioned log with Kafka's words and promises",
    cluster_id: await broker.clusterId(),
    links: {
      health: `${baseUrl}/health`,
      topics: `${baseUrl}/topics`,
      clusters: `${baseUrl}/v3/clusters`,
      openapi: `${baseUrl}/openapi.json`,
    },
  });
}

export async function getHealth({ broker }: Call): Promise<Reply> {
  return jsonReply({ status: 'ok', cluster_id: await broker.clusterId() });
}

export async function listBrokers(): Promise<Reply> {
  return jsonReply({ brokers: [onlyBroker] });
}

export async function listTopicNames({ broker }: Call): Promise<Reply> {
  const topics = await broker.listTopics();
  return jsonReply(topics.map(({ name }) => name));
}

export async function getTopicV2(call: Call): Promise<Reply> {
  const topic = await call.broker.describeTopic(topicOf(call));
  const configs = describeConfigs(topic.configs).map(({ name, value }) => [name, value]);
  return jsonReply({
    name: topic.name,
    configs: Object.fromEntries(configs),
    partitions: partitionNumbers(topic).map(partitionV2),
  });
}

export async function listPartitionsV2(call: Call): Promise<Reply> {
  const topic = await call.broker.describeTopic(topicOf(call));
  return jsonReply(partitionNumbers(topic).map(partitionV2));
}

export async function getPartitionV2(call: Call): Promise<Reply> {
  return jsonReply(partitionV2(await existingPartition(call)));
}

/** The partition that the path names, which must be there. */
export async function existingPartition(call: Call): Promise<number> {
  const name = topicOf(call);
  const topic = await call.broker.describeTopic(name);
  const partition = partitionOf(call);
  if (partition < topic.partitions) return partition;
  const last = topic.partitions - 1;
  throw new ProtocolError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `expected a partition from 0 to ${last}, got another topic=${name} partition=${partition}`,
  );
}

export function partitionNumbers(topic: Topic): number[] {
  return Array.from({ length: topic.partitions }, (_, partition) => partition);
}

function partitionV2(partition: number) {
  const replicas = [{ broker: onlyBroker, leader: true, in_sync: true }];
  return { partition, leader: onlyBroker, replicas };
}
