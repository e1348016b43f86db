import { jsonReply, partitionOf, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, related, resource } from './cluster.ts';
import { existingPartition, onlyBroker, partitionNumbers } from './metadata.ts';
import { lookUpOffsets } from './offsets.ts';
import type { OffsetsCall } from './offsets.ts';
import { pageReply } from './pages.ts';
import type { PageCall } from './pages.ts';

export interface NamedPartition {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
}

const listPath = ({ cluster, topic }: Omit<NamedPartition, 'partition'>): string =>
  `/${segment(cluster)}/topics/${segment(topic)}/partitions`;

export const partitionPath = (named: NamedPartition): string =>
  `${listPath(named)}/${named.partition}`;

/** A key in the order of partitions, of one topic. */
export const partitionKey = (partition: number): string => String(partition).padStart(10, '0');

/** A partition, or what lies `below` it. */
export function partitionResource(
  call: Pick<Call, 'request'>,
  kind: string,
  named: NamedPartition,
  below: { readonly path: string; readonly name: string } = { path: '', name: '' },
): object {
  const { cluster, topic, partition } = named;
  const name = `kafka=${cluster}/topic=${topic}/partition=${partition}${below.name}`;
  return {
    ...resource(call, kind, `${partitionPath(named)}${below.path}`, name),
    cluster_id: cluster,
    topic_name: topic,
    partition_id: partition,
  };
}

function linkedPartition(call: Pick<Call, 'request'>, named: NamedPartition): object {
  const path = partitionPath(named);
  return {
    ...partitionResource(call, 'KafkaPartition', named),
    leader: related(call, `${path}/replicas/${onlyBroker}`),
    replicas: related(call, `${path}/replicas`),
    reassignment: related(call, `${path}/reassignment`),
    offset: related(call, `${path}/offset`),
  };
}

export async function listPartitionsV3(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = await call.broker.describeTopic(topicOf(call));
  const entries = partitionNumbers(topic).map((partition) => ({
    key: partitionKey(partition),
    make: () => linkedPartition(call, { cluster, topic: topic.name, partition }),
  }));
  return pageReply(call, 'KafkaPartitionList', listPath({ cluster, topic: topic.name }), entries);
}

export async function getPartitionV3(call: Call): Promise<Reply> {
  return jsonReply(linkedPartition(call, await namedPartition(call)));
}

/** The partition that the path names, which must be there. */
export async function namedPartition(call: Call): Promise<NamedPartition> {
  const cluster = await checkCluster(call);
  const partition = await existingPartition(call);
  return { cluster, topic: topicOf(call), partition };
}

/** Both ends of the log by Kafka's names, and by those of v2; by a time, which is ours, what v2 has. */
export async function getPartitionOffset(call: OffsetsCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const named = { cluster, topic: topicOf(call), partition: partitionOf(call) };
  const found = await lookUpOffsets(call);
  const { beginning_offset: earliest, end_offset: latest } = found;
  const below = { path: '/offset', name: '/offset' };
  if (earliest === undefined) {
    return jsonReply({
      ...partitionResource(call, 'KafkaPartitionOffset', named, below),
      ...found,
    });
  }
  return jsonReply({
    ...partitionResource(call, 'KafkaPartitionWithOffsets', named, below),
    earliest_offset: earliest,
    latest_offset: latest,
    ...found,
  });
}
