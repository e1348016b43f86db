import type {
  AssignedPartition,
  Committed,
  FetchedOffset,
  GroupDescription,
  GroupListing,
  GroupStatus,
  Heartbeat,
  MemberDescription,
  OffsetReset,
  PartitionLag,
  PartitionOutcome,
  TopicPartition,
} from '../../broker/group-types.ts';
import { assignorNamed } from '../../core/group/assign.ts';
import { errorNamed } from '../../protocol/errors.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import type { Body, Fields } from './bodies.ts';

const statuses: Readonly<Record<string, GroupStatus | undefined>> = {
  EMPTY: 'empty',
  RECONCILING: 'reconciling',
  STABLE: 'stable',
};

/** What the routes of groups answer, read as the broker would have answered. */
export class GroupAnswer {
  readonly #body: Body;

  constructor(body: Body) {
    this.#body = body;
  }

  heartbeat(): Heartbeat {
    const body = this.#body;
    const { fields } = body;
    const topics = body.list('topic_partitions', body.object('assignment'));
    return {
      memberEpoch: this.#number(fields, 'member_epoch'),
      heartbeatIntervalMs: this.#number(fields, 'heartbeat_interval_ms'),
      assignment: topics.flatMap((topic) => this.#assigned(topic)),
      committed: this.outcomes(body.list('offsets')),
    };
  }

  /** Of topics as OffsetCommit answers them. */
  outcomes(topics: readonly Fields[]): readonly PartitionOutcome[] {
    return topics.flatMap((topic) =>
      this.#body.list('partitions', topic).map((each) => ({
        topic: this.#body.text(topic, 'name'),
        partition: this.#number(each, 'partition_index'),
        ...this.#error(each),
      })),
    );
  }

  fetchedOffsets(): readonly FetchedOffset[] {
    return this.#body.list('topics').flatMap((topic) =>
      this.#body.list('partitions', topic).map((each) => {
        const { error } = this.#error(each);
        return {
          topic: this.#body.text(topic, 'name'),
          partition: this.#number(each, 'partition_index'),
          ...(error === undefined ? this.#committed(each) : { error }),
        };
      }),
    );
  }

  listings(): readonly GroupListing[] {
    return this.#body.list('data').map((each) => this.#listing(each));
  }

  described(memberList: readonly MemberDescription[]): GroupDescription {
    const { fields } = this.#body;
    const epoch = this.#number(fields, 'group_epoch');
    return { ...this.#listing(fields), members: memberList.length, epoch, memberList };
  }

  members(): readonly MemberDescription[] {
    const body = this.#body;
    return body.list('data').map((each) => ({
      ...this.#consumer(each),
      subscription: body.isNull(each, 'subscribed_topic_regex')
        ? body.list('subscribed_topic_names', each).map((name) => this.#name(name))
        : { pattern: body.text(each, 'subscribed_topic_regex') },
      assignment: this.#partitions(each, 'assignment'),
      target: this.#partitions(each, 'target_assignment'),
      beatMs: this.#number(each, 'heartbeat_timestamp'),
    }));
  }

  lags(): readonly PartitionLag[] {
    const body = this.#body;
    return body.list('data').map((each) => ({
      ...this.#partition(each),
      logEndOffset: body.bigint(each, 'log_end_offset'),
      ...(body.isNull(each, 'current_offset')
        ? {}
        : {
            lag: body.bigint(each, 'lag'),
            committed: {
              offset: body.bigint(each, 'current_offset'),
              leaderEpoch: this.#number(each, 'committed_leader_epoch'),
              metadata: body.text(each, 'committed_metadata'),
            },
          }),
      ...(body.text(each, 'consumer_id') === '' ? {} : { member: this.#consumer(each) }),
    }));
  }

  deleted(): readonly PartitionOutcome[] {
    return this.#body
      .list('data')
      .map((each) => ({ ...this.#partition(each), ...this.#error(each) }));
  }

  resets(): readonly OffsetReset[] {
    return this.#body.list('data').map((each) => {
      const before = this.#offset(each, 'previous_offset');
      const after = this.#offset(each, 'offset');
      return {
        ...this.#partition(each),
        ...this.#error(each),
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
    });
  }

  #assigned(topic: Fields): readonly AssignedPartition[] {
    return this.#body.list('grants', topic).map((each) => ({
      topic: this.#body.text(topic, 'topic_name'),
      topicId: this.#body.text(topic, 'topic_id'),
      partition: this.#number(each, 'partition_index'),
      grantedIn: this.#number(each, 'granted_in'),
      ...this.#committed(each),
    }));
  }

  #committed(each: Fields): { readonly committed?: Committed } {
    const offset = this.#body.bigint(each, 'committed_offset');
    if (offset < 0n) return {};
    const leaderEpoch = this.#number(each, 'committed_leader_epoch');
    return { committed: { offset, leaderEpoch, metadata: this.#body.text(each, 'metadata') } };
  }

  #listing(each: Fields): GroupListing {
    const status = statuses[this.#body.text(each, 'state')];
    const assignor = assignorNamed(this.#body.text(each, 'partition_assignor'));
    if (status === undefined || assignor === undefined) throw this.#body.foreign();
    return {
      assignor,
      group: this.#body.text(each, 'consumer_group_id'),
      status,
      members: this.#number(each, 'members_count'),
    };
  }

  #consumer(each: Fields) {
    const body = this.#body;
    return {
      memberId: body.text(each, 'consumer_id'),
      ...(body.isNull(each, 'instance_id') ? {} : { instanceId: body.text(each, 'instance_id') }),
      clientId: body.text(each, 'client_id'),
      clientHost: body.text(each, 'client_host'),
    };
  }

  #partitions(of: Fields, name: string): readonly TopicPartition[] {
    return this.#body.list(name, of).map((each) => this.#partition(each));
  }

  #partition(each: Fields): TopicPartition {
    return {
      topic: this.#body.text(each, 'topic_name'),
      partition: this.#number(each, 'partition_id'),
    };
  }

  /** What Kafka of tomorrow may name otherwise: a failure leaves open what happened. */
  #error(each: Fields): { readonly error?: KafkaErrorName; readonly message?: string } {
    if (this.#body.isNull(each, 'error_code')) return {};
    const isFailure = this.#number(each, 'error_code') >= 50_000;
    const known = errorNamed(this.#body.text(each, 'error_name'));
    const error = known?.name ?? (isFailure ? 'REQUEST_TIMED_OUT' : 'INVALID_REQUEST');
    return { error, message: this.#body.text(each, 'error_message') };
  }

  /** Null is none. */
  #offset(each: Fields, name: string): bigint | undefined {
    return this.#body.isNull(each, name) ? undefined : this.#body.bigint(each, name);
  }

  #name(value: unknown): string {
    if (typeof value !== 'string') throw this.#body.foreign();
    return value;
  }

  #number(each: Fields, name: string): number {
    return Number(this.#body.bigint(each, name));
  }
}
