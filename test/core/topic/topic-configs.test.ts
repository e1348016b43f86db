import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../../lib/std/assert.ts';
import { alterConfigs } from '../../../lib/core/topic/alter-configs.ts';
import { describeConfigs } from '../../../lib/core/topic/describe-configs.ts';
import { limits } from '../../../lib/std/limits.ts';
import { topicConfigs } from '../../../lib/core/topic/topic-configs.ts';
import { topicSettings } from '../../../lib/core/topic/topic-settings.ts';
import { validateConfigs } from '../../../lib/core/topic/validate-configs.ts';

/** What a result says is wrong. */
function errorsOf(result: ReturnType<typeof validateConfigs>): string[] {
  return result.ok ? [] : result.errors.map(({ message }) => message);
}

/** How retention.ms is described. */
function retentionOf(overrides: Record<string, string>) {
  return describeConfigs(overrides).find(({ name }) => name === 'retention.ms');
}

test('the defaults of the table are valid, spelled as they are stored', () => {
  const defaults = Object.fromEntries(topicConfigs.map((each) => [each.name, each.default]));
  expect(validateConfigs(defaults)).toEqual({ ok: true, configs: defaults });
});

test('a config says why exactly when it has no effect now', () => {
  const excused = topicConfigs.filter(({ why }) => why !== undefined);
  expect(excused).toEqual(topicConfigs.filter(({ effect }) => effect !== 'now'));
});

describe('validateConfigs', () => {
  test('says what was expected and what came, for every config at once', () => {
    const result = validateConfigs({
      'retention.ms': '-2',
      'compression.gzip.level': '0',
      'cleanup.policy': 'shred',
      preallocate: 'yes',
      'retention.mss': '1',
      'min.cleanable.dirty.ratio': '2',
      'compression.type': 'none',
    });
    expect(errorsOf(result)).toEqual([
      'expected an integer from -1 to 9223372036854775807, got another value ' +
        'name=retention.ms value=-2',
      'expected an integer from 1 to 9, or -1, got another value ' +
        'name=compression.gzip.level value=0',
      'expected a list of none, some or all of compact, delete, got another value ' +
        'name=cleanup.policy value=shred',
      'expected true or false, got another value name=preallocate value=yes',
      'expected a topic config of kafka 4.1, got an unknown name=retention.mss value=1',
      'expected a number from 0 to 1, got another value name=min.cleanable.dirty.ratio value=2',
      'expected one of uncompressed, zstd, lz4, snappy, gzip, producer, got another value ' +
        'name=compression.type value=none',
    ]);
  });

  test('leaves out what is null, but not an unknown name', () => {
    expect(validateConfigs({ 'retention.ms': null, 'segment.ms': '1' })).toEqual({
      ok: true,
      configs: { 'segment.ms': '1' },
    });
    expect(validateConfigs({ 'retention.mss': null }).ok).toBe(false);
  });

  test('max.message.bytes ends at the largest batch', () => {
    const max = limits.batchBytesMax;
    expect(validateConfigs({ 'max.message.bytes': String(max) }).ok).toBe(true);
    expect(validateConfigs({ 'max.message.bytes': String(max + 1) }).ok).toBe(false);
  });

  test('a value of endless length is refused, and not repeated', () => {
    const [message] = errorsOf(validateConfigs({ 'retention.ms': '0'.repeat(4_097) }));
    expect(message).toMatch(/^expected at most 4096 characters, .* value=0{100}$/);
    expect(validateConfigs({ 'retention.ms': '0'.repeat(4_096) }).ok).toBe(true);
  });

  test('names the config that conflicts, with the bound', () => {
    const result = validateConfigs({ 'min.compaction.lag.ms': '6', 'max.compaction.lag.ms': '5' });
    expect(errorsOf(result)).toEqual([
      'expected at most max.compaction.lag.ms, got more max=5 name=min.compaction.lag.ms value=6',
    ]);
  });

  test('properties of every object are no configs', () => {
    const entries = Object.fromEntries([
      ['__proto__', 'x'],
      ['constructor', 'x'],
    ]);
    expect(errorsOf(validateConfigs(entries))).toHaveLength(2);
  });
});

