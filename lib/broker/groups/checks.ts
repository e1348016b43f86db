import { groupBounds } from '../../core/group/bounds.ts';
import type { KafkaRefusal } from '../../core/group/refusals.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import { int32Max } from '../../store/fields.ts';
import { isName } from '../../store/group-pk.ts';
import type { OffsetToCommit, TopicPartition } from '../group-types.ts';

const { nameBytesMax } = groupBounds;

/** INVALID_GROUP_ID. */
export function checkGroup(group: string): void {
  checkName('INVALID_GROUP_ID', 'group', group);
}

/** INVALID_REQUEST. */
export function checkMember(memberId: string, instanceId: string | undefined): void {
  checkName('INVALID_REQUEST', 'member_id', memberId);
  if (instanceId !== undefined) checkName('INVALID_REQUEST', 'instance_id', instanceId);
}

function checkName(error: KafkaErrorName, what: string, name: string): void {
  if (isName(name)) return;
  const expected = `expected text of 1 to ${nameBytesMax} bytes, percent-encoded`;
  throw new ProtocolError(error, `${expected}, ${what}=${JSON.stringify(name.slice(0, 100))}`);
}

/** INVALID_REQUEST unless it is an integer within these bounds. */
export function checkInteger(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ProtocolError('INVALID_REQUEST', `expected ${min} to ${max}, ${what}=${value}`);
}

/** INVALID_REQUEST. */
export function checkCommitNumber(number: number | undefined): void {
  if (number !== undefined) checkInteger('commit_number', number, 1, Number.MAX_SAFE_INTEGER);
}

/** INVALID_REQUEST. */
export function checkOnce(partitions: readonly TopicPartition[]): void {
  const seen = new Set<string>();
  for (const { topic, partition } of partitions) {
    const name = `${topic}#${partition}`;
    if (seen.has(name)) {
      const got = `topic=${topic} partition=${partition}`;
      throw new ProtocolError(
        'INVALID_REQUEST',
        `expected a partition at most once, twice is ${got}`,
      );
    }
    seen.add(name);
  }
}

const int64Max = 2n ** 63n - 1n;

/** Why an offset cannot be committed by anyone. */
export function refusalOfOffset(to: OffsetToCommit): KafkaRefusal | undefined {
  if (to.offset < 0n || to.offset > int64Max) {
    const message = `expected an offset of 0 to ${int64Max}, offset=${to.offset}`;
    return { error: 'OFFSET_OUT_OF_RANGE', message };
  }
  const { leaderEpoch = -1 } = to;
  const isEpoch = Number.isInteger(leaderEpoch) && leaderEpoch >= -1 && leaderEpoch <= int32Max;
  if (isEpoch) return undefined;
  const message = `expected a leader epoch of -1 to ${int32Max}, leader_epoch=${leaderEpoch}`;
  return { error: 'INVALID_REQUEST', message };
}
