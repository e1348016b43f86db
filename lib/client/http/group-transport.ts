import type {
  CommitOffsetsInput,
  FetchedOffset,
  FetchOffsetsInput,
  GroupBroker,
  GroupDescription,
  GroupListing,
  Heartbeat,
  HeartbeatInput,
  OffsetReset,
  OffsetToCommit,
  PartitionLag,
  PartitionOutcome,
  ResetOffsetsInput,
  ResetTarget,
  TopicPartition,
} from '../../broker/group-types.ts';
import { byTopic } from '../../http/group-wire.ts';
import { toJson } from '../../http/json.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Body } from './bodies.ts';
import type { Conversation, Request } from './conversation.ts';
import { GroupAnswer } from './group-answers.ts';

type Write = NonNullable<Request['write']>;

/** To repeat it changes nothing, or is refused. */
const change: Write = { mayDuplicate: false };
const json = { 'content-type': 'application/json' } as const;

/** The operations of groups, over their routes. */
export abstract class HttpGroups implements GroupBroker {
  protected readonly server: Conversation;

  constructor(server: Conversation) {
    this.server = server;
  }

  abstract clusterId(): Promise<string>;

  async heartbeat(input: HeartbeatInput): Promise<Heartbeat> {
    const { subscription, owned, offsets = [], commitNumber } = input;
    const pattern = subscription !== undefined && 'pattern' in subscription;
    const body = await this.#post(
      `/groups/${groupSegment(input.group)}/heartbeat`,
      numberedWrite(offsets, commitNumber),
      {
        member_id: input.memberId,
        member_epoch: input.memberEpoch,
        last_epoch: input.lastEpoch,
        instance_id: input.instanceId,
        client_id: input.clientId,
        client_host: input.clientHost,
        session_timeout_ms: input.sessionTimeoutMs,
        rebalance_timeout_ms: input.rebalanceTimeoutMs,
        subscribed_topic_names: pattern ? undefined : subscription,
        subscribed_topic_regex: pattern ? subscription.pattern : undefined,
        server_assignor: input.assignor,
        topic_partitions: owned && ownedBody(owned),
        offsets: input.offsets && offsetsBody(offsets),
        commit_number: commitNumber,
      },
    );
    return new GroupAnswer(body).heartbeat();
  }

  async commitOffsets(input: CommitOffsetsInput): Promise<readonly PartitionOutcome[]> {
    const { group, member, offsets, commitNumber } = input;
    const body = await this.#post(
      `/groups/${groupSegment(group)}/offsets`,
      numberedWrite(offsets, commitNumber),
      {
        member_id: member?.memberId,
        group_instance_id: member?.instanceId,
        generation_id_or_member_epoch: member?.memberEpoch,
        topics: offsetsBody(offsets),
        commit_number: commitNumber,
      },
    );
    return new GroupAnswer(body).outcomes(body.list('topics'));
  }

  async fetchOffsets(input: FetchOffsetsInput): Promise<readonly FetchedOffset[]> {
    const { group, partitions } = input;
    const topics = partitions && byTopic(partitions);
    const body = await this.#post(`/groups/${groupSegment(group)}/offsets:fetch`, undefined, {
      topics: topics?.map(({ topic, items }) => {
        return { name: topic, partition_indexes: items.map(({ partition }) => partition) };
      }),
    });
    return new GroupAnswer(body).fetchedOffsets();
  }

  async listGroups(): Promise<readonly GroupListing[]> {
    const body = await this.server.ask({ method: 'GET', target: await this.#pathOf() });
    return new GroupAnswer(body).listings();
  }

  /** Two requests: the group as it is called first, its members as they are then. */
  async describeGroup(group: string): Promise<GroupDescription> {
    const target = await this.#pathOf(group);
    const head = await this.server.ask({ method: 'GET', target });
    const members = await this.server.ask({ method: 'GET', target: `${target}/consumers` });
    return new GroupAnswer(head).described(new GroupAnswer(members).members());
  }

  async groupLag(group: string): Promise<readonly PartitionLag[]> {
    const target = `${await this.#pathOf(group)}/lags`;
    return new GroupAnswer(await this.server.ask({ method: 'GET', target })).lags();
  }

  async deleteGroup(group: string): Promise<void> {
    const target = await this.#pathOf(group);
    await this.server.ask({ method: 'DELETE', target, write: change });
  }

  async deleteOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly PartitionOutcome[]> {
    const target = `${await this.#pathOf(group)}/offsets:delete`;
    const body = await this.#post(target, change, {
      partitions: partitions.map(({ topic, partition }) => {
        return { topic_name: topic, partition_id: partition };
      }),
    });
    return new GroupAnswer(body).deleted();
  }

  async resetOffsets(input: ResetOffsetsInput): Promise<readonly OffsetReset[]> {
    const { group, of: topics, to, dryRun } = input;
    const target = `${await this.#pathOf(group)}/offsets:reset`;
    // A shift that is repeated shifts again.
    const write = { mayDuplicate: to.kind === 'shift' };
    const body = await this.#post(target, dryRun ? undefined : write, {
      to: targetBody(to),
      topics: topics?.map(({ topic, partitions }) => ({ topic_name: topic, partitions })),
      dry_run: dryRun,
    });
    return new GroupAnswer(body).resets();
  }

  #post(target: string, write: Write | undefined, value: object): Promise<Body> {
    return this.server.ask({
      method: 'POST',
      target,
      headers: json,
      body: Buffer.from(toJson(value)),
      ...(write === undefined ? {} : { write }),
    });
  }

  /** Of a group, or of all of them. */
  async #pathOf(group?: string): Promise<string> {
    const below = group === undefined ? '' : `/${groupSegment(group)}`;
    return `/v3/clusters/${encodeURIComponent(await this.clusterId())}/consumer-groups${below}`;
  }
}

/** A commit without a number counts as the last one, whenever it comes. */
function numberedWrite(offsets: readonly OffsetToCommit[], commitNumber: number | undefined) {
  return { mayDuplicate: offsets.length > 0 && commitNumber === undefined };
}

/** Dots alone would be another path. */
function groupSegment(group: string): string {
  if (group === '' || !group.isWellFormed()) {
    throw new ProtocolError(
      'INVALID_GROUP_ID',
      `expected the name of a group, got group=${JSON.stringify(group)}`,
    );
  }
  return /^\.\.?$/.test(group) ? group.replaceAll('.', '%2E') : encodeURIComponent(group);
}

function ownedBody(owned: readonly TopicPartition[]): object {
  return byTopic(owned).map(({ topic, topicId, items }) => ({
    topic_name: topic,
    topic_id: topicId,
    partitions: items.map(({ partition }) => partition),
  }));
}

function offsetsBody(offsets: readonly OffsetToCommit[]): object {
  return byTopic(offsets).map(({ topic, topicId, items }) => ({
    name: topic,
    topic_id: topicId,
    partitions: items.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partition_index: partition,
      committed_offset: offset,
      committed_leader_epoch: leaderEpoch,
      committed_metadata: metadata,
    })),
  }));
}

function targetBody(to: ResetTarget): unknown {
  switch (to.kind) {
    case 'timestamp':
      return { timestamp: to.timestamp };
    case 'offset':
      return { offset: to.offset };
    case 'shift':
      return { shift: to.by };
    case 'earliest':
    case 'latest':
      return to.kind;
  }
}
