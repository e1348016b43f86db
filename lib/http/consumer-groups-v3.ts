import type { GroupListing, MemberDescription, TopicPartition } from '../broker/group-types.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { must } from '../std/assert.ts';
import { jsonReply, partitionOf, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, related, resource } from './cluster.ts';
import { shown } from './faults.ts';
import { groupOf } from './groups.ts';
import { onlyBroker } from './metadata.ts';
import { pageReply } from './pages.ts';
import type { PageCall } from './pages.ts';
import { partitionKey, partitionPath } from './partitions-v3.ts';

/** A group of a cluster. */
export interface NamedGroup {
  readonly cluster: string;
  readonly group: string;
}

type Linking = Pick<Call, 'request'>;

export const groupPath = ({ cluster, group }: NamedGroup): string =>
  `/${segment(cluster)}/consumer-groups/${segment(group)}`;

export const consumerPath = (named: NamedGroup, memberId: string): string =>
  `${groupPath(named)}/consumers/${segment(memberId)}`;

/** A key in the order of topics, then of partitions. */
export const topicPartitionKey = ({ topic, partition }: TopicPartition): string =>
  `${topic} ${partitionKey(partition)}`;

export const byTopicPartition = (a: TopicPartition, b: TopicPartition): number =>
  topicPartitionKey(a) < topicPartitionKey(b) ? -1 : 1;

/** The group that the path names, in this cluster. */
export async function namedGroup<Body, Query>(call: Call<Body, Query>): Promise<NamedGroup> {
  return { cluster: await checkCluster(call), group: groupOf(call) };
}

/** What lies in a group: `below` its path, and of its name. */
export function groupResource(
  call: Linking,
  kind: string,
  named: NamedGroup,
  below: { readonly path: string; readonly name: string } = { path: '', name: '' },
): object {
  const { cluster, group } = named;
  const name = `kafka=${cluster}/consumer-group=${group}${below.name}`;
  return {
    ...resource(call, kind, `${groupPath(named)}${below.path}`, name),
    cluster_id: cluster,
    consumer_group_id: group,
  };
}

function listingResource(call: Linking, cluster: string, listing: GroupListing): object {
  const named = { cluster, group: listing.group };
  const path = groupPath(named);
  return {
    ...groupResource(call, 'KafkaConsumerGroup', named),
    is_simple: false,
    partition_assignor: listing.assignor,
    state: listing.status.toUpperCase(),
    type: 'CONSUMER',
    is_mixed_consumer_group: false,
    members_count: listing.members,
    coordinator: related(call, `/${segment(cluster)}/brokers/${onlyBroker}`),
    consumers: related(call, `${path}/consumers`),
    lag_summary: related(call, `${path}/lag-summary`),
    lags: related(call, `${path}/lags`),
  };
}

/** As every resource names a member. */
export const consumerFields = (
  member: Pick<MemberDescription, 'memberId' | 'instanceId' | 'clientId' | 'clientHost'>,
) => ({
  consumer_id: member.memberId,
  instance_id: member.instanceId ?? null,
  client_id: member.clientId,
  client_host: member.clientHost,
});

function consumerResource(call: Linking, named: NamedGroup, member: MemberDescription): object {
  const { memberId, subscription } = member;
  const path = `/consumers/${segment(memberId)}`;
  const below = { path, name: `/consumer=${memberId}` };
  const pattern = 'pattern' in subscription ? subscription.pattern : undefined;
  return {
    ...groupResource(call, 'KafkaConsumer', named, below),
    ...consumerFields(member),
    subscribed_topic_names: 'pattern' in subscription ? [] : subscription,
    subscribed_topic_regex: pattern ?? null,
    assignment: member.assignment.map(partitionFields),
    target_assignment: member.target.map(partitionFields),
    heartbeat_timestamp: member.beatMs,
    assignments: related(call, `${groupPath(named)}${path}/assignments`),
  };
}

