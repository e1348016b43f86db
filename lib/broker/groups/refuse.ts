import { refusalOfCall } from '../../core/group/refusals.ts';
import type { GroupRefusal } from '../../core/group/refusals.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';

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

type Failed =
  | { readonly kind: 'refused'; readonly reason: GroupRefusal }
  | { readonly kind: 'expired'; readonly sent: boolean };

/** What a member's machine came to, unless it was refused or ran out of time. */
export function succeeded<Result extends { readonly kind: string }>(
  result: Result | Failed,
  { group, memberId }: { readonly group: string; readonly memberId: string },
): Exclude<Result, Failed> {
  if (isFailed(result)) {
    throw result.kind === 'refused'
      ? refused(result.reason, group)
      : outOfTime(result.sent, memberId);
  }
  return result as Exclude<Result, Failed>;
}

const isFailed = (result: { readonly kind: string }): result is Failed =>
  result.kind === 'refused' || result.kind === 'expired';

/** Of what comes after a write: if nobody answers, the write has happened all the same. */
export function afterWrite(who: string): (error: unknown) => never {
  return (error) => {
    const isUnanswered = error instanceof ProtocolError && error.kafka === 'KAFKA_STORAGE_ERROR';
    throw isUnanswered ? new OutcomeUnknown(who, false) : error;
  };
}

/** After a write into a group that may have been empty. */
export const announceAgain = ({ engine }: BrokerContext, group: string): Promise<void> =>
  engine.groups.list.announce(group).catch(afterWrite(group));
