import { limits } from '../../std/limits.ts';

interface Described {
  readonly name: string;
  /** As on the wire: every value of a topic config is a string there. */
  readonly default: string;
  readonly documentation: string;
  /**
   * `now`: has its effect. `later`: accepted and kept, will have it. `none`: accepted and kept so
   * that tools work, but there is nothing here that it could change.
   */
  readonly effect: 'now' | 'later' | 'none';
  /** Why not now. Present iff `effect` is not `now`. */
  readonly why?: string;
}

/** An integer of 32 (`int`) or 64 bits (`long`), within `min..max`, or equal to `or`. */
export interface IntegerConfig extends Described {
  readonly type: 'int' | 'long';
  readonly min?: bigint;
  readonly max?: bigint;
  readonly or?: bigint;
}

interface DoubleConfig extends Described {
  readonly type: 'double';
  readonly min: number;
  readonly max: number;
}

interface BooleanConfig extends Described {
  readonly type: 'boolean';
}

interface StringConfig extends Described {
  readonly type: 'string';
  readonly values: readonly string[];
}

/** Either some of `values`, or what Kafka's replication throttles take. */
export interface ListConfig extends Described {
  readonly type: 'list';
  readonly values: readonly string[] | 'throttled-replicas';
}

/** One topic-level config of Kafka 4.1. */
export type TopicConfig = IntegerConfig | DoubleConfig | BooleanConfig | StringConfig | ListConfig;

const noReplicas = 'there are no replicas: the object store and the table replicate';
const durable = 'every acknowledgement is durable: nothing is left to flush';
const noTiers = 'all data is in the object store already: there is no local tier';
const notCompacted = 'topics are not compacted yet';
const noLevel = 'batches are stored as the producer sent them, at the level it chose';
const forever = '9223372036854775807';

/**
 * Kafka's "Topic Configs" of 4.1 with their types, defaults and valid values, in order of name.
 * Checked against Kafka's own definition in test/core/topic. Deviations:
 * - `max.message.bytes` ends at `limits.batchBytesMax`, not at 2^31 - 1.
 * - `internal.segment.bytes`, Kafka's own test hook, is unknown here.
 */
