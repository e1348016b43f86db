import { fetchRecords } from './fetch-records.ts';
import { metadataTypes, rawBatch, recordTypes } from './media-types.ts';
import {
  getPartitionV2,
  getTopicV2,
  listBrokers,
  listPartitionsV2,
  listTopicNames,
} from './metadata.ts';
import { getOffsets } from './offsets.ts';
import { produceToPartition, produceToTopic } from './produce.ts';
import { fetchQuery, offsetsQuery } from './query.ts';
import { at, noPartition, noTopic, produceErrors, route } from './route.ts';
import type { Route } from './route.ts';

const topic = '/topics/{topic}';
const partition = `${topic}/partitions/{partition}`;
const raw = [...recordTypes, rawBatch];

const admin = { group: 'admin', status: 200, produces: metadataTypes } as const;
const produce = { group: 'produce', status: 200, produces: metadataTypes } as const;
const fetch = { group: 'fetch', status: 200, produces: metadataTypes } as const;

/** What the REST proxies of version 2 have: producing, fetching, and enough to find one's way. */
export const routesV2: readonly Route[] = [
  route({
    ...at('GET', '/brokers', 'listBrokers', 'List the ids of brokers'),
    ...admin,
    description: 'There is one, 0, which stands for the service.',
    answers: 'BrokerIds',
    handler: listBrokers,
  }),
  route({
    ...at('GET', '/topics', 'listTopicNames', 'List the names of topics'),
    ...admin,
    answers: 'TopicNames',
    handler: listTopicNames,
  }),
  route({
    ...at('GET', topic, 'getTopic', 'Describe a topic with its configs and partitions'),
    ...admin,
    answers: 'TopicV2',
    errors: noTopic,
    handler: getTopicV2,
  }),
  route({
    ...at('POST', topic, 'produceToTopic', 'Produce records to a topic'),
    ...produce,
    description:
      'A record goes to the partition that it names, else to that of its key, else to any. ' +
      'Reports come in the order of the records, and each may be an error of its own.',
    consumes: recordTypes,
    reads: 'ProduceRequest',
    answers: 'ProduceReports',
    errors: produceErrors,
    handler: produceToTopic,
  }),
  route({
    ...at('GET', `${topic}/partitions`, 'listPartitions', 'List the partitions of a topic'),
    ...admin,
    answers: 'PartitionsV2',
    errors: noTopic,
    handler: listPartitionsV2,
  }),
  route({
    ...at('GET', partition, 'getPartition', 'Describe a partition'),
    ...admin,
    answers: 'PartitionV2',
    errors: noPartition,
    handler: getPartitionV2,
  }),
  route({
    ...at('POST', partition, 'produceToPartition', 'Produce records to a partition'),
    ...produce,
    description:
      'As `application/octet-stream`: one record batch of format 2, which is checked and kept as it is.',
    consumes: raw,
    reads: 'ProduceRequest',
    answers: 'ProduceReports',
    errors: produceErrors,
    handler: produceToPartition,
  }),
  route({
    ...at('GET', `${partition}/offsets`, 'getOffsets', 'Look up offsets of a partition'),
    ...fetch,
    description:
      'Both ends of the log, or with `timestamp` the first record at or after that time: -1 if there is none.',
    query: offsetsQuery,
    answers: 'Offsets',
    errors: noPartition,
    handler: getOffsets,
  }),
  route({
    ...at('GET', `${partition}/records`, 'fetchRecords', 'Fetch records of a partition'),
    ...fetch,
    description:
      'At least one record if there is one. `Tailrace-Next-Offset` says where to go on. As ' +
      '`application/octet-stream`: record batches as they are stored, from the one that holds the offset.',
    produces: raw,
    query: fetchQuery,
    answers: 'Records',
    answerHeaders: [
      'Tailrace-Offset',
      'Tailrace-High-Watermark',
      'Tailrace-Last-Stable-Offset',
      'Tailrace-Log-Start-Offset',
      'Tailrace-Next-Offset',
      'Tailrace-Undecoded',
    ],
    errors: [...noPartition, 40_003],
    handler: fetchRecords,
  }),
];
