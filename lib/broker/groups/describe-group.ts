/**
 * API: ConsumerGroupDescribe (key 69), one group.
 *
 * Behaviour: members with what they own and what they are to own. A group is there while it has
 * members or offsets.
 * Deviations from Kafka: its states are those of `GroupStatus`.
 * Store requests: one read and three queries, and now and then one query of the topics.
 */
import type { Member } from '../../core/group/group.ts';
import type { GroupSight } from '../../core/group/read-group.ts';
import { isStatic, partsOf } from '../../core/group/group.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import type { TopicList } from '../../engine/topic-views.ts';
import type { BrokerContext } from '../context.ts';
import type {
  GroupDescription,
  MemberDescription,
  PartitionLag,
  TopicPartition,
} from '../group-types.ts';
import { existingSight, listingOf, liveIn, ownedBy, targetOf } from './sight.ts';

export async function describeGroup(
  context: BrokerContext,
  group: string,
): Promise<GroupDescription> {
  const sight = await existingSight(context, group);
  const live = liveIn(sight);
  const list = await context.engine.groups.topics.known(({ byId }) =>
    live.every((member) =>
      [...ownedBy(member), ...targetOf(sight, member)].every(({ topicId }) => byId.has(topicId)),
    ),
  );
  return {
    ...listingOf(group, sight),
    epoch: sight.state?.epoch ?? 0,
    memberList: live.map((member) => described(member, sight, list)),
  };
}

function described(member: Member, sight: GroupSight, list: TopicList): MemberDescription {
  const { subscription, beatMs } = member;
  return {
    ...memberOf(member),
    subscription:
      subscription.kind === 'names' ? subscription.names : { pattern: subscription.pattern },
    assignment: named(ownedBy(member), list),
    target: named(targetOf(sight, member), list),
    beatMs,
  };
}

/** Who it is. */
export function memberOf({
  key,
  memberId,
  clientId,
  clientHost,
}: Member): NonNullable<PartitionLag['member']> {
  const who = { memberId, clientId, clientHost };
  const { name } = partsOf(key);
  return isStatic({ key }) ? { ...who, instanceId: name.slice(2) } : who;
}

/** Partitions of topics that were deleted have no name any more. */
const named = (keys: readonly PartitionKey[], { byId }: TopicList): readonly TopicPartition[] =>
  keys.flatMap(({ topicId, partition }) => {
    const topic = byId.get(topicId)?.name;
    return topic === undefined ? [] : [{ topic, partition }];
  });
