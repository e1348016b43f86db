import * as z from 'zod';
import { groupBounds } from '../../core/group/bounds.ts';
import { topicName } from '../schemas.ts';
import { int32, int64, text } from './values.ts';

const { entriesMax, nameBytesMax, patternLengthMax, sessionMsMin, sessionMsMax } = groupBounds;
const { rebalanceMsMax } = groupBounds;

const name = z.string().meta({ maxLength: nameBytesMax });
const memberId = name.meta({ minLength: 1, maxLength: nameBytesMax });
const int32Max = 2 ** 31 - 1;
const signed = (minimum: number, maximum = int32Max) =>
  z.number().meta({ type: 'integer', format: 'int32', minimum, maximum });

const assignor = z.enum(['uniform', 'range', 'round-robin', 'roundrobin', 'sticky']);

const commitNumber = int64
  .meta({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
  .nullish()
  .describe("Ours. The member's own, rising with each of its commits; the same in a repetition.");

const topicId = text
  .nullish()
  .describe('The topic with this id, never one that was made anew under its name (KIP-516).');

const offsets = z
  .array(
    z.strictObject({
      name: text,
      topic_id: topicId.describe('Ours. As it was assigned.'),
      partitions: z.array(
        z.strictObject({
          partition_index: int32,
          committed_offset: int64.meta({ minimum: 0 }).describe('Of the next record to process.'),
          committed_leader_epoch: signed(-1).nullish(),
          committed_metadata: text.nullish(),
        }),
      ),
    }),
  )
  .describe(`At most ${entriesMax} partitions in all, each once.`);

/** What became of one partition. */
export const outcome = {
  error_code: z.int().nullable().describe('Of the table of errors; null: done.'),
  error_name: text.optional().describe("Kafka's name of the error."),
  error_message: text.optional(),
};

const outcomes = z.array(
  z.object({
    name: text,
    partitions: z.array(z.object({ partition_index: int32, ...outcome })),
  }),
);

const committed = {
  committed_offset: int64.meta({ minimum: -1 }).describe('-1: nothing is committed.'),
  committed_leader_epoch: signed(-1),
  metadata: text,
};

const exampleOffsets = [
  { name: 'rivers', partitions: [{ partition_index: 0, committed_offset: 7 }] },
];

/** Kafka's messages of groups. */
export const shapesGroups = {
  HeartbeatRequest: z
    .strictObject({
      member_id: memberId.describe('Chosen by the member, unique for ever (KIP-1082).'),
      member_epoch: signed(-2).describe(
        '0: joins; -1: leaves; -2: a static member leaves and will be back; else what it was told last.',
      ),
      last_epoch: int32
        .nullish()
        .describe(
          'Ours, with -1 or -2 and offsets: what it was told last, by which they are judged.',
        ),
      instance_id: memberId.nullish().describe('Of a static member (KIP-345).'),
      rebalance_timeout_ms: signed(-1, rebalanceMsMax).nullish().describe('-1: 5 minutes.'),
      subscribed_topic_names: z
        .array(z.string().meta(topicName))
        .nullish()
        .describe('This or a pattern with a join.'),
      subscribed_topic_regex: z
        .string()
        .meta({ maxLength: patternLengthMax })
        .nullish()
        .describe('Of RE2; must match the whole name of a topic.'),
      server_assignor: assignor.nullish(),
      topic_partitions: z
        .array(z.strictObject({ topic_name: text, topic_id: topicId, partitions: z.array(int32) }))
        .nullish()
        .describe('What the member still works on; null: it gives up nothing.'),
      session_timeout_ms: signed(-1, sessionMsMax)
        .nullish()
        .describe(`Ours, with a join: ${sessionMsMin} and more; -1: 45 seconds.`),
      client_id: name.nullish().describe('Ours, with a join.'),
      client_host: name.nullish().describe('Ours, with a join.'),
      offsets: offsets.nullish().describe('Ours. Committed together with what is given up.'),
      commit_number: commitNumber,
    })
    .meta({
      examples: [{ member_id: 'gauge-1', member_epoch: 0, subscribed_topic_names: ['rivers'] }],
    }),
  Heartbeat: z.object({
    member_id: text,
    member_epoch: signed(-2),
    heartbeat_interval_ms: int32.describe('When to call again at the latest.'),
    assignment: z.object({
      topic_partitions: z.array(
        z.object({
          topic_id: text,
          topic_name: text.describe('Ours.'),
          partitions: z.array(int32),
          grants: z
            .array(z.object({ partition_index: int32, granted_in: int32, ...committed }))
            .describe(
              "Ours. If `granted_in` is not as before, the partition was somebody else's " +
                'in between: the member begins from what is committed.',
            ),
        }),
      ),
    }),
    offsets: outcomes.describe('Ours. What became of the offsets that came with it.'),
  }),
  OffsetCommitRequest: z
    .strictObject({
      generation_id_or_member_epoch: signed(-1).nullish(),
      member_id: name.nullish().describe('Empty or absent: a commit without membership.'),
      group_instance_id: memberId.nullish(),
      topics: offsets,
      commit_number: commitNumber,
    })
    .meta({ examples: [{ topics: exampleOffsets }] }),
  OffsetCommit: z.object({ topics: outcomes }),
  OffsetFetchRequest: z
    .strictObject({
      topics: z
        .array(z.strictObject({ name: text, partition_indexes: z.array(int32) }))
        .nullish()
        .describe('Absent: all that have an offset.'),
      require_stable: z.boolean().nullish().describe('Of no effect yet.'),
    })
    .meta({ examples: [{ topics: [{ name: 'rivers', partition_indexes: [0, 1] }] }] }),
  OffsetFetch: z.object({
    topics: z.array(
      z.object({
        name: text,
        partitions: z.array(z.object({ partition_index: int32, ...committed, ...outcome })),
      }),
    ),
  }),
} as const;
