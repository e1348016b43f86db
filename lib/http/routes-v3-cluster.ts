import {
  getBroker,
  getReplica,
  listBrokerConfigs,
  listBrokerReplicas,
  listBrokersV3,
  listClusterConfigs,
  listReplicas,
} from './brokers-v3.ts';
import { getCluster, listClusters } from './cluster.ts';
import { plainTypes } from './media-types.ts';
import { pageQuery } from './pages.ts';
import { getReassignment, listAllReassignments, listReassignments } from './reassignments-v3.ts';
import { at, noPartition, noTopic, route } from './route.ts';
import type { Route } from './route.ts';

const clusters = '/v3/clusters';
const cluster = `${clusters}/{cluster}`;
const brokers = `${cluster}/brokers`;
const partitions = `${cluster}/topics/{topic}/partitions`;

const admin = { group: 'admin', status: 200, produces: plainTypes } as const;
const inCluster = { ...admin, errors: [404] } as const;
const inTopic = { ...admin, errors: [404, ...noTopic] } as const;
const inPartition = { ...admin, errors: [404, ...noPartition] } as const;

/** What the REST proxies of version 3 have for the cluster, its one broker and its replicas. */
export const clusterRoutesV3: readonly Route[] = [
  route({
    ...at('GET', clusters, 'listClusters', 'List clusters: the one that answers'),
    ...admin,
    answers: 'ClusterList',
    handler: listClusters,
  }),
  route({
    ...at('GET', cluster, 'getCluster', 'Describe the cluster'),
    ...inCluster,
    answers: 'Cluster',
    handler: getCluster,
  }),
  route({
    ...at('GET', `${cluster}/broker-configs`, 'listClusterConfigs', 'List configs of all brokers'),
    ...inCluster,
    description: 'Empty: brokers have nothing to configure here.',
    answers: 'ClusterConfigList',
    handler: listClusterConfigs,
  }),
  route({
    ...at('GET', brokers, 'listBrokersV3', 'List brokers'),
    ...inCluster,
    description: 'There is one, 0, which stands for the service and has no address.',
    answers: 'BrokerList',
    handler: listBrokersV3,
  }),
  route({
    ...at('GET', `${brokers}/{broker}`, 'getBroker', 'Describe a broker'),
    ...inCluster,
    answers: 'Broker',
    handler: getBroker,
  }),
  route({
    ...at('GET', `${brokers}/{broker}/configs`, 'listBrokerConfigs', 'List configs of a broker'),
    ...inCluster,
    description: 'Empty: brokers have nothing to configure here.',
    answers: 'BrokerConfigList',
    handler: listBrokerConfigs,
  }),
  route({
    ...at(
      'GET',
      `${brokers}/{broker}/partition-replicas`,
      'listBrokerReplicas',
      'List the replicas that a broker holds',
    ),
    ...admin,
    query: pageQuery,
    errors: [404, 40_001],
    answers: 'ReplicaList',
    handler: listBrokerReplicas,
  }),
  route({
    ...at('GET', `${partitions}/{partition}/replicas`, 'listReplicas', 'List replicas'),
    ...inPartition,
    description: 'To clients there is one; the stores replicate.',
    answers: 'ReplicaList',
    handler: listReplicas,
  }),
  route({
    ...at('GET', `${partitions}/{partition}/replicas/{broker}`, 'getReplica', 'Describe a replica'),
    ...inPartition,
    answers: 'Replica',
    handler: getReplica,
  }),
  route({
    ...at(
      'GET',
      `${cluster}/topics/-/partitions/-/reassignment`,
      'listAllReassignments',
      'List moves of replicas',
    ),
    ...inCluster,
    description: 'Empty: replicas never move here.',
    answers: 'ReassignmentList',
    handler: listAllReassignments,
  }),
  route({
    ...at(
      'GET',
      `${partitions}/-/reassignment`,
      'listReassignments',
      'List moves of replicas of a topic',
    ),
    ...inTopic,
    description: 'Empty: replicas never move here.',
    answers: 'ReassignmentList',
    handler: listReassignments,
  }),
  route({
    ...at(
      'GET',
      `${partitions}/{partition}/reassignment`,
      'getReassignment',
      'Describe a move of replicas',
    ),
    ...inPartition,
    description: 'Always 404, as with Kafka where none is under way.',
    answers: 'Reassignment',
    handler: getReassignment,
  }),
];
