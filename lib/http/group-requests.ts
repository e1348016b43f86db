import type {
  CommitOffsetsInput,
  FetchOffsetsInput,
  HeartbeatInput,
  OffsetToCommit,
  TopicPartition,
} from '../broker/group-types.ts';
import { assignorNamed } from '../core/group/assign.ts';
import { groupBounds } from '../core/group/bounds.ts';
import type { AssignorName } from '../core/group/group.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { HttpFault, malformed, shown } from './faults.ts';
import { ObjectReader, present, readBody } from './object-reader.ts';
import { int32Max } from './record-fields.ts';

/** Kafka's messages, in JSON and in snake case; what is ours is said where the shapes are. */

const heartbeatFields = [
  'member_id',
  'member_epoch',
  'last_epoch',
  'instance_id',
  'rebalance_timeout_ms',
  'subscribed_topic_names',
  'subscribed_topic_regex',
  'server_assignor',
  'topic_partitions',
  'session_timeout_ms',
  'client_id',
  'client_host',
  'offsets',
  'commit_number',
];
const commitFields = [
  'generation_id_or_member_epoch',
  'member_id',
  'group_instance_id',
  'topics',
  'commit_number',
];
const offsetFields = [
  'partition_index',
  'committed_offset',
  'committed_leader_epoch',
  'committed_metadata',
];

/** ConsumerGroupHeartbeat. */
export function readHeartbeat(group: string, bytes: Uint8Array): HeartbeatInput {
  const body = readBody(bytes, heartbeatFields);
  const offsets = body.has('offsets') ? readOffsets(body, 'offsets') : undefined;
  return {
    group,
    memberId: body.text('member_id'),
    memberEpoch: body.int('member_epoch', -2, int32Max),
    ...present({
      lastEpoch: body.has('last_epoch') ? body.int('last_epoch', 0, int32Max) : undefined,
      instanceId: optionalText(body, 'instance_id'),
      clientId: optionalText(body, 'client_id'),
      clientHost: optionalText(body, 'client_host'),
      sessionTimeoutMs: readTimeout(body, 'session_timeout_ms'),
      rebalanceTimeoutMs: readTimeout(body, 'rebalance_timeout_ms'),
      subscription: readSubscription(body),
      assignor: readAssignor(body),
      owned: readOwned(body),
      offsets,
      commitNumber: readCommitNumber(body),
    }),
  };
}

/** OffsetCommit; without a member: no member id, or an empty one, and no epoch, or −1. */
export function readCommit(group: string, bytes: Uint8Array): CommitOffsetsInput {
  const body = readBody(bytes, commitFields);
  return {
    group,
    offsets: readOffsets(body, 'topics'),
    ...present({ member: readMember(body), commitNumber: readCommitNumber(body) }),
  };
}

/** OffsetFetch of one group; no topics: all of them. */
export function readOffsetFetch(group: string, bytes: Uint8Array): FetchOffsetsInput {
  const body = readBody(bytes, ['topics', 'require_stable']);
  // Of no effect: there are no transactions that could keep an offset unstable.
  if (body.has('require_stable')) body.flag('require_stable');
  if (!body.has('topics')) return { group };
  const topics = body.list('topics', (value, path) => {
    const topic = new ObjectReader(value, path, ['name', 'partition_indexes']);
    const name = topic.text('name');
    const partitions = topic.ints('partition_indexes', 0, int32Max);
    return partitions.map((partition) => ({ topic: name, partition }));
  });
  return { group, partitions: checkCount(topics.flat()) };
}

/** What a call names is at most what a member may own, so that it ends in time: else 413. */
export function checkCount<T>(partitions: readonly T[]): readonly T[] {
  const max = groupBounds.entriesMax;
  const { length } = partitions;
  if (length <= max) return partitions;
  throw new HttpFault(
    413,
    `expected at most ${max} partitions in a request, got more; split it count=${length}`,
  );
}

const optionalText = (body: ObjectReader, name: string): string | undefined =>
  body.has(name) ? body.text(name) : undefined;

/** Kafka's −1: as it was, or by default. */
function readTimeout(body: ObjectReader, name: string): number | undefined {
  const ms = body.has(name) ? body.int(name, -1, int32Max) : -1;
  return ms < 0 ? undefined : ms;
}

function readSubscription(body: ObjectReader): HeartbeatInput['subscription'] {
  const names = 'subscribed_topic_names';
  const regex = 'subscribed_topic_regex';
  if (!body.has(regex)) return body.has(names) ? body.texts(names) : undefined;
  if (body.has(names)) {
    throw malformed(`expected one of ${names} and ${regex}, got both; write one pattern for all`);
  }
  return { pattern: body.text(regex) };
}

function readAssignor(body: ObjectReader): AssignorName | undefined {
  const name = optionalText(body, 'server_assignor');
  const assignor = name === undefined ? undefined : assignorNamed(name);
  if (name === undefined || assignor !== undefined) return assignor;
  throw new ProtocolError(
    'UNSUPPORTED_ASSIGNOR',
    `expected one of uniform, range, round-robin, sticky, got server_assignor=${shown(name)}`,
  );
}

function readOwned(body: ObjectReader): readonly TopicPartition[] | undefined {
  if (!body.has('topic_partitions')) return undefined;
  const topics = body.list('topic_partitions', (value, path) => {
    const reader = new ObjectReader(value, path, ['topic_name', 'topic_id', 'partitions']);
    const topic = reader.text('topic_name');
    const id = present({ topicId: optionalText(reader, 'topic_id') });
    return reader
      .ints('partitions', 0, int32Max)
      .map((partition): TopicPartition => ({ topic, partition, ...id }));
  });
  return checkCount(topics.flat());
}

function readOffsets(body: ObjectReader, field: string): readonly OffsetToCommit[] {
  const topics = body.list(field, (value, path) => {
    const topic = new ObjectReader(value, path, ['name', 'topic_id', 'partitions']);
    const name = topic.text('name');
    const id = present({ topicId: optionalText(topic, 'topic_id') });
    return topic.list('partitions', (each, at) => ({ ...readOffset(name, each, at), ...id }));
  });
  return checkCount(topics.flat());
}

function readOffset(topic: string, value: unknown, path: string): OffsetToCommit {
  const reader = new ObjectReader(value, path, offsetFields);
  const epoch = 'committed_leader_epoch';
  return {
    topic,
    partition: reader.int('partition_index', 0, int32Max),
    offset: reader.int64('committed_offset'),
    ...present({
      leaderEpoch: reader.has(epoch) ? reader.int(epoch, -1, int32Max) : undefined,
      metadata: optionalText(reader, 'committed_metadata'),
    }),
  };
}

function readCommitNumber(body: ObjectReader): number | undefined {
  const name = 'commit_number';
  return body.has(name) ? body.int(name, 1, Number.MAX_SAFE_INTEGER) : undefined;
}

function readMember(body: ObjectReader): CommitOffsetsInput['member'] {
  const name = 'generation_id_or_member_epoch';
  const memberId = optionalText(body, 'member_id') ?? '';
  const memberEpoch = body.has(name) ? body.int(name, -1, int32Max) : -1;
  const instanceId = optionalText(body, 'group_instance_id');
  const isMember = memberId !== '' && memberEpoch >= 0;
  const isNobody = memberId === '' && memberEpoch < 0 && instanceId === undefined;
  if (isNobody) return undefined;
  if (isMember) return { memberId, memberEpoch, ...present({ instanceId }) };
  throw malformed(
    `expected member_id and ${name}, or neither of them for a commit without membership, got ` +
      `member_id=${shown(memberId)} ${name}=${memberEpoch}`,
  );
}
