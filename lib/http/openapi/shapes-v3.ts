import * as z from 'zod';
import {
  alterConfigsBody,
  createTopicBody,
  updateConfigBody,
  updateTopicBody,
} from '../schemas.ts';
import { link, list, resource } from './shapes-v3-resource.ts';
import { anyJson, base64, int32, int64, recordHeader, text, timestamp } from './values.ts';

const partitionNames = { topic_name: text, partition_id: int32 };

const cluster = resource('KafkaCluster', {
  controller: link,
  consumer_groups: link,
  brokers: link,
  broker_configs: link,
  topics: link,
  partition_reassignments: link,
});

const topic = resource('KafkaTopic', {
  topic_name: text,
  is_internal: z.boolean(),
  replication_factor: int32,
  partitions_count: int32,
  partitions: link,
  configs: link,
  partition_reassignments: link,
});

const partition = resource('KafkaPartition', {
  ...partitionNames,
  leader: link,
  replicas: link,
  reassignment: link,
  offset: link,
});

const partitionOffsets = z.union([
  resource('KafkaPartitionWithOffsets', {
    ...partitionNames,
    earliest_offset: int64,
    latest_offset: int64,
    beginning_offset: int64,
    end_offset: int64,
  }),
  resource('KafkaPartitionOffset', { ...partitionNames, offset: int64, timestamp: int64 }),
]);

const source = z.enum(['DYNAMIC_TOPIC_CONFIG', 'DEFAULT_CONFIG']);

const configFields = {
  name: text,
  value: text.nullable(),
  is_read_only: z.boolean(),
  is_sensitive: z.boolean(),
  is_default: z.boolean(),
  source,
  synonyms: z.array(z.object({ name: text, value: text.nullable(), source })),
};

const topicConfig = resource('KafkaTopicConfig', {
  topic_name: text,
  type: text,
  documentation: text,
  ...configFields,
});

const broker = resource('KafkaBroker', {
  broker_id: int32,
  host: text.nullable(),
  port: int32.nullable(),
  rack: text.nullable(),
  configs: link,
  partition_replicas: link,
});

const replica = resource('KafkaReplica', {
  ...partitionNames,
  broker_id: int32,
  is_leader: z.boolean(),
  is_in_sync: z.boolean(),
  broker: link,
});

const reassignment = resource('KafkaReassignment', {
  ...partitionNames,
  adding_replicas: z.array(int32),
  removing_replicas: z.array(int32),
  replicas: link,
});

const embedded = z
  .union([
    z.strictObject({ type: z.literal('BINARY'), data: base64.nullish() }),
    z.strictObject({ type: z.literal('STRING'), data: z.string().nullish() }),
    z.strictObject({ type: z.literal('JSON'), data: anyJson.optional() }),
  ])
  .nullish();

const recordFields = {
  partition_id: int32.nullish(),
  headers: z.array(recordHeader).nullish(),
  key: embedded,
  value: embedded,
  timestamp: timestamp.nullish(),
};
const exampleRecord = {
  key: { type: 'STRING', data: 'rhine' },
  value: { type: 'JSON', data: 3.1 },
};

const id = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);

const reportedFields = {
  cluster_id: text,
  topic_name: text,
  partition_id: int32,
  offset: int64,
  timestamp: text.optional().describe('As it is kept, of ISO 8601; absent for a repetition.'),
  key: z.object({ type: text, size: int32 }).optional(),
  value: z.object({ type: text, size: int32 }).optional(),
};
const failureFields = {
  error_code: z.int(),
  message: text,
  command_id: text.optional(),
  retry_may_duplicate: z.boolean().optional(),
};

/** Bodies of version 3. */
export const shapesV3 = {
  Cluster: cluster,
  ClusterList: list('KafkaClusterList', cluster),
  Topic: topic,
  TopicList: list('KafkaTopicList', topic),
  CreateTopicRequest: createTopicBody,
  UpdateTopicRequest: updateTopicBody,
  Partition: partition,
  PartitionList: list('KafkaPartitionList', partition),
  PartitionOffsets: partitionOffsets,
  TopicConfig: topicConfig,
  TopicConfigList: list('KafkaTopicConfigList', topicConfig),
  UpdateConfigRequest: updateConfigBody,
  AlterConfigsRequest: alterConfigsBody,
  Broker: broker,
  BrokerList: list('KafkaBrokerList', broker),
  BrokerConfigList: list(
    'KafkaBrokerConfigList',
    resource('KafkaBrokerConfig', { broker_id: int32, ...configFields }),
  ),
  ClusterConfigList: list(
    'KafkaClusterConfigList',
    resource('KafkaClusterConfig', { config_type: text, ...configFields }),
  ),
  Replica: replica,
  ReplicaList: list('KafkaReplicaList', replica),
  Reassignment: reassignment,
  ReassignmentList: list('KafkaReassignmentList', reassignment),
  Record: z.strictObject(recordFields).meta({ examples: [exampleRecord] }),
  RecordReport: z.union([
    z.object({ error_code: z.literal(200), ...reportedFields }),
    z.object(failureFields),
  ]),
  RecordBatch: z
    .strictObject({ entries: z.array(z.strictObject({ id, ...recordFields })).min(1) })
    .meta({ examples: [{ entries: [{ id: 'a', ...exampleRecord }] }] }),
  RecordBatchReports: z.object({
    successes: z.array(z.object({ id: text, ...reportedFields })),
    failures: z.array(z.object({ id: text, ...failureFields })),
  }),
} as const;
