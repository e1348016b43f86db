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

/** After a write into a group that may have been empty. If nobody answers, the write has happened. */
export async function announceAgain({ engine }: BrokerContext, group: string): Promise<void> {
  await engine.groups.list.announce(group).catch((error: unknown) => {
    throw error instanceof ProtocolError ? new OutcomeUnknown(group, false) : error;
  });
}
