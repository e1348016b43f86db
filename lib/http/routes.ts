import { getCluster, listClusters } from './cluster.ts';
import { alterConfigs, getConfig, listConfigs, resetConfig, updateConfig } from './configs-v3.ts';
import { fetchRecords } from './fetch-records.ts';
import { metadataTypes, plainTypes, rawBatch, recordTypes } from './media-types.ts';
import {
  getHealth,
  getIndex,
  getPartitionV2,
  getTopicV2,
  listBrokers,
  listPartitionsV2,
  listTopicNames,
} from './metadata.ts';
import { getOffsets } from './offsets.ts';
import { getPartitionOffset, getPartitionV3, listPartitionsV3 } from './partitions-v3.ts';
import { produceToPartition, produceToTopic } from './produce.ts';
import { produceBatchV3, produceStream } from './produce-v3.ts';
import { fetchQuery, offsetsQuery } from './query.ts';
import { route } from './route.ts';
import type { Method, Route } from './route.ts';
import { alterConfigsBody, createTopicBody, updateConfigBody, updateTopicBody } from './schemas.ts';
import { createTopic, deleteTopic, getTopicV3, listTopicsV3, updateTopic } from './topics-v3.ts';

const cluster = '/v3/clusters/{cluster}';
const topic = `${cluster}/topics/{topic}`;
const raw = [...recordTypes, rawBatch];

const at = (method: Method, path: string, operation: string) => ({ method, path, operation });
const admin2 = { group: 'admin', status: 200, produces: metadataTypes } as const;
const admin3 = { group: 'admin', status: 200, produces: plainTypes } as const;
const change3 = { ...admin3, consumes: plainTypes } as const;
const produce2 = { group: 'produce', status: 200, produces: metadataTypes } as const;
const produce3 = {
  group: 'produce',
  status: 200,
  produces: plainTypes,
  consumes: plainTypes,
} as const;
const fetch2 = { group: 'fetch', status: 200, produces: metadataTypes } as const;
const fetch3 = { group: 'fetch', status: 200, produces: plainTypes } as const;

const noTopic = [40_001, 40_401];
const noPartition = [...noTopic, 40_402];
const produceErrors = [...noPartition, 40_903, 413, 422, 42_203, 42_901, 50_401];

/** Every operation of the HTTP API: the router, the permissions and the description come from here. */
export const routes: readonly Route[] = [
  route({ ...at('GET', '/', 'getIndex'), ...admin3, handler: getIndex }),
  route({ ...at('GET', '/health', 'getHealth'), ...admin3, handler: getHealth }),

  // v2
  route({ ...at('GET', '/brokers', 'listBrokers'), ...admin2, handler: listBrokers }),
  route({ ...at('GET', '/topics', 'listTopicNames'), ...admin2, handler: listTopicNames }),
  route({
    ...at('GET', '/topics/{topic}', 'getTopic'),
    ...admin2,
    errors: noTopic,
    handler: getTopicV2,
  }),
  route({
    ...at('POST', '/topics/{topic}', 'produceToTopic'),
    ...produce2,
    consumes: recordTypes,
    errors: produceErrors,
    handler: produceToTopic,
  }),
  route({
    ...at('GET', '/topics/{topic}/partitions', 'listPartitions'),
    ...admin2,
    errors: noTopic,
    handler: listPartitionsV2,
  }),
  route({
    ...at('GET', '/topics/{topic}/partitions/{partition}', 'getPartition'),
    ...admin2,
    errors: noPartition,
    handler: getPartitionV2,
  }),
  route({
    ...at('POST', '/topics/{topic}/partitions/{partition}', 'produceToPartition'),
    ...produce2,
    consumes: raw,
    errors: produceErrors,
    handler: produceToPartition,
  }),
  route({
    ...at('GET', '/topics/{topic}/partitions/{partition}/offsets', 'getOffsets'),
    ...fetch2,
    query: offsetsQuery,
    errors: noPartition,
    handler: getOffsets,
  }),
  route({
    ...at('GET', '/topics/{topic}/partitions/{partition}/records', 'fetchRecords'),
    ...fetch2,
    produces: raw,
    query: fetchQuery,
    errors: [...noPartition, 40_003],
    handler: fetchRecords,
  }),

  // v3
  route({ ...at('GET', '/v3/clusters', 'listClusters'), ...admin3, handler: listClusters }),
  route({ ...at('GET', cluster, 'getCluster'), ...admin3, errors: [404], handler: getCluster }),
  route({
    ...at('GET', `${cluster}/topics`, 'listTopicsV3'),
    ...admin3,
    errors: [404],
    handler: listTopicsV3,
  }),
  route({
    ...at('POST', `${cluster}/topics`, 'createTopic'),
    ...change3,
    status: 201,
    body: createTopicBody,
    errors: [404, 40_001, 40_002, 50_401],
    handler: createTopic,
  }),
  route({
    ...at('GET', topic, 'getTopicV3'),
    ...admin3,
    errors: [404, ...noTopic],
    handler: getTopicV3,
  }),
  route({
    ...at('PATCH', topic, 'updateTopic'),
    ...change3,
    body: updateTopicBody,
    errors: [404, ...noTopic, 50_401],
    handler: updateTopic,
  }),
  route({
    ...at('DELETE', topic, 'deleteTopic'),
    ...admin3,
    status: 204,
    errors: [404, ...noTopic, 50_401],
    handler: deleteTopic,
  }),
  route({
    ...at('GET', `${topic}/configs`, 'listConfigs'),
    ...admin3,
    errors: [404, ...noTopic],
    handler: listConfigs,
  }),
  route({
    ...at('POST', `${topic}/configs:alter`, 'alterConfigs'),
    ...change3,
    status: 204,
    body: alterConfigsBody,
    errors: [404, ...noTopic, 50_401],
    handler: alterConfigs,
  }),
  route({
    ...at('GET', `${topic}/configs/{name}`, 'getConfig'),
    ...admin3,
    errors: [404, ...noTopic],
    handler: getConfig,
  }),
  route({
    ...at('PUT', `${topic}/configs/{name}`, 'updateConfig'),
    ...change3,
    status: 204,
    body: updateConfigBody,
    errors: [404, ...noTopic, 50_401],
    handler: updateConfig,
  }),
  route({
    ...at('DELETE', `${topic}/configs/{name}`, 'resetConfig'),
    ...admin3,
    status: 204,
    errors: [404, ...noTopic, 50_401],
    handler: resetConfig,
  }),
  route({
    ...at('GET', `${topic}/partitions`, 'listPartitionsV3'),
    ...admin3,
    errors: [404, ...noTopic],
    handler: listPartitionsV3,
  }),
  route({
    ...at('GET', `${topic}/partitions/{partition}`, 'getPartitionV3'),
    ...admin3,
    errors: [404, ...noPartition],
    handler: getPartitionV3,
  }),
  route({
    ...at('GET', `${topic}/partitions/{partition}/offset`, 'getPartitionOffset'),
    ...fetch3,
    query: offsetsQuery,
    errors: [404, ...noPartition],
    handler: getPartitionOffset,
  }),
  route({
    ...at('POST', `${topic}/records`, 'produceStream'),
    ...produce3,
    errors: [404, ...produceErrors],
    handler: produceStream,
  }),
  route({
    ...at('POST', `${topic}/records:batch`, 'produceBatchV3'),
    ...produce3,
    status: 207,
    errors: [404, ...produceErrors],
    handler: produceBatchV3,
  }),
];
