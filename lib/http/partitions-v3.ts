import { jsonReply, partitionOf, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, listReply, related, resource } from './cluster.ts';
import { existingPartition, partitionNumbers } from './metadata.ts';
import { lookUpOffsets } from './offsets.ts';
import type { OffsetsCall } from './offsets.ts';

interface Named {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
}

const listPath = ({ cluster, topic }: Omit<Named, 'partition'>): string =>
  `/${segment(cluster)}/topics/${segment(topic)}/partitions`;

function namesOf(kind: string, call: Pick<Call, 'request'>, named: Named, below = ''): object {
  const { cluster, topic, partition } = named;
  const name = `kafka=${cluster}/topic=${topic}/partition=${partition}${below}`;
  return {
    ...resource(call, kind, `${listPath(named)}/${partition}${below}`, name),
    cluster_id: cluster,
    topic_name: topic,
    partition_id: partition,
  };
}

function partitionResource(call: Pick<Call, 'request'>, named: Named): object {
  const path = `${listPath(named)}/${named.partition}/offset`;
  return { ...namesOf('KafkaPartition', call, named), offset: related(call, path) };
}

export async function listPartitionsV3(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = await call.broker.describeTopic(topicOf(call));
  const data = partitionNumbers(topic).map((partition) =>
    partitionResource(call, { cluster, topic: topic.name, partition }),
  );
  return listReply(call, 'KafkaPartitionList', listPath({ cluster, topic: topic.name }), data);
}

export async function getPartitionV3(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const partition = await existingPartition(call);
  return jsonReply(partitionResource(call, { cluster, topic: topicOf(call), partition }));
}

export async function getPartitionOffset(call: OffsetsCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const named = { cluster, topic: topicOf(call), partition: partitionOf(call) };
  const found = await lookUpOffsets(call);
  return jsonReply({ ...namesOf('KafkaPartitionOffset', call, named, '/offset'), ...found });
}
