import {
  alterConfigs,
  getConfig,
  listAllConfigs,
  listConfigs,
  listDefaultConfigs,
  resetConfig,
  updateConfig,
} from './configs-v3.ts';
import { plainTypes } from './media-types.ts';
import { pageQuery } from './pages.ts';
import { getPartitionOffset, getPartitionV3, listPartitionsV3 } from './partitions-v3.ts';
import { produceBatchV3, produceLive, produceStream } from './produce-v3.ts';
import { offsetsQuery } from './query.ts';
import { at, noPartition, noTopic, produceErrors, route } from './route.ts';
import type { Route } from './route.ts';
import { alterConfigsBody, createTopicBody, updateConfigBody, updateTopicBody } from './schemas.ts';
import { createTopic, deleteTopic, getTopicV3, listTopicsV3, updateTopic } from './topics-v3.ts';

const topics = '/v3/clusters/{cluster}/topics';
const topic = `${topics}/{topic}`;
const partition = `${topic}/partitions/{partition}`;

const admin = { group: 'admin', status: 200, produces: plainTypes } as const;
const change = { ...admin, consumes: plainTypes } as const;
const list = { ...admin, query: pageQuery } as const;
const produce = { ...change, group: 'produce' } as const;
const fetch = { ...admin, group: 'fetch' } as const;

const inTopic = { errors: [404, ...noTopic] } as const;
const inPartition = { errors: [404, ...noPartition] } as const;
const changesTopic = { errors: [...inTopic.errors, 50_401] } as const;

/** What the REST proxies of version 3 have for topics, their configs, partitions and records. */
export const topicRoutesV3: readonly Route[] = [
  route({
    ...at('GET', topics, 'listTopicsV3', 'List topics'),
    ...list,
    answers: 'TopicList',
    errors: [404, 40_001],
    handler: listTopicsV3,
  }),
  route({
    ...at('POST', topics, 'createTopic', 'Create a topic'),
    ...change,
    description: 'With `validate_only` nothing is created, and the answer is 200 instead of 201.',
    status: 201,
    alsoStatus: 200,
    body: createTopicBody,
    reads: 'CreateTopicRequest',
    answers: 'Topic',
    answerHeaders: ['Location'],
    errors: [404, 40_001, 40_002, 50_401],
    handler: createTopic,
  }),
  route({
    ...at('GET', `${topics}/-/configs`, 'listAllConfigs', 'List the configs of all topics'),
    ...list,
    answers: 'TopicConfigList',
    errors: [404, 40_001],
    handler: listAllConfigs,
  }),
  route({
    ...at('GET', topic, 'getTopicV3', 'Describe a topic'),
    ...admin,
    ...inTopic,
    answers: 'Topic',
    handler: getTopicV3,
  }),
  route({
    ...at('PATCH', topic, 'updateTopic', 'Add partitions to a topic'),
    ...change,
    ...changesTopic,
    body: updateTopicBody,
    reads: 'UpdateTopicRequest',
    answers: 'Topic',
    handler: updateTopic,
  }),
  route({
    ...at('DELETE', topic, 'deleteTopic', 'Delete a topic with its records'),
    ...admin,
    ...changesTopic,
    status: 204,
    handler: deleteTopic,
  }),
  route({
    ...at('GET', `${topic}/configs`, 'listConfigs', 'List the configs of a topic'),
    ...list,
    ...inTopic,
    answers: 'TopicConfigList',
    handler: listConfigs,
  }),
  route({
    ...at('POST', `${topic}/configs:alter`, 'alterConfigs', 'Change configs of a topic'),
    ...change,
    ...changesTopic,
    description: 'All of them or none. With `validate_only` nothing is changed.',
    status: 204,
    body: alterConfigsBody,
    reads: 'AlterConfigsRequest',
    handler: alterConfigs,
  }),
  route({
    ...at('GET', `${topic}/configs/{name}`, 'getConfig', 'Describe a config of a topic'),
    ...admin,
    ...inTopic,
    answers: 'TopicConfig',
    handler: getConfig,
  }),
  route({
    ...at('PUT', `${topic}/configs/{name}`, 'updateConfig', 'Set a config of a topic'),
    ...change,
    ...changesTopic,
    status: 204,
    body: updateConfigBody,
    reads: 'UpdateConfigRequest',
    handler: updateConfig,
  }),
  route({
    ...at('DELETE', `${topic}/configs/{name}`, 'resetConfig', 'Reset a config to its default'),
    ...admin,
    ...changesTopic,
    status: 204,
    handler: resetConfig,
  }),
  route({
    ...at('GET', `${topic}/default-configs`, 'listDefaultConfigs', 'List what a topic begins with'),
    ...list,
    description: 'The configs of a new topic of this name, whether or not there is one already.',
    errors: [404, 40_001],
    answers: 'TopicConfigList',
    handler: listDefaultConfigs,
  }),
  route({
    ...at('GET', `${topic}/partitions`, 'listPartitionsV3', 'List the partitions of a topic'),
    ...list,
    ...inTopic,
    answers: 'PartitionList',
    handler: listPartitionsV3,
  }),
  route({
    ...at('GET', partition, 'getPartitionV3', 'Describe a partition'),
    ...admin,
    ...inPartition,
    answers: 'Partition',
    handler: getPartitionV3,
  }),
  route({
    ...at('GET', `${partition}/offset`, 'getPartitionOffset', 'Look up offsets of a partition'),
    ...fetch,
    ...inPartition,
    description:
      'Both ends of the log, or with `timestamp` the first record at or after that time: -1 if there is none.',
    query: offsetsQuery,
    answers: 'PartitionOffsets',
    handler: getPartitionOffset,
  }),
  route({
    ...at('POST', `${topic}/records`, 'produceStream', 'Produce records one after the other'),
    ...produce,
    description:
      'One JSON object after the other, with nothing between them but white space, answered by one report a ' +
      'line, in order; a report that is an error has its code, and the status stays 200. Where bodies can be ' +
      'read as they come (`Transfer-Encoding: chunked`, not through API Gateway), each report is sent as soon ' +
      'as its record is durable. Where the text stops being JSON, a report says so and nothing after it is read.',
    reads: 'Record',
    answers: 'RecordReport',
    errors: [404, ...produceErrors],
    handler: produceStream,
    live: produceLive,
  }),
  route({
    ...at('POST', `${topic}/records:batch`, 'produceBatchV3', 'Produce records with ids'),
    ...produce,
    description: 'Answers 207 with successes and failures by these ids, whatever they are.',
    status: 207,
    reads: 'RecordBatch',
    answers: 'RecordBatchReports',
    errors: [404, ...produceErrors],
    handler: produceBatchV3,
  }),
];