const table = [
  {
    name: 'cleanup.policy',
    type: 'list',
    default: 'delete',
    values: ['compact', 'delete'],
    documentation:
      'What happens to old segments: delete by retention, compact to the newest value per key, ' +
      'both, or neither when empty.',
    effect: 'later',
    why: 'nothing is removed yet',
  },
  {
    name: 'compression.gzip.level',
    type: 'int',
    default: '-1',
    min: 1n,
    max: 9n,
    or: -1n,
    documentation: 'Level used when compression.type is gzip; -1 is the default of gzip.',
    effect: 'none',
    why: noLevel,
  },
  {
    name: 'compression.lz4.level',
    type: 'int',
    default: '9',
    min: 1n,
    max: 17n,
    documentation: 'Level used when compression.type is lz4.',
    effect: 'none',
    why: noLevel,
  },
  {
    name: 'compression.type',
    type: 'string',
    default: 'producer',
    values: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
    documentation:
      'Codec of the batches built from records (producer: none). Batches that a producer built ' +
      'are stored as they came.',
    effect: 'now',
  },
  {
    name: 'compression.zstd.level',
    type: 'int',
    default: '3',
    min: -131_072n,
    max: 22n,
    documentation: 'Level used when compression.type is zstd.',
    effect: 'none',
    why: noLevel,
  },
  {
    name: 'delete.retention.ms',
    type: 'long',
    default: '86400000',
    min: 0n,
    documentation: 'How long a tombstone stays in a compacted topic, for readers passing by.',
    effect: 'later',
    why: notCompacted,
  },
  {
    name: 'file.delete.delay.ms',
    type: 'long',
    default: '60000',
    min: 0n,
    documentation: 'Wait before a file that is no longer used is deleted.',
    effect: 'none',
    why: 'objects are deleted by the sweep, once nothing can name them, not after a delay',
  },
  {
    name: 'flush.messages',
    type: 'long',
    default: forever,
    min: 1n,
    documentation: 'Records after which the log is forced to disk.',
    effect: 'none',
    why: durable,
  },
  {
    name: 'flush.ms',
    type: 'long',
    default: forever,
    min: 0n,
    documentation: 'Time after which the log is forced to disk.',
    effect: 'none',
    why: durable,
  },
  {
    name: 'follower.replication.throttled.replicas',
    type: 'list',
    default: '',
    values: 'throttled-replicas',
    documentation: 'Replicas whose replication is throttled at the follower.',
    effect: 'none',
    why: noReplicas,
  },
  {
    name: 'index.interval.bytes',
    type: 'int',
    default: '4096',
    min: 0n,
    documentation: 'Bytes of log between two entries of the offset index.',
    effect: 'none',
    why: 'the index of a segment has one entry per MiB, so that one ranged read meets a batch',
  },
  {
    name: 'leader.replication.throttled.replicas',
    type: 'list',
    default: '',
    values: 'throttled-replicas',
    documentation: 'Replicas whose replication is throttled at the leader.',
    effect: 'none',
    why: noReplicas,
  },
  {
    name: 'local.retention.bytes',
    type: 'long',
    default: '-2',
    min: -2n,
    documentation: 'Bytes of a partition kept in the local tier; -2 follows retention.bytes.',
    effect: 'none',
    why: noTiers,
  },
  {
    name: 'local.retention.ms',
    type: 'long',
    default: '-2',
    min: -2n,
    documentation: 'How long segments stay in the local tier; -2 follows retention.ms.',
    effect: 'none',
    why: noTiers,
  },
  {
    name: 'max.compaction.lag.ms',
    type: 'long',
    default: forever,
    min: 1n,
    documentation: 'The longest that a record may stay out of compaction.',
    effect: 'later',
    why: notCompacted,
  },
  {
    name: 'max.message.bytes',
    type: 'int',
    default: String(limits.batchBytesDefault),
    min: 0n,
    max: BigInt(limits.batchBytesMax),
    documentation: 'The largest record batch accepted, after compression.',
    effect: 'now',
  },
  {
    name: 'message.timestamp.after.max.ms',
    type: 'long',
    default: '3600000',
    min: 0n,
    documentation: 'How far ahead of the clock the timestamp of a record may lie.',
    effect: 'now',
  },
  {
    name: 'message.timestamp.before.max.ms',
    type: 'long',
    default: forever,
    min: 0n,
    documentation: 'How far behind the clock the timestamp of a record may lie.',
    effect: 'now',
  },
  {
    name: 'message.timestamp.type',
    type: 'string',
    default: 'CreateTime',
    values: ['CreateTime', 'LogAppendTime'],
    documentation: 'Whether records carry the time of their creation or that of the append.',
    effect: 'now',
  },
  {
    name: 'min.cleanable.dirty.ratio',
    type: 'double',
    default: '0.5',
    min: 0,
    max: 1,
    documentation: 'Share of bytes not yet compacted from which on compaction is worth its cost.',
    effect: 'later',
    why: notCompacted,
  },
  {
    name: 'min.compaction.lag.ms',
    type: 'long',
    default: '0',
    min: 0n,
    documentation: 'The shortest time that a record stays out of compaction.',
    effect: 'later',
    why: notCompacted,
  },
  {
    name: 'min.insync.replicas',
    type: 'int',
    default: '1',
    min: 1n,
    documentation: 'Replicas that must have a write before acks=all is answered.',
    effect: 'none',
    why: 'every acknowledgement is durable, whatever acks says',
  },
  {
    name: 'preallocate',
    type: 'boolean',
    default: 'false',
    documentation: 'Whether the file of a new segment is allocated in advance.',
    effect: 'none',
    why: 'segments are objects, written once and whole',
  },
  {
    name: 'remote.log.copy.disable',
    type: 'boolean',
    default: 'false',
    documentation: 'Whether the remote tier of the topic takes no more data.',
    effect: 'none',
    why: noTiers,
  },
  {
    name: 'remote.log.delete.on.disable',
    type: 'boolean',
    default: 'false',
    documentation: 'Whether remote data goes when remote.storage.enable is switched off.',
    effect: 'none',
    why: noTiers,
  },
  {
    name: 'remote.storage.enable',
    type: 'boolean',
    default: 'false',
    documentation: 'Whether the topic has a remote tier.',
    effect: 'none',
    why: noTiers,
  },
  {
    name: 'retention.bytes',
    type: 'long',
    default: '-1',
    documentation: 'Bytes kept per partition under cleanup.policy=delete; negative: no limit.',
    effect: 'later',
    why: 'nothing is removed yet',
  },
  {
    name: 'retention.ms',
    type: 'long',
    default: '604800000',
    min: -1n,
    documentation: 'How long records are kept under cleanup.policy=delete; -1: no limit.',
    effect: 'later',
    why: 'nothing is removed yet',
  },
  {
    name: 'segment.bytes',
    type: 'int',
    default: '1073741824',
    min: 1_048_576n,
    documentation: 'The largest segment.',
    effect: 'later',
    why: 'the size of a segment is chosen by roll-up, for the cost of requests',
  },
  {
    name: 'segment.index.bytes',
    type: 'int',
    default: '10485760',
    min: 4n,
    documentation: 'Size of the index file of a segment.',
    effect: 'none',
    why: 'the index of a segment lies in its footer and is as large as it needs to be',
  },
  {
    name: 'segment.jitter.ms',
    type: 'long',
    default: '0',
    min: 0n,
    documentation: 'Random time taken off segment.ms, so that segments do not roll all at once.',
    effect: 'none',
    why: 'work that is due is spread by the passes that find it',
  },
  {
    name: 'segment.ms',
    type: 'long',
    default: '604800000',
    min: 1n,
    documentation: 'Time after which records are sealed into a segment, however few they are.',
    effect: 'later',
    why: 'there are no segments yet',
  },
  {
    name: 'unclean.leader.election.enable',
    type: 'boolean',
    default: 'false',
    documentation: 'Whether a replica that lags behind may become leader, losing records.',
    effect: 'none',
    why: 'nobody leads, and no replica lags behind',
  },
] as const satisfies readonly TopicConfig[];

export type TopicConfigName = (typeof table)[number]['name'];

/** All of them, in order of name. */
export const topicConfigs: readonly TopicConfig[] = table;

const byName: ReadonlyMap<string, TopicConfig> = new Map(table.map((each) => [each.name, each]));

/** The definition of a config, or undefined if Kafka 4.1 has none of this name. */
export function topicConfig(name: string): TopicConfig | undefined {
  return byName.get(name);
}
