import { left } from '../../core/instance/decide.ts';
import type { Instance } from '../../core/instance/instance.ts';
import { commitNumberOf, uncommitted } from '../../core/instance/poll.ts';
import type { OffsetOf } from '../../core/instance/poll.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import { commitOffsets } from '../groups/commit-offsets.ts';
import { heartbeat } from '../groups/heartbeat.ts';
import { changeOne } from './change.ts';

/** The group has another idea of who the member is: it is none any more. */
const lost: readonly KafkaErrorName[] = [
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  'FENCED_INSTANCE_ID',
];

export const isLost = (error: unknown): boolean =>
  error instanceof ProtocolError && lost.includes(error.kafka);

/** What it commits when it stops. */
const lastOffsets = ({ config, partitions }: Instance): readonly OffsetOf[] =>
  config.autoCommit ? uncommitted(partitions) : [];

/** Lets the group know that its member has stopped. That it knows already does no harm. */
export async function leave(context: BrokerContext, instance: Instance): Promise<void> {
  const { group, member } = instance;
  if (member === undefined) return;
  const input = { group, memberId: member.id, memberEpoch: -1, lastEpoch: member.epoch };
  try {
    await heartbeat(context, {
      ...input,
      offsets: lastOffsets(instance),
      commitNumber: commitNumberOf(instance, 'version'),
    });
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}

/** An instance that has nothing to read any more has no member either. */
export async function finishLeaving(context: BrokerContext, instance: Instance): Promise<void> {
  const { member, reads } = instance;
  if (member === undefined || reads.kind !== 'nothing') return;
  await leave(context, instance);
  await changeOne(context, instance, (found) => left(found, member.id));
}

/** The last commit of who was assigned partitions by hand. What others own is theirs to commit. */
export async function commitLast(context: BrokerContext, instance: Instance): Promise<void> {
  const offsets = instance.reads.kind === 'assigned' ? lastOffsets(instance) : [];
  if (offsets.length > 0) await commitOffsets(context, { group: instance.group, offsets });
}
