import { commitOffsets, fetchOffsets, heartbeat } from './groups.ts';
import { metadataTypes } from './media-types.ts';
import { at, route } from './route.ts';
import type { Route } from './route.ts';

const group = '/groups/{group}';

const consume = {
  group: 'consume',
  status: 200,
  consumes: metadataTypes,
  produces: metadataTypes,
} as const;

/** Kafka's own calls of a group's members, one message each, and commits without membership. */
export const groupRoutes: readonly Route[] = [
  route({
    ...at('POST', `${group}/heartbeat`, 'heartbeat', 'Join a group, beat, move on, or leave it'),
    ...consume,
    description:
      'ConsumerGroupHeartbeat (KIP-848): `member_epoch` 0 joins, -1 leaves, -2 is a static member ' +
      'that will be back. The member works on what the assignment holds, stops with all else, and ' +
      'then says in `topic_partitions` what it still works on. Each grant tells the epoch in ' +
      'which it was made, and where to begin. It may be repeated.',
    reads: 'HeartbeatRequest',
    answers: 'Heartbeat',
    errors: [40_001, 40_403, 40_903, 50_401],
    handler: heartbeat,
  }),
  route({
    ...at('POST', `${group}/offsets`, 'commitOffsets', 'Commit offsets of a group'),
    ...consume,
    description:
      'OffsetCommit, of a member, or without membership: then of partitions that nobody owns. ' +
      'Answers come in the order of the partitions, and each may be an error of its own. With a ' +
      '`commit_number`, which rises with each commit of a member, a late one changes nothing.',
    reads: 'OffsetCommitRequest',
    answers: 'OffsetCommit',
    errors: [40_001, 40_403, 40_903, 50_401],
    handler: commitOffsets,
  }),
  route({
    ...at(
      'POST',
      `${group}/offsets:fetch`,
      'fetchOffsets',
      'Read the committed offsets of a group',
    ),
    ...consume,
    description: 'OffsetFetch. Without `topics`: all that there are. -1: nothing is committed.',
    reads: 'OffsetFetchRequest',
    answers: 'OffsetFetch',
    errors: [40_001],
    handler: fetchOffsets,
  }),
];
