import { ProtocolError } from '../protocol/errors.ts';
import { must } from '../std/assert.ts';
import { jsonReply, segment } from './call.ts';
import type { Call, Reply } from './call.ts';
import { shown } from './faults.ts';
import { onlyBroker } from './metadata.ts';

/** What every resource of v3 begins with. `path` lies below `/v3/clusters`. */
export function resource(
  call: Pick<Call, 'request'>,
  kind: string,
  path: string,
  name: string,
): Readonly<Record<string, unknown>> {
  return { kind, metadata: { self: selfOf(call, path), resource_name: `crn:///${name}` } };
}

/** A list of v3 that is short by its nature: one page of everything. */
export function listReply(
  call: Pick<Call, 'request'>,
  kind: string,
  path: string,
  data: readonly object[],
): Reply {
  return jsonReply({ kind, metadata: { self: selfOf(call, path), next: null }, data });
}

export function related(call: Pick<Call, 'request'>, path: string) {
  return { related: selfOf(call, path) };
}

/** The full URL of what lies at `path` below `/v3/clusters`. */
export function selfOf({ request }: Pick<Call, 'request'>, path: string): string {
  return `${request.baseUrl}/v3/clusters${path}`;
}

/** The cluster's id, if it is the one that the path names. */
export async function checkCluster<Body, Query>(call: Call<Body, Query>): Promise<string> {
  const cluster = must(call.params['cluster'], 'cluster of the path');
  if (await call.broker.isClusterId(cluster)) return cluster;
  throw new ProtocolError(
    'RESOURCE_NOT_FOUND',
    `expected the id of this cluster, as /v3/clusters tells it, got cluster=${shown(cluster)}`,
  );
}

export async function listClusters(call: Call): Promise<Reply> {
  const id = await call.broker.clusterId();
  return listReply(call, 'KafkaClusterList', '', [clusterResource(call, id)]);
}

export async function getCluster(call: Call): Promise<Reply> {
  return jsonReply(clusterResource(call, await checkCluster(call)));
}

function clusterResource(call: Call, id: string): object {
  const path = `/${segment(id)}`;
  return {
    ...resource(call, 'KafkaCluster', path, `kafka=${id}`),
    cluster_id: id,
    controller: related(call, `${path}/brokers/${onlyBroker}`),
    consumer_groups: related(call, `${path}/consumer-groups`),
    brokers: related(call, `${path}/brokers`),
    broker_configs: related(call, `${path}/broker-configs`),
    topics: related(call, `${path}/topics`),
    partition_reassignments: related(call, `${path}/topics/-/partitions/-/reassignment`),
  };
}