describe('describeConfigs', () => {
  test('tells an override that equals the default from the default', () => {
    expect(retentionOf({})).toEqual({
      name: 'retention.ms',
      value: '604800000',
      default: '604800000',
      isDefault: true,
      source: 'DEFAULT_CONFIG',
      type: 'long',
      documentation:
        'How long records are kept under cleanup.policy=delete; -1: no limit. ' +
        'Without effect yet: nothing is removed yet.',
      readOnly: false,
      sensitive: false,
    });
    expect(retentionOf({ 'retention.ms': '604800000' })).toMatchObject({
      isDefault: false,
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
  });

  test('says when a config is without effect', () => {
    const described = describeConfigs({}).find(({ name }) => name === 'min.insync.replicas');
    expect(described?.documentation).toMatch(
      / Without effect here: every acknowledgement is durable, whatever acks says\.$/,
    );
  });
});

describe('alterConfigs', () => {
  test('a name twice, a missing value and a list operation on a number are refused', () => {
    const result = alterConfigs({}, [
      { name: 'retention.ms', op: 'SET', value: '1' },
      { name: 'retention.ms', op: 'DELETE', value: null },
      { name: 'segment.ms', op: 'SET', value: null },
      { name: 'flush.ms', op: 'APPEND', value: '1' },
    ]);
    expect(errorsOf(result)).toEqual([
      'expected one operation per name, got another name=retention.ms value=null',
      'expected a value for SET, got none name=segment.ms value=null',
      'expected a list to APPEND, got a long name=flush.ms value=1',
    ]);
  });

  test('nothing is altered in place', () => {
    const current = { 'cleanup.policy': 'delete' };
    const result = alterConfigs(current, [
      { name: 'cleanup.policy', op: 'APPEND', value: 'compact' },
    ]);
    expect(current).toEqual({ 'cleanup.policy': 'delete' });
    expect(result).toEqual({ ok: true, configs: { 'cleanup.policy': 'delete,compact' } });
  });
});

describe('topicSettings', () => {
  test('the defaults', () => {
    expect(topicSettings({})).toEqual({
      maxMessageBytes: 1_048_588,
      timestampType: 'create',
      timestampBeforeMaxMs: 2n ** 63n - 1n,
      timestampAfterMaxMs: 3_600_000n,
      cleanupPolicy: ['delete'],
      compressionType: 'producer',
      retentionMs: 604_800_000n,
      retentionBytes: -1n,
      segmentMs: 604_800_000n,
      segmentBytes: 1_073_741_824,
      deleteRetentionMs: 86_400_000n,
      minCompactionLagMs: 0n,
      maxCompactionLagMs: 2n ** 63n - 1n,
      minCleanableDirtyRatio: 0.5,
    });
  });

  test('overrides', () => {
    const settings = topicSettings({
      'cleanup.policy': 'compact,delete,compact',
      'message.timestamp.type': 'LogAppendTime',
      'compression.type': 'zstd',
      'retention.bytes': '-7',
      'max.message.bytes': '10',
    });
    expect(settings).toMatchObject({
      cleanupPolicy: ['delete', 'compact'],
      timestampType: 'log-append',
      compressionType: 'zstd',
      retentionBytes: -1n,
      maxMessageBytes: 10,
    });
    expect(topicSettings({ 'cleanup.policy': '' }).cleanupPolicy).toEqual([]);
  });

  test('passes over names of a newer release, but not over a broken value', () => {
    expect(topicSettings({ 'remote.copy.lag.ms': '1' })).toEqual(topicSettings({}));
    expect(() => topicSettings({ 'retention.ms': 'x' })).toThrow(InvariantError);
  });
});
