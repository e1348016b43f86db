import { numbered } from '../../core/instance/decide.ts';
import type { Instance } from '../../core/instance/instance.ts';
import { commitNumberOf, uncommitted } from '../../core/instance/poll.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import type { BrokerContext } from '../context.ts';
import type { OffsetToCommit, PartitionOutcome } from '../group-types.ts';
import { commitOffsets } from '../groups/commit-offsets.ts';
import { changeOne, readOne } from './change.ts';
import { InstanceError } from './instance-types.ts';
import type { InstanceName } from './instance-types.ts';
import { isLost } from './member.ts';

/** The partition is not, or no longer, the instance's to commit. */
const notOwned: readonly KafkaErrorName[] = [
  'UNKNOWN_MEMBER_ID',
  'STALE_MEMBER_EPOCH',
  'ILLEGAL_GENERATION',
];

/**
 * Without offsets what polls returned. Offsets that are named are put under a version of the
 * instance's own first: one that comes late is overtaken by the next.
 */
export async function commit(
  context: BrokerContext,
  of: InstanceName,
  named: readonly OffsetToCommit[] | undefined,
): Promise<void> {
  const instance = await (named === undefined
    ? readOne(context, of)
    : changeOne(context, of, numbered));
  const { group } = instance;
  const offsets = named ?? uncommitted(instance.partitions);
  if (offsets.length === 0) return;
  const commitNumber = commitNumberOf(instance, named === undefined ? 'version' : 'caller');
  const input = { group, offsets, commitNumber, ...memberOf(instance) };
  const told = await commitOffsets(context, input).catch((error: unknown) => {
    throw isLost(error) ? notMember(of) : error;
  });
  const failed = told.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw failureOf(failed);
}

function memberOf(instance: Instance) {
  const { member, reads } = instance;
  if (member === undefined || reads.kind === 'nothing') return {};
  if (member.epoch === 0) throw notMember(instance);
  return { member: { memberId: member.id, memberEpoch: member.epoch } };
}

const notMember = ({ name }: InstanceName): InstanceError =>
  new InstanceError(
    'illegal-state',
    `expected an instance that is a member of its group, got one that is none: poll first instance=${name}`,
  );

function failureOf({ error, message = '', topic, partition }: PartitionOutcome): Error {
  if (error === 'REQUEST_TIMED_OUT') return new OutcomeUnknown(`${topic}/${partition}`, false);
  if (error === undefined || notOwned.includes(error)) {
    return new InstanceError(
      'illegal-state',
      `expected partitions that the instance owns, got one that it does not: poll, then go on topic=${topic} partition=${partition}`,
    );
  }
  return new ProtocolError(error, message);
}