/** As v3 names a partition. */
export const partitionFields = ({ topic, partition }: TopicPartition) => ({
  topic_name: topic,
  partition_id: partition,
});

function assignmentResource(
  call: Linking,
  named: NamedGroup,
  memberId: string,
  at: TopicPartition,
): object {
  const { topic, partition } = at;
  const place = `${segment(topic)}/partitions/${partition}`;
  const below = {
    path: `/consumers/${segment(memberId)}/assignments/${place}`,
    name: `/consumer=${memberId}/assignment=${topic}/partition=${partition}`,
  };
  return {
    ...groupResource(call, 'KafkaConsumerAssignment', named, below),
    consumer_id: memberId,
    ...partitionFields(at),
    partition: related(call, partitionPath({ cluster: named.cluster, topic, partition })),
    lag: related(call, `${groupPath(named)}/lags/${place}`),
  };
}

export async function listGroups(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const listings = await call.broker.listGroups();
  const entries = listings.map((listing) => ({
    key: listing.group,
    make: () => listingResource(call, cluster, listing),
  }));
  return pageReply(call, 'KafkaConsumerGroupList', `/${segment(cluster)}/consumer-groups`, entries);
}

export async function getGroup(call: Call): Promise<Reply> {
  const { cluster, group } = await namedGroup(call);
  const described = await call.broker.describeGroup(group);
  const listing = listingResource(call, cluster, described);
  return jsonReply({ ...listing, group_epoch: described.epoch });
}

export async function deleteGroup(call: Call): Promise<Reply> {
  const { group } = await namedGroup(call);
  await call.broker.deleteGroup(group);
  return {};
}

export async function listConsumers(call: PageCall): Promise<Reply> {
  const named = await namedGroup(call);
  const { memberList } = await call.broker.describeGroup(named.group);
  const entries = memberList
    .map((member) => ({
      key: member.memberId,
      make: () => consumerResource(call, named, member),
    }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return pageReply(call, 'KafkaConsumerList', `${groupPath(named)}/consumers`, entries);
}

export async function getConsumer(call: Call): Promise<Reply> {
  const named = await namedGroup(call);
  return jsonReply(consumerResource(call, named, await memberOf(call, named)));
}

export async function listAssignments(call: PageCall): Promise<Reply> {
  const named = await namedGroup(call);
  const { memberId, assignment } = await memberOf(call, named);
  const entries = assignment.toSorted(byTopicPartition).map((at) => ({
    key: topicPartitionKey(at),
    make: () => assignmentResource(call, named, memberId, at),
  }));
  const path = `${consumerPath(named, memberId)}/assignments`;
  return pageReply(call, 'KafkaConsumerAssignmentList', path, entries);
}

export async function getAssignment(call: Call): Promise<Reply> {
  const named = await namedGroup(call);
  const [topic, partition] = [topicOf(call), partitionOf(call)];
  const { memberId, assignment } = await memberOf(call, named);
  const found = assignment.find((one) => one.topic === topic && one.partition === partition);
  if (found !== undefined) return jsonReply(assignmentResource(call, named, memberId, found));
  throw new ProtocolError(
    'RESOURCE_NOT_FOUND',
    `expected a partition that the consumer owns, got topic=${topic} partition=${partition}`,
  );
}

/** The member that the path names. UNKNOWN_MEMBER_ID. */
async function memberOf<Body, Query>(
  call: Call<Body, Query>,
  { group }: NamedGroup,
): Promise<MemberDescription> {
  const id = must(call.params['consumer'], 'consumer of the path');
  const { memberList } = await call.broker.describeGroup(group);
  const found = memberList.find(({ memberId }) => memberId === id);
  if (found !== undefined) return found;
  throw new ProtocolError(
    'UNKNOWN_MEMBER_ID',
    `expected the id of a member, as the group's consumers have it, got consumer=${shown(id)}`,
  );
}
