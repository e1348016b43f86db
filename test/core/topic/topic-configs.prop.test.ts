import { expect, test } from 'vitest';
import { alterConfigs } from '../../../lib/core/topic/alter-configs.ts';
import { describeConfigs } from '../../../lib/core/topic/describe-configs.ts';
import * as fc from 'fast-check';
import type { TopicConfig } from '../../../lib/core/topic/topic-configs.ts';
import { topicConfigs } from '../../../lib/core/topic/topic-configs.ts';
import { topicSettings } from '../../../lib/core/topic/topic-settings.ts';
import { validateConfigs } from '../../../lib/core/topic/validate-configs.ts';

function padded(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return text.map((each) => ` ${each} `);
}

/** A value that the config allows, with spaces and signs as people write them. */
function validText(config: TopicConfig): fc.Arbitrary<string> {
  switch (config.type) {
    case 'boolean':
      return padded(fc.constantFrom('true', 'FALSE'));
    case 'double':
      return padded(fc.double({ min: config.min, max: config.max, noNaN: true }).map(String));
    case 'string':
      return padded(fc.constantFrom(...config.values));
    case 'list': {
      const element =
        config.values === 'throttled-replicas'
          ? fc.tuple(fc.nat(9), fc.nat(9)).map((pair) => pair.join(':'))
          : fc.constantFrom(...config.values);
      return fc.array(element, { maxLength: 4 }).map((elements) => elements.join(' , '));
    }
    default: {
      const bits = config.type === 'int' ? 31n : 63n;
      const min = config.min ?? -(2n ** bits);
      return padded(fc.bigInt({ min, max: config.max ?? 2n ** bits - 1n }).map(String));
    }
  }
}

const anyEntry = fc
  .constantFrom(...topicConfigs)
  .chain((config) => fc.tuple(fc.constant(config.name), validText(config)));

/** Valid overrides, as validateConfigs returns them. */
const overrides = fc
  .array(anyEntry, { maxLength: 8 })
  .map((entries) => validateConfigs(Object.fromEntries(entries)))
  .filter((result) => result.ok)
  .map((result) => result.configs);

test('what the table allows is allowed alone', () => {
  const alone = anyEntry.filter(([name]) => name !== 'remote.storage.enable');
  fc.assert(
    fc.property(alone, ([name, text]) => {
      expect(validateConfigs({ [name]: text }).ok).toBe(true);
    }),
  );
});

test('what is described as an override is what was validated, and is valid as it is', () => {
  fc.assert(
    fc.property(overrides, (configs) => {
      const described = describeConfigs(configs).filter(({ isDefault }) => !isDefault);
      const again = Object.fromEntries(described.map(({ name, value }) => [name, value]));
      expect(again).toEqual(configs);
      expect(validateConfigs(again)).toEqual({ ok: true, configs });
    }),
  );
});

test('all that is described together, defaults too, gives the same settings', () => {
  fc.assert(
    fc.property(overrides, (configs) => {
      const all = Object.fromEntries(
        describeConfigs(configs).map((each) => [each.name, each.value]),
      );
      expect(topicSettings(all)).toEqual(topicSettings(configs));
    }),
  );
});

test('any text for any name is answered, never thrown at', () => {
  const name = fc.oneof(fc.constantFrom(...topicConfigs.map((each) => each.name)), fc.string());
  const value = fc.option(fc.oneof(fc.string(), fc.integer().map(String)));
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (entries) => {
      const result = validateConfigs(entries);
      const answered = result.ok ? topicSettings(result.configs) : result.errors[0];
      expect(answered).toBeDefined();
    }),
  );
});

test('SET is idempotent, and DELETE takes it back', () => {
  fc.assert(
    fc.property(overrides, anyEntry, (configs, [name, value]) => {
      const set = [{ name, op: 'SET', value }] as const;
      const once = alterConfigs(configs, set);
      fc.pre(once.ok);
      expect(alterConfigs(once.configs, set)).toEqual(once);
      const { [name]: _taken, ...others } = configs;
      const deleted = alterConfigs(once.configs, [{ name, op: 'DELETE', value: null }]);
      expect(deleted).toEqual(validateConfigs(others));
    }),
  );
});

test('APPEND then SUBTRACT of what was not there changes nothing but the override', () => {
  const element = fc.tuple(fc.nat(3), fc.nat(3)).map((pair) => pair.join(':'));
  const name = 'leader.replication.throttled.replicas';
  fc.assert(
    fc.property(fc.uniqueArray(element, { minLength: 1, maxLength: 4 }), ([value, ...rest]) => {
      fc.pre(value !== undefined);
      const current = { [name]: rest.join(',') };
      const appended = alterConfigs(current, [{ name, op: 'APPEND', value }]);
      fc.pre(appended.ok);
      expect(appended.configs[name]?.split(',').at(-1)).toBe(value);
      expect(alterConfigs(appended.configs, [{ name, op: 'APPEND', value }])).toEqual(appended);
      const back = alterConfigs(appended.configs, [{ name, op: 'SUBTRACT', value }]);
      expect(back).toEqual({ ok: true, configs: current });
    }),
  );
});
