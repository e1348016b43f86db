import {
  deleteGroup,
  getAssignment,
  getConsumer,
  getGroup,
  listAssignments,
  listConsumers,
  listGroups,
} from './consumer-groups-v3.ts';
import { getLag, getLagSummary, listLags } from './consumer-lags-v3.ts';
import { deleteOffsets, resetOffsets } from './group-offsets-v3.ts';
import { plainTypes } from './media-types.ts';
import { pageQuery } from './pages.ts';
import { at, noPartition, route } from './route.ts';
import type { Route } from './route.ts';

const groups = '/v3/clusters/{cluster}/consumer-groups';
const group = `${groups}/{group}`;
const consumer = `${group}/consumers/{consumer}`;

const noGroup = [404, 40_001, 40_405] as const;
const noConsumer = [...noGroup, 40_403] as const;
const admin = { group: 'admin', status: 200, produces: plainTypes } as const;
const inGroup = { ...admin, errors: noGroup } as const;
const list = { ...inGroup, query: pageQuery } as const;
const change = { ...admin, consumes: plainTypes, errors: [...noGroup, 40_903, 50_401] } as const;

/** What the REST proxies of version 3 have for groups, and what Kafka's own tools do to them. */
export const groupRoutesV3: readonly Route[] = [
  route({
    ...at('GET', groups, 'listGroups', 'List consumer groups'),
    ...list,
    errors: [404, 40_001],
    answers: 'ConsumerGroupList',
    handler: listGroups,
  }),
  route({
    ...at('GET', group, 'getGroup', 'Describe a consumer group'),
    ...inGroup,
    answers: 'ConsumerGroup',
    handler: getGroup,
  }),
  route({
    ...at('DELETE', group, 'deleteGroup', 'Delete a consumer group that has no members'),
    ...inGroup,
    description: 'With all its offsets.',
    status: 204,
    errors: [...noGroup, 40_903, 50_401],
    handler: deleteGroup,
  }),
  route({
    ...at('GET', `${group}/consumers`, 'listConsumers', 'List the members of a group'),
    ...list,
    answers: 'ConsumerList',
    handler: listConsumers,
  }),
  route({
    ...at('GET', consumer, 'getConsumer', 'Describe a member of a group'),
    ...admin,
    answers: 'Consumer',
    errors: noConsumer,
    handler: getConsumer,
  }),
  route({
    ...at('GET', `${consumer}/assignments`, 'listAssignments', 'List what a member owns'),
    ...list,
    answers: 'ConsumerAssignmentList',
    errors: noConsumer,
    handler: listAssignments,
  }),
  route({
    ...at(
      'GET',
      `${consumer}/assignments/{topic}/partitions/{partition}`,
      'getAssignment',
      'Describe a partition that a member owns',
    ),
    ...admin,
    answers: 'ConsumerAssignment',
    errors: [...noConsumer, ...noPartition],
    handler: getAssignment,
  }),
  route({
    ...at('GET', `${group}/lag-summary`, 'getLagSummary', 'Sum up how far behind a group is'),
    ...inGroup,
    description: '404 where nothing is committed.',
    answers: 'ConsumerGroupLagSummary',
    handler: getLagSummary,
  }),
  route({
    ...at('GET', `${group}/lags`, 'listLags', 'List how far behind a group is, by partition'),
    ...list,
    description: 'Of all partitions that the group has committed or owns.',
    answers: 'ConsumerLagList',
    handler: listLags,
  }),
  route({
    ...at(
      'GET',
      `${group}/lags/{topic}/partitions/{partition}`,
      'getLag',
      'Tell how far behind a group is in a partition',
    ),
    ...admin,
    answers: 'ConsumerLag',
    errors: [...noGroup, ...noPartition],
    handler: getLag,
  }),
  route({
    ...at('POST', `${group}/offsets:reset`, 'resetOffsets', 'Reset offsets of a group'),
    ...change,
    description:
      'Of a group without members. A group that is not there is made by it. With `dry_run` nothing ' +
      'changes. Each partition may have an error of its own.',
    errors: [...change.errors, 40_401],
    reads: 'ResetOffsetsRequest',
    answers: 'OffsetResets',
    handler: resetOffsets,
  }),
  route({
    ...at('POST', `${group}/offsets:delete`, 'deleteOffsets', 'Delete offsets of a group'),
    ...change,
    description:
      'Of topics that no member subscribes to. Each partition may have an error of its own.',
    reads: 'DeleteOffsetsRequest',
    answers: 'DeletedOffsets',
    handler: deleteOffsets,
  }),
];
