import type { PartitionLag } from '../broker/group-types.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { jsonReply, partitionOf, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { related } from './cluster.ts';
import {
  byTopicPartition,
  consumerFields,
  consumerPath,
  groupPath,
  groupResource,
  namedGroup,
  partitionFields,
  topicPartitionKey,
} from './consumer-groups-v3.ts';
import type { NamedGroup } from './consumer-groups-v3.ts';
import { pageReply } from './pages.ts';
import type { PageCall } from './pages.ts';
import { partitionPath } from './partitions-v3.ts';

/** As Confluent's proxies tell that nobody owns a partition. */
const nobody: NonNullable<PartitionLag['member']> = {
  memberId: '',
  clientId: '',
  clientHost: '',
};

function lagResource(call: Pick<Call, 'request'>, named: NamedGroup, lag: PartitionLag): object {
  const { topic, partition, committed } = lag;
  const below = {
    path: `/lags/${segment(topic)}/partitions/${partition}`,
    name: `/lag=${topic}/partition=${partition}`,
  };
  return {
    ...groupResource(call, 'KafkaConsumerLag', named, below),
    ...partitionFields(lag),
    ...consumerFields(lag.member ?? nobody),
    current_offset: committed?.offset ?? null,
    log_end_offset: lag.logEndOffset,
    lag: lag.lag ?? null,
    committed_leader_epoch: committed?.leaderEpoch ?? null,
    committed_metadata: committed?.metadata ?? null,
  };
}

export async function listLags(call: PageCall): Promise<Reply> {
  const named = await namedGroup(call);
  const lags = await call.broker.groupLag(named.group);
  const entries = lags.toSorted(byTopicPartition).map((lag) => ({
    key: topicPartitionKey(lag),
    make: () => lagResource(call, named, lag),
  }));
  return pageReply(call, 'KafkaConsumerLagList', `${groupPath(named)}/lags`, entries);
}

export async function getLag(call: Call): Promise<Reply> {
  const named = await namedGroup(call);
  const [topic, partition] = [topicOf(call), partitionOf(call)];
  const lags = await call.broker.groupLag(named.group);
  const found = lags.find((one) => one.topic === topic && one.partition === partition);
  if (found !== undefined) return jsonReply(lagResource(call, named, found));
  throw new ProtocolError(
    'RESOURCE_NOT_FOUND',
    `expected a partition that the group has committed or owns, got topic=${topic} partition=${partition}`,
  );
}

export async function getLagSummary(call: Call): Promise<Reply> {
  const named = await namedGroup(call);
  const lags = await call.broker.groupLag(named.group);
  const known = lags.filter((one): one is PartitionLag & { lag: bigint } => one.lag !== undefined);
  const [first, ...others] = known;
  if (first === undefined) {
    throw new ProtocolError(
      'RESOURCE_NOT_FOUND',
      'expected a group that has committed offsets, got one that has none',
    );
  }
  const most = others.reduce((max, one) => (one.lag > max.lag ? one : max), first);
  const { topic, partition, member = nobody } = most;
  const { cluster } = named;
  return jsonReply({
    ...groupResource(call, 'KafkaConsumerGroupLagSummary', named, {
      path: '/lag-summary',
      name: '/lag-summary',
    }),
    max_lag_consumer_id: member.memberId,
    max_lag_instance_id: member.instanceId ?? null,
    max_lag_client_id: member.clientId,
    max_lag_topic_name: topic,
    max_lag_partition_id: partition,
    max_lag: most.lag,
    total_lag: known.reduce((sum, { lag }) => sum + lag, 0n),
    max_lag_consumer: related(
      call,
      most.member === undefined
        ? `${groupPath(named)}/consumers`
        : consumerPath(named, member.memberId),
    ),
    max_lag_partition: related(call, partitionPath({ cluster, topic, partition })),
  });
}
