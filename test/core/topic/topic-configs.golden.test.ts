// The three JSON files here were printed by Apache Kafka 4.1.1's own classes: LogConfig's
// definition, its verdicts, ConfigurationControlManager's incremental alters, Topic's name rules.
import { describe, expect, test } from 'vitest';
import {
  collisionKey,
  isReservedTopicName,
  validateTopicName,
} from '../../../lib/core/topic/topic-name.ts';
import { alterConfigs } from '../../../lib/core/topic/alter-configs.ts';
import type { AlterConfigOp } from '../../../lib/core/topic/alter-configs.ts';
import definition from './kafka-4.1-topic-configs.json' with { type: 'json' };
import names from './kafka-4.1-topic-names.json' with { type: 'json' };
import { topicConfig, topicConfigs } from '../../../lib/core/topic/topic-configs.ts';
import { validateConfigs } from '../../../lib/core/topic/validate-configs.ts';
import verdicts from './kafka-4.1-topic-config-verdicts.json' with { type: 'json' };

/** Every place where the answer is not Kafka's, by name and value (* is any), and why. */
const deviations: Readonly<Record<string, string>> = {
  'internal.segment.bytes *': 'a hook for tests of Kafka itself',
  'max.message.bytes 2147483647': 'no batch is larger than limits.batchBytesMax',
  'min.cleanable.dirty.ratio NaN': 'not a ratio: Java compares it with no bound',
  'min.cleanable.dirty.ratio 0x1p-1': 'hexadecimal is an accident of Java',
  'min.cleanable.dirty.ratio 0.5f': 'a suffix is an accident of Java',
  'min.cleanable.dirty.ratio 0.5d': 'a suffix is an accident of Java',
  'remote.storage.enable {"remote.storage.enable":"true"} -> SET false':
    'nothing is deleted by switching it off',
  'remote.storage.enable {"remote.storage.enable":"true"} -> DELETE null':
    'nothing is deleted by switching it off',
};

const used = new Set<string>();

function deviates(key: string): boolean {
  if (!Object.hasOwn(deviations, key)) return false;
  used.add(key);
  return true;
}

/** The set of values behind Kafka's own words for it, spelled in ours. */
function validOf(name: string): string | null {
  const config = topicConfig(name);
  if (config === undefined) return null;
  switch (config.type) {
    case 'boolean':
      return null;
    case 'double':
      return `[${config.min},...,${config.max}]`;
    case 'string':
      return `[${config.values.join(', ')}]`;
    case 'list':
      return config.values === 'throttled-replicas'
        ? '[partitionId]:[brokerId],[partitionId]:[brokerId],...'
        : `[${config.values.join(', ')}]`;
    default: {
      if (config.min === undefined) return null;
      const bounded = config.max !== undefined && name !== 'max.message.bytes';
      const or = config.or === undefined ? '' : ` or ${config.or}`;
      return `[${config.min},...${bounded ? `,${config.max}` : ''}]${or}`;
    }
  }
}

test('the table has the names, types, defaults and ranges of Kafka 4.1', () => {
  const theirs = definition.configs
    .filter(({ name }) => !deviates(`${name} *`))
    .map(({ name, type, default: byDefault, valid }) => ({ name, type, byDefault, valid }));
  const ours = topicConfigs.map(({ name, type, default: byDefault }) => ({
    name,
    type,
    byDefault,
    valid: validOf(name),
  }));
  expect(ours).toEqual(theirs);
});

describe('a value alone is judged and spelled as by Kafka 4.1', () => {
  const cases: readonly { name: string; values: Readonly<Record<string, string | null>> }[] =
    verdicts.values;
  test.each(cases)('$name', ({ name, values }) => {
    // A double keeps its spelling here: only its number is Kafka's.
    const isDouble = topicConfig(name)?.type === 'double';
    const spelled = (value: string | null) =>
      isDouble && value !== null ? String(Number(value)) : value;
    const texts = Object.keys(values);
    const theirs = texts.map((text) => {
      const refused = deviates(`${name} ${text}`);
      return [text, refused ? null : spelled(values[text] ?? null)];
    });
    const ours = texts.map((text) => {
      const result = validateConfigs({ [name]: text });
      return [text, result.ok ? spelled(result.configs[name] ?? null) : null];
    });
    expect(ours).toEqual(theirs);
  });
});

test('values together are judged as by Kafka 4.1', () => {
  const cases: readonly { configs: Readonly<Record<string, string>>; ok: boolean }[] =
    verdicts.combinations;
  const ours = cases.map(({ configs }) => ({ configs, ok: validateConfigs(configs).ok }));
  expect(ours).toEqual(cases.map(({ configs, ok }) => ({ configs, ok })));
});

test('incremental alters end as in Kafka 4.1', () => {
  const cases = verdicts.alters as readonly {
    current: Readonly<Record<string, string>>;
    ops: readonly AlterConfigOp[];
    ok: boolean;
    configs?: Readonly<Record<string, string>>;
  }[];
  const theirs = cases.map(({ current, ops, ok, configs }) => {
    const [first] = ops;
    const key = `${first?.name} ${JSON.stringify(current)} -> ${first?.op} ${first?.value}`;
    const accepted = ok || deviates(key);
    return { current, ops, ok: accepted, configs: accepted ? (configs ?? 'accepted') : 'refused' };
  });
  const ours = cases.map(({ current, ops, configs }) => {
    const result = alterConfigs(current, ops);
    const next = result.ok ? (configs === undefined ? 'accepted' : result.configs) : 'refused';
    return { current, ops, ok: result.ok, configs: next };
  });
  expect(ours).toEqual(theirs);
});

test('names are judged, unified and reserved as in Kafka 4.1', () => {
  const ours = names.names.map(({ name }) => ({
    name,
    ok: validateTopicName(name) === undefined,
    internal: isReservedTopicName(name),
    collision: collisionKey(name),
  }));
  // Kafka refuses to create this one too, though it does not call it internal.
  const theirs = names.names.map((each) => ({
    ...each,
    internal: each.internal || each.name === '__cluster_metadata',
  }));
  expect(ours).toEqual(theirs);
});

test('every deviation listed was met', () => {
  expect([...used].toSorted()).toEqual(Object.keys(deviations).toSorted());
});
