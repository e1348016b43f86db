import { assert, must } from '../../std/assert.ts';
import { listElements, parseConfigValue } from './config-value.ts';
import { topicConfig } from './topic-configs.ts';
import type { TopicConfigName } from './topic-configs.ts';

const policies = ['delete', 'compact'] as const;
const compressions = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** The configs of a topic that the code reads, typed. Times in ms, sizes in bytes. */
export interface TopicSettings {
  /** Of one record batch, 0..limits.batchBytesMax. */
  readonly maxMessageBytes: number;
  readonly timestampType: 'create' | 'log-append';
  /** How far behind and ahead of the clock a record may be, 0..2^63-1. */
  readonly timestampBeforeMaxMs: bigint;
  readonly timestampAfterMaxMs: bigint;
  /** Each at most once; empty: nothing is ever removed. */
  readonly cleanupPolicy: readonly (typeof policies)[number][];
  readonly compressionType: (typeof compressions)[number];
  /** -1: no limit. */
  readonly retentionMs: bigint;
  /** Of one partition; -1: no limit. */
  readonly retentionBytes: bigint;
  /** At least 1. */
  readonly segmentMs: bigint;
  /** 2^20..2^31-1. */
  readonly segmentBytes: number;
  readonly deleteRetentionMs: bigint;
  /** At most `maxCompactionLagMs`. */
  readonly minCompactionLagMs: bigint;
  /** At least 1. */
  readonly maxCompactionLagMs: bigint;
  /** 0..1. */
  readonly minCleanableDirtyRatio: number;
}

/**
 * The settings of a topic. Takes overrides as `validateConfigs` returned them; a value that it
 * refuses is a broken assertion. Names it does not know are passed over, so that a process meets
 * a newer one's topics. Costs some twenty conversions: keep the result with the topic's metadata.
 */
export function topicSettings(overrides: Readonly<Record<string, string>>): TopicSettings {
  const text = (name: TopicConfigName) => checkedValue(overrides, name);
  const elements = listElements(text('cleanup.policy'));
  const compression = text('compression.type');
  const retentionBytes = BigInt(text('retention.bytes'));
  return {
    maxMessageBytes: Number(text('max.message.bytes')),
    timestampType: text('message.timestamp.type') === 'LogAppendTime' ? 'log-append' : 'create',
    timestampBeforeMaxMs: BigInt(text('message.timestamp.before.max.ms')),
    timestampAfterMaxMs: BigInt(text('message.timestamp.after.max.ms')),
    cleanupPolicy: policies.filter((policy) => elements.includes(policy)),
    compressionType: must(
      compressions.find((each) => each === compression),
      `compression.type value=${compression}`,
    ),
    retentionMs: BigInt(text('retention.ms')),
    retentionBytes: retentionBytes < 0n ? -1n : retentionBytes,
    segmentMs: BigInt(text('segment.ms')),
    segmentBytes: Number(text('segment.bytes')),
    deleteRetentionMs: BigInt(text('delete.retention.ms')),
    minCompactionLagMs: BigInt(text('min.compaction.lag.ms')),
    maxCompactionLagMs: BigInt(text('max.compaction.lag.ms')),
    minCleanableDirtyRatio: Number(text('min.cleanable.dirty.ratio')),
  };
}

function checkedValue(overrides: Readonly<Record<string, string>>, name: TopicConfigName): string {
  const config = must(topicConfig(name), `topic config name=${name}`);
  const parsed = parseConfigValue(config, overrides[name] ?? config.default);
  assert(parsed.ok, `stored topic config is valid name=${name} value=${overrides[name]}`);
  return parsed.value;
}
