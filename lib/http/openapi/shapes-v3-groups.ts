import * as z from 'zod';
import { outcome } from './shapes-groups.ts';
import { link, list, resource } from './shapes-v3-resource.ts';
import { int32, int64, text } from './values.ts';

const topicPartition = { topic_name: text, partition_id: int32 };
const ofGroup = { consumer_group_id: text };
const consumer = {
  consumer_id: text,
  instance_id: text.nullable(),
  client_id: text,
  client_host: text.describe('Ours.'),
};

const group = resource('KafkaConsumerGroup', {
  ...ofGroup,
  is_simple: z.boolean(),
  partition_assignor: text,
  state: z.enum(['EMPTY', 'RECONCILING', 'STABLE']),
  type: z.literal('CONSUMER'),
  is_mixed_consumer_group: z.literal(false),
  members_count: int32.describe('Ours.'),
  coordinator: link,
  consumers: link,
  lag_summary: link,
  lags: link.describe('Ours.'),
});

const member = resource('KafkaConsumer', {
  ...ofGroup,
  ...consumer,
  subscribed_topic_names: z.array(text).describe('Ours; empty with a pattern.'),
  subscribed_topic_regex: text.nullable().describe('Ours.'),
  assignment: z.array(z.object(topicPartition)).describe('Ours: what it owns.'),
  target_assignment: z.array(z.object(topicPartition)).describe('Ours: what it is to own.'),
  heartbeat_timestamp: int64.describe('Ours: ms since 1970, of the last beat that was written.'),
  assignments: link,
});

const assignment = resource('KafkaConsumerAssignment', {
  ...ofGroup,
  consumer_id: text,
  ...topicPartition,
  partition: link,
  lag: link,
});

const lag = resource('KafkaConsumerLag', {
  ...ofGroup,
  ...topicPartition,
  ...consumer,
  consumer_id: text.describe('Empty: nobody owns the partition.'),
  current_offset: int64.nullable().describe('Null: nothing is committed.'),
  log_end_offset: int64,
  lag: int64.nullable(),
  committed_leader_epoch: z.int().nullable().describe('Ours.'),
  committed_metadata: text.nullable().describe('Ours.'),
});

const lagSummary = resource('KafkaConsumerGroupLagSummary', {
  ...ofGroup,
  max_lag_consumer_id: text.describe('Empty: nobody owns the partition.'),
  max_lag_instance_id: text.nullable(),
  max_lag_client_id: text,
  max_lag_topic_name: text,
  max_lag_partition_id: int32,
  max_lag: int64,
  total_lag: int64,
  max_lag_consumer: link.describe('The list of consumers, if nobody owns the partition.'),
  max_lag_partition: link,
});

const signedInt64 = z.number().meta({ type: 'integer', format: 'int64' });
const target = z.union([
  z.enum(['earliest', 'latest']),
  z.strictObject({ timestamp: int64.meta({ minimum: 0 }) }),
  z.strictObject({ offset: int64.meta({ minimum: 0 }) }),
  z.strictObject({ shift: signedInt64 }),
]);

/** Groups in version 3; resets and deletions are ours. */
export const shapesV3Groups = {
  ConsumerGroup: group.extend({ group_epoch: int32.describe('Ours.') }),
  ConsumerGroupList: list('KafkaConsumerGroupList', group),
  Consumer: member,
  ConsumerList: list('KafkaConsumerList', member),
  ConsumerAssignment: assignment,
  ConsumerAssignmentList: list('KafkaConsumerAssignmentList', assignment),
  ConsumerLag: lag,
  ConsumerLagList: list('KafkaConsumerLagList', lag),
  ConsumerGroupLagSummary: lagSummary,
  ResetOffsetsRequest: z
    .strictObject({
      to: target.describe(
        'An end of the log, the first record at or after a time in ms since 1970, an offset, ' +
          'or so many records from what is committed; clipped to the log.',
      ),
      topics: z
        .array(z.strictObject({ topic_name: text, partitions: z.array(int32).nullish() }))
        .nullish()
        .describe('Absent: all that the group has offsets of. No partitions: all of the topic.'),
      dry_run: z.boolean().nullish().describe('Tells what would become of them, and no more.'),
    })
    .meta({ examples: [{ to: 'earliest', topics: [{ topic_name: 'rivers' }], dry_run: true }] }),
  OffsetResets: z.object({
    data: z.array(
      z.object({
        ...topicPartition,
        previous_offset: int64.nullable(),
        offset: int64.nullable().describe('Null with an error.'),
        ...outcome,
      }),
    ),
  }),
  DeleteOffsetsRequest: z
    .strictObject({ partitions: z.array(z.strictObject(topicPartition)).min(1) })
    .meta({ examples: [{ partitions: [{ topic_name: 'rivers', partition_id: 0 }] }] }),
  DeletedOffsets: z.object({ data: z.array(z.object({ ...topicPartition, ...outcome })) }),
} as const;
