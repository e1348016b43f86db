import type { PartitionOutcome } from '../broker/group-types.ts';
import { must } from '../std/assert.ts';
import { errorByName } from '../protocol/errors.ts';
import type { KafkaErrorName } from '../protocol/errors.ts';
import { jsonReply } from './call.ts';
import type { Call, Reply } from './call.ts';
import { readCommit, readHeartbeat, readOffsetFetch } from './group-requests.ts';
import { byTopic, committedFields } from './group-wire.ts';

/** The group that the path names, whatever is in its name: the broker refuses what cannot be one. */
export const groupOf = ({ params }: Pick<Call, 'params'>): string =>
  must(params['group'], 'group of the path');

export async function heartbeat(call: Call): Promise<Reply> {
  const input = readHeartbeat(groupOf(call), call.request.body);
  const { memberEpoch, heartbeatIntervalMs, assignment, committed } =
    await call.broker.heartbeat(input);
  return jsonReply({
    member_id: input.memberId,
    member_epoch: memberEpoch,
    heartbeat_interval_ms: heartbeatIntervalMs,
    assignment: {
      topic_partitions: byTopic(assignment).map(({ topic, items }) => ({
        topic_id: items[0]?.topicId,
        topic_name: topic,
        partitions: items.map(({ partition }) => partition),
        grants: items.map((each) => ({
          partition_index: each.partition,
          granted_in: each.grantedIn,
          ...committedFields(each.committed),
        })),
      })),
    },
    offsets: outcomeTopics(committed),
  });
}

export async function commitOffsets(call: Call): Promise<Reply> {
  const input = readCommit(groupOf(call), call.request.body);
  return jsonReply({ topics: outcomeTopics(await call.broker.commitOffsets(input)) });
}

export async function fetchOffsets(call: Call): Promise<Reply> {
  const input = readOffsetFetch(groupOf(call), call.request.body);
  const found = await call.broker.fetchOffsets(input);
  return jsonReply({
    topics: byTopic(found).map(({ topic, items }) => ({
      name: topic,
      partitions: items.map(({ partition, committed, error }) => ({
        partition_index: partition,
        ...committedFields(committed),
        ...errorFields(error),
      })),
    })),
  });
}

/** What became of one partition: the code of the one table, Kafka's name of it, and why. */
export function errorFields(error: KafkaErrorName | undefined, message?: string) {
  if (error === undefined) return { error_code: null };
  const { http, message: meaning } = errorByName(error);
  return {
    error_code: http.error_code,
    error_name: error,
    error_message: message ?? meaning,
  };
}

/** As OffsetCommit answers. */
function outcomeTopics(outcomes: readonly PartitionOutcome[]): readonly object[] {
  return byTopic(outcomes).map(({ topic, items }) => ({
    name: topic,
    partitions: items.map(({ partition, error, message }) => ({
      partition_index: partition,
      ...errorFields(error, message),
    })),
  }));
}
