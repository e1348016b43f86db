import { pollRecords } from './consumer-records.ts';
import {
  commitBody,
  createInstanceBody,
  partitionsBody,
  pollQuery,
  positionsBody,
  subscriptionBody,
} from './consumer-schemas.ts';
import {
  assign,
  commit,
  createInstance,
  deleteInstance,
  getAssignments,
  getCommitted,
  getSubscription,
  postCommitted,
  seek,
  seekToBeginning,
  seekToEnd,
  subscribe,
  unsubscribe,
} from './consumers.ts';
import { metadataTypes, recordTypes } from './media-types.ts';
import { at, route } from './route.ts';
import type { Route } from './route.ts';

const instance = '/consumers/{group}/instances/{instance}';

const consume = { group: 'consume', status: 200, produces: metadataTypes } as const;
/** Changes something, and has nothing to tell. */
const change = { ...consume, status: 204 } as const;
const told = { consumes: metadataTypes } as const;

const inInstance = { errors: [40_001, 40_403, 50_401] } as const;
/** Also where it is not in a state to do so. */
const inState = { errors: [...inInstance.errors, 40_903] } as const;

/** Consumers as the REST proxies of version 2 have them; any process serves any of them. */
export const consumerRoutes: readonly Route[] = [
  route({
    ...at('POST', '/consumers/{group}', 'createInstance', 'Create a consumer instance'),
    ...consume,
    ...told,
    optionalBody: true,
    description:
      'The instance is kept by the service, not by a server: every URL of the API leads to it. It is ' +
      'gone when it has not been used for its time.',
    body: createInstanceBody,
    reads: 'CreateInstanceRequest',
    answers: 'CreatedInstance',
    errors: [40_001, 40_902, 42_204, 50_401],
    handler: createInstance,
  }),
  route({
    ...at('DELETE', instance, 'deleteInstance', 'Delete a consumer instance'),
    ...change,
    ...inState,
    description: 'It leaves its group, and commits if it commits by itself.',
    handler: deleteInstance,
  }),
  route({
    ...at('POST', `${instance}/subscription`, 'subscribe', 'Subscribe to topics'),
    ...change,
    ...told,
    ...inState,
    description: 'It joins its group with the next poll, and shares the partitions with others.',
    body: subscriptionBody,
    reads: 'SubscriptionRequest',
    handler: subscribe,
  }),
  route({
    ...at('GET', `${instance}/subscription`, 'getSubscription', 'Say what is subscribed to'),
    ...consume,
    ...inInstance,
    answers: 'Subscription',
    handler: getSubscription,
  }),
  route({
    ...at('DELETE', `${instance}/subscription`, 'unsubscribe', 'Read nothing any more'),
    ...change,
    ...inState,
    description: 'Ends an assignment, too. A member leaves its group.',
    handler: unsubscribe,
  }),
  route({
    ...at('POST', `${instance}/assignments`, 'assign', 'Assign partitions by hand'),
    ...change,
    ...told,
    ...inState,
    description: 'Without sharing them with others of the group. Not together with a subscription.',
    body: partitionsBody,
    reads: 'PartitionsRequest',
    handler: assign,
  }),
  route({
    ...at('GET', `${instance}/assignments`, 'getAssignments', 'List the partitions it reads'),
    ...consume,
    ...inInstance,
    answers: 'Assignments',
    handler: getAssignments,
  }),
  route({
    ...at('POST', `${instance}/positions`, 'seek', 'Go on at other offsets'),
    ...change,
    ...told,
    ...inState,
    body: positionsBody,
    reads: 'PositionsRequest',
    handler: seek,
  }),
  route({
    ...at('POST', `${instance}/positions/beginning`, 'seekToBeginning', 'Go on at the beginnings'),
    ...change,
    ...told,
    ...inState,
    body: partitionsBody,
    reads: 'PartitionsRequest',
    errors: [...inState.errors, 40_401],
    handler: seekToBeginning,
  }),
  route({
    ...at('POST', `${instance}/positions/end`, 'seekToEnd', 'Go on at the ends'),
    ...change,
    ...told,
    ...inState,
    body: partitionsBody,
    reads: 'PartitionsRequest',
    errors: [...inState.errors, 40_401],
    handler: seekToEnd,
  }),
  route({
    ...at('GET', `${instance}/records`, 'pollRecords', 'Poll for records'),
    ...consume,
    description:
      'Heartbeat, rebalance and fetch in one call. In the format of the instance; what is no JSON ' +
      'comes as `{"__base64": …}` and is counted in `Tailrace-Undecoded`. What was returned counts as ' +
      'delivered, whether it arrived or not; with `ack` it is returned again until it is acknowledged.',
    produces: recordTypes,
    query: pollQuery,
    answers: 'Records',
    answerHeaders: ['Tailrace-Poll-Id', 'Tailrace-Undecoded'],
    errors: [...inState.errors, 40_003, 40_601],
    handler: pollRecords,
  }),
  route({
    ...at('POST', `${instance}/offsets`, 'commitInstance', 'Commit offsets'),
    ...consume,
    ...told,
    ...inState,
    optionalBody: true,
    description:
      'Without a body: what polls have returned, and acknowledged ones only where polls are ' +
      'acknowledged. An offset is that of the last record processed: one more is committed.',
    body: commitBody,
    reads: 'CommitRequest',
    answers: 'Committing',
    errors: [...inState.errors, 40_003, 40_401, 413],
    handler: commit,
  }),
  route({
    ...at('GET', `${instance}/offsets`, 'getCommitted', 'Read committed offsets'),
    ...consume,
    ...inInstance,
    description:
      'Of the partitions in a body like that of `offsets:committed`, where a body can come with GET; ' +
      'without one, of those that it reads. What was never committed is left out.',
    answers: 'CommittedOffsets',
    handler: getCommitted,
  }),
  route({
    ...at('POST', `${instance}/offsets:committed`, 'postCommitted', 'Read committed offsets'),
    ...consume,
    ...told,
    ...inInstance,
    body: partitionsBody,
    reads: 'PartitionsRequest',
    answers: 'CommittedOffsets',
    handler: postCommitted,
  }),
];
