import { ProtocolError } from '../protocol/errors.ts';
import { segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, listReply } from './cluster.ts';
import { namedPartition } from './partitions-v3.ts';

/** Moves of replicas between brokers, of which there are none: tools ask whether they are over. */

const listKind = 'KafkaReassignmentList';

export async function listAllReassignments(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const path = `/${segment(cluster)}/topics/-/partitions/-/reassignment`;
  return listReply(call, listKind, path, []);
}

export async function listReassignments(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const { name } = await call.broker.describeTopic(topicOf(call));
  const path = `/${segment(cluster)}/topics/${segment(name)}/partitions/-/reassignment`;
  return listReply(call, listKind, path, []);
}

/** Always 404, as with Kafka where nothing is under way. */
export async function getReassignment(call: Call): Promise<Reply> {
  const { topic, partition } = await namedPartition(call);
  throw new ProtocolError(
    'RESOURCE_NOT_FOUND',
    `expected a partition that is being moved, but none ever is topic=${topic} partition=${partition}`,
  );
}
