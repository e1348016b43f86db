/**
 * API: OffsetCommit (key 8).
 *
 * Behaviour: of a member, for the partitions that it owns: one write for all of them, which counts
 * as a heartbeat. Without membership, for partitions that nobody owns. What is refused is told by
 * partition.
 * Deviations from Kafka: a member may not commit what it does not own; a commit that comes late is
 * overtaken by its number.
 * Store requests: of a member one put, and one read unless this process was the last to write its
 * item. Without membership see `lib/core/group/commit-unowned.ts`, and one read per topic.
 */
import { commitOffsets as commitMachine } from '../../core/group/commit.ts';
import { commitUnowned } from '../../core/group/commit-unowned.ts';
import { memberName } from '../../core/group/group.ts';
import { refusalOfCommit, refusalOfUnowned } from '../../core/group/refusals.ts';
import type { TopicNames } from '../../engine/topic-views.ts';
import type { BrokerContext } from '../context.ts';
import type { CommitOffsetsInput, PartitionOutcome } from '../group-types.ts';
import { checkCommitNumber, checkGroup, checkMember } from './checks.ts';
import { keyOf, knowsAll, outcomesOf, toCommits } from './partitions.ts';
import { announceAgain, succeeded } from './refuse.ts';

type Committer = NonNullable<CommitOffsetsInput['member']>;

export async function commitOffsets(
  context: BrokerContext,
  input: CommitOffsetsInput,
): Promise<readonly PartitionOutcome[]> {
  checkGroup(input.group);
  checkCommitNumber(input.commitNumber);
  return input.member === undefined
    ? commitAlone(context, input)
    : commitAsMember(context, input, input.member);
}

async function commitAsMember(
  context: BrokerContext,
  input: CommitOffsetsInput,
  member: Committer,
): Promise<readonly PartitionOutcome[]> {
  checkMember(member.memberId, member.instanceId);
  const { topics } = context.engine.groups;
  const { offsets } = input;
  const list = await topics.known((known) => knowsAll(known, offsets));
  const outcomes = await commitBy(context, input, member, list);
  if (!outcomes.some(({ error }) => error === 'STALE_MEMBER_EPOCH')) return outcomes;
  // A name that is remembered may be of a topic that is no more.
  const now = await topics.fresh();
  const isOther = offsets.some((one) => keyOf(now, one)?.topicId !== keyOf(list, one)?.topicId);
  return isOther ? commitBy(context, input, member, now) : outcomes;
}

async function commitBy(
  { engine }: BrokerContext,
  { group, offsets, commitNumber }: CommitOffsetsInput,
  { memberId, instanceId, memberEpoch }: Committer,
  list: TopicNames,
): Promise<readonly PartitionOutcome[]> {
  const { groups } = engine;
  const { commits, refusals } = toCommits(list, offsets, commitNumber);
  const name = memberName(memberId, instanceId);
  const known = groups.members.last(group, name);
  const result = succeeded(
    await groups.run(commitMachine, {
      group,
      memberId,
      instanceId,
      epoch: memberEpoch,
      commits,
      member: known,
      nowMs: groups.nowMs(),
    }),
    { group, memberId },
  );
  if (result.member !== undefined) groups.members.see(name, result.member);
  return outcomesOf(offsets, refusals, result.verdicts.map(refusalOfCommit));
}

async function commitAlone(
  context: BrokerContext,
  { group, offsets }: CommitOffsetsInput,
): Promise<readonly PartitionOutcome[]> {
  const { engine } = context;
  const list = await engine.groups.topics.freshOf(offsets.map(({ topic }) => topic));
  const { commits, refusals } = toCommits(list, offsets, undefined);
  await engine.groups.list.announce(group);
  const verdicts = await engine.groups.run(commitUnowned, { group, commits, needsEmpty: false });
  await announceAgain(context, group);
  return outcomesOf(offsets, refusals, verdicts.map(refusalOfUnowned));
}
