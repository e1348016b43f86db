/**
 * API: DeleteGroups (key 42), one group.
 *
 * Behaviour: a group without members, with all its offsets. Members whose session has ended are
 * evicted first.
 * Deviations from Kafka: a member that joins meanwhile ends it, with the offsets gone that were.
 * Store requests: see `lib/core/group/delete-group.ts`; and three reads, a delete and two queries
 * to take it from the list.
 */
import { deleteGroup as deleteMachine } from '../../core/group/delete-group.ts';
import { unlist } from '../../engine/group-upkeep.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import { checkGroup } from './checks.ts';
import { outOfTime, refused } from './refuse.ts';

export async function deleteGroup({ engine }: BrokerContext, group: string): Promise<void> {
  checkGroup(group);
  const { groups } = engine;
  const listed = await groups.list.find(group);
  const result = await groups.run(deleteMachine, await groups.lookInput(group));
  if (result.kind === 'expired') throw outOfTime(result.sent, group);
  if (result.kind === 'refused' && result.reason === 'non-empty' && result.emptied > 0) {
    const message = `a member joined meanwhile, after offsets were deleted, ${result.emptied} of them`;
    throw new ProtocolError('NON_EMPTY_GROUP', `${message} group=${group}`);
  }
  if (result.kind === 'refused' && (result.reason === 'non-empty' || listed === undefined)) {
    throw refused(result.reason, group);
  }
  await unlist(groups, group, listed);
}
