import { describe, expect, test } from 'vitest';
import { alterConfigs } from '../../../lib/core/topic/alter-configs.ts';
import { describeConfigs } from '../../../lib/core/topic/describe-configs.ts';
import { topicSettings } from '../../../lib/core/topic/topic-settings.ts';
import { validateConfigs } from '../../../lib/core/topic/validate-configs.ts';

/** What is stored of one value, or that it is refused. */
function stored(name: string, value: string): string {
  const result = validateConfigs({ [name]: value });
  return result.ok ? `stored ${result.configs[name]}` : 'refused';
}

describe('a number with a fraction', () => {
  const ratio = (value: string) => stored('min.cleanable.dirty.ratio', value);

  test.each(['0.5', '.25', '00.75', '1', '1.', '+1', '0.5e0', '5E-1', '0.05e+1', '10e-12', '.5E0'])(
    '%s is decimal and is kept as it is spelled',
    (value) => {
      expect(ratio(value)).toBe(`stored ${value}`);
    },
  );

  test.each(['0x1', '1d', '0b1', '0.5.', '.', '', 'e1', '1e', '1e1', '-0.1', 'NaN', '0,5'])(
    '%s is refused',
    (value) => {
      expect(ratio(value)).toBe('refused');
    },
  );
});

describe('a list of throttled replicas', () => {
  const replicas = (value: string) => stored('leader.replication.throttled.replicas', value);

  test('takes pairs of numbers of any length, or all', () => {
    expect(replicas('10:200, 3:4')).toBe('stored 10:200,3:4');
    expect(replicas('*')).toBe('stored *');
    expect(replicas('')).toBe('stored ');
  });

  test.each(['1:', ':1', '1', 'a:1', '1:2:3', '*,1:2', '1:2,x'])('refuses %s', (value) => {
    expect(replicas(value)).toBe('refused');
  });

  test('says what it takes', () => {
    const result = validateConfigs({ 'leader.replication.throttled.replicas': 'x' });
    expect(result.ok ? '' : result.errors[0]?.message).toMatch(
      /^expected \* or a list of partition:replica pairs of numbers, got another value /,
    );
  });
});

test('what is set together is judged only once each value is right', () => {
  const lags = { 'min.compaction.lag.ms': '6', 'max.compaction.lag.ms': '5' };
  const result = validateConfigs({ ...lags, 'retention.ms': 'x' });
  expect(result.ok ? [] : result.errors.map(({ name }) => name)).toEqual(['retention.ms']);
});

describe('a refusal of what is set together names the config that must change, and its bound', () => {
  const remote = { 'remote.storage.enable': 'true' };
  const copied = { ...remote, 'remote.log.copy.disable': 'true', 'retention.bytes': '9' };

  test.each<[Record<string, string>, string, string]>([
    [
      { ...remote, 'cleanup.policy': 'compact' },
      'cleanup.policy',
      'expected delete alone with remote.storage.enable=true, got another policy ' +
        'name=cleanup.policy value=compact',
    ],
    [
      { ...remote, 'retention.bytes': '9', 'local.retention.bytes': '10' },
      'local.retention.bytes',
      'expected at most retention.bytes, got more retention=9 ' +
        'name=local.retention.bytes value=10',
    ],
    [
      { ...copied, 'local.retention.bytes': '8' },
      'local.retention.bytes',
      'expected retention.bytes or -2 with remote.log.copy.disable=true, ' +
        'got another value retention=9 name=local.retention.bytes value=8',
    ],
  ])('%o', (configs, name, message) => {
    const result = validateConfigs(configs);
    expect(result.ok ? [] : result.errors).toEqual([{ name, value: configs[name], message }]);
  });
});

test('an endless name is not repeated', () => {
  const result = validateConfigs({ ['x'.repeat(200)]: '1' });
  expect(result.ok ? '' : result.errors[0]?.message).toMatch(/ name=x{100} value=1$/);
});

test('to append nothing is to append no element', () => {
  const result = alterConfigs({}, [{ name: 'cleanup.policy', op: 'APPEND', value: ' ' }]);
  expect(result).toEqual({ ok: true, configs: { 'cleanup.policy': 'delete' } });
});

test('what is unknown is no list to append to, and said to be unknown', () => {
  const result = alterConfigs({}, [{ name: 'x', op: 'APPEND', value: '1' }]);
  expect(result.ok ? '' : result.errors[0]?.message).toMatch(/ unknown name=x value=1$/);
});

test('a limit of bytes is what it says, also 0; below it there is none', () => {
  const bytes = ['-7', '-1', '0', '5'].map(
    (value) => topicSettings({ 'retention.bytes': value }).retentionBytes,
  );
  expect(bytes).toEqual([-1n, -1n, 0n, 5n]);
});

test('a config that has its effect is described without excuse', () => {
  const described = describeConfigs({}).find(({ name }) => name === 'max.message.bytes');
  expect(described?.documentation).not.toBe('');
  expect(described?.documentation).not.toContain('Without effect');
});
