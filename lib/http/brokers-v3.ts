import { must } from '../std/assert.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { jsonReply, segment } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, listReply, related, resource } from './cluster.ts';
import { shown } from './faults.ts';
import { onlyBroker, partitionNumbers } from './metadata.ts';
import { pageReply } from './pages.ts';
import type { PageCall } from './pages.ts';
import { namedPartition, partitionKey, partitionPath, partitionResource } from './partitions-v3.ts';
import type { NamedPartition } from './partitions-v3.ts';

/**
 * Brokers and replicas, for tools that look for them: one broker, which has no address to connect
 * to and nothing to configure, holds the one replica of every partition. The stores replicate.
 */

const brokerPath = (cluster: string): string => `/${segment(cluster)}/brokers/${onlyBroker}`;

function brokerResource(call: Pick<Call, 'request'>, cluster: string): object {
  const path = brokerPath(cluster);
  return {
    ...resource(call, 'KafkaBroker', path, `kafka=${cluster}/broker=${onlyBroker}`),
    cluster_id: cluster,
    broker_id: onlyBroker,
    host: null,
    port: null,
    rack: null,
    configs: related(call, `${path}/configs`),
    partition_replicas: related(call, `${path}/partition-replicas`),
  };
}

function replicaResource(call: Pick<Call, 'request'>, named: NamedPartition): object {
  const below = { path: `/replicas/${onlyBroker}`, name: `/replica=${onlyBroker}` };
  return {
    ...partitionResource(call, 'KafkaReplica', named, below),
    broker_id: onlyBroker,
    is_leader: true,
    is_in_sync: true,
    broker: related(call, brokerPath(named.cluster)),
  };
}

/** Refuses a path that names another broker than the one. */
function checkBroker({ params }: Pick<Call, 'params'>): void {
  const broker = must(params['broker'], 'broker of the path');
  if (broker === String(onlyBroker)) return;
  throw new ProtocolError(
    'RESOURCE_NOT_FOUND',
    `expected the id of the one broker, ${onlyBroker}, got broker=${shown(broker)}`,
  );
}

export async function listBrokersV3(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const path = `/${segment(cluster)}/brokers`;
  return listReply(call, 'KafkaBrokerList', path, [brokerResource(call, cluster)]);
}

export async function getBroker(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  checkBroker(call);
  return jsonReply(brokerResource(call, cluster));
}

/** Nothing can be configured, so the list is empty. */
export async function listBrokerConfigs(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  checkBroker(call);
  return listReply(call, 'KafkaBrokerConfigList', `${brokerPath(cluster)}/configs`, []);
}

/** Of all brokers together; empty, too. */
export async function listClusterConfigs(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  return listReply(call, 'KafkaClusterConfigList', `/${segment(cluster)}/broker-configs`, []);
}

/** Of every partition of every topic. */
export async function listBrokerReplicas(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  checkBroker(call);
  const topics = await call.broker.listTopics();
  const entries = topics.flatMap((topic) =>
    partitionNumbers(topic).map((partition) => ({
      key: `${topic.name} ${partitionKey(partition)}`,
      make: () => replicaResource(call, { cluster, topic: topic.name, partition }),
    })),
  );
  return pageReply(call, 'KafkaReplicaList', `${brokerPath(cluster)}/partition-replicas`, entries);
}

export async function listReplicas(call: Call): Promise<Reply> {
  const named = await namedPartition(call);
  const path = `${partitionPath(named)}/replicas`;
  return listReply(call, 'KafkaReplicaList', path, [replicaResource(call, named)]);
}

export async function getReplica(call: Call): Promise<Reply> {
  const named = await namedPartition(call);
  checkBroker(call);
  return jsonReply(replicaResource(call, named));
}
