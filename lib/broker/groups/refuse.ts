import { refusalOfCall } from '../../core/group/refusals.ts';
import type { GroupRefusal, KafkaRefusal } from '../../core/group/refusals.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { PartitionOutcome, TopicPartition } from '../group-types.ts';

/** A whole call that was refused. Nothing of it happened. */
export function refused(reason: GroupRefusal, group: string): ProtocolError {
  const { error, message } = refusalOfCall(reason);
  return new ProtocolError(error, `${message} group=${group}`);
}

/** A whole call that ran out of time. `who`: the member, or the group. */
export function outOfTime(sent: boolean, who: string): ProtocolError {
  if (sent) return new OutcomeUnknown(who, false);
  return new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; try again');
}

/** What became of one partition. */
export function outcomeOf(
  { topic, partition }: TopicPartition,
  refusal: KafkaRefusal | undefined,
): PartitionOutcome {
  if (refusal === undefined) return { topic, partition };
  const { error, message } = refusal;
  return { topic, partition, error, message: `${message} topic=${topic} partition=${partition}` };
}

export const noTopic: KafkaRefusal = {
  error: 'UNKNOWN_TOPIC_OR_PARTITION',
  message: 'no such topic or partition; create it first',
};
