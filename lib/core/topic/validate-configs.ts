import { listElements, parseConfigValue } from './config-value.ts';
import { must } from '../../std/assert.ts';
import { topicConfig } from './topic-configs.ts';
import type { TopicConfigName } from './topic-configs.ts';

/** What is wrong with one config. The answer to all of them is Kafka's INVALID_CONFIG. */
export interface ConfigError {
  readonly name: string;
  readonly value: string | null;
  /** Says what was expected and what came. */
  readonly message: string;
}

/** The overrides of a topic, each in the spelling that is stored; or every error found. */
export type ConfigsResult =
  | { readonly ok: true; readonly configs: Record<string, string> }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** How much of a refused value is repeated in a message. */
const shownLengthMax = 100;

/** An error whose message ends in the name and the value that came. */
export function configError(name: string, value: string | null, message: string): ConfigError {
  const shown = value?.slice(0, shownLengthMax) ?? null;
  return {
    name,
    value,
    message: `${message} name=${name.slice(0, shownLengthMax)} value=${shown}`,
  };
}

/**
 * Checks the overrides of a topic as Kafka 4.1 does when it creates or alters one, all together.
 * A null asks for the default, as in CreateTopics, and is left out of the result.
 * Remote storage is checked as by a broker that has it. Deviations: an unknown name is refused
 * with a null too; all errors are reported, not the first; those of `parseConfigValue`.
 */
export function validateConfigs(entries: Readonly<Record<string, string | null>>): ConfigsResult {
  const errors: ConfigError[] = [];
  const configs: Record<string, string> = {};
  for (const [name, value] of Object.entries(entries)) {
    const config = topicConfig(name);
    if (config === undefined) {
      errors.push(configError(name, value, 'expected a topic config of kafka 4.1, got an unknown'));
      continue;
    }
    if (value === null) continue;
    const parsed = parseConfigValue(config, value);
    if (parsed.ok) configs[name] = parsed.value;
    else errors.push(configError(name, value, `expected ${parsed.expected}, got another value`));
  }
  if (errors.length === 0) errors.push(...conflicts(configs));
  return errors.length === 0 ? { ok: true, configs } : { ok: false, errors };
}

/** The value in force: the override, or else the default. */
function configInForce(overrides: Readonly<Record<string, string>>, name: TopicConfigName): string {
  return overrides[name] ?? must(topicConfig(name), `topic config name=${name}`).default;
}

/** What no config says alone: Kafka's checks across configs, on valid values. */
function conflicts(configs: Readonly<Record<string, string>>): ConfigError[] {
  const lag = configInForce(configs, 'min.compaction.lag.ms');
  const lagMax = configInForce(configs, 'max.compaction.lag.ms');
  const errors: ConfigError[] = [];
  if (BigInt(lag) > BigInt(lagMax)) {
    const message = `expected at most max.compaction.lag.ms, got more max=${lagMax}`;
    errors.push(configError('min.compaction.lag.ms', lag, message));
  }
  if (configInForce(configs, 'remote.storage.enable') === 'true') {
    errors.push(...remoteConflicts(configs));
  }
  return errors;
}

function remoteConflicts(configs: Readonly<Record<string, string>>): ConfigError[] {
  const errors: ConfigError[] = [];
  const policy = configInForce(configs, 'cleanup.policy');
  const policies = listElements(policy);
  if (policies.length === 0 || policies.some((each) => each !== 'delete')) {
    const message = 'expected delete alone with remote.storage.enable=true, got another policy';
    errors.push(configError('cleanup.policy', policy, message));
  }
  const copyDisabled = configInForce(configs, 'remote.log.copy.disable') === 'true';
  for (const unit of ['bytes', 'ms'] as const) {
    const name = `local.retention.${unit}` as const;
    const value = configInForce(configs, name);
    const local = BigInt(value);
    const total = BigInt(configInForce(configs, `retention.${unit}`));
    if (local === -2n) continue;
    if (total >= 0n && (local === -1n || local > total)) {
      const message = `expected at most retention.${unit}, got more retention=${total}`;
      errors.push(configError(name, value, message));
    } else if (copyDisabled && local !== total) {
      const message =
        `expected retention.${unit} or -2 with remote.log.copy.disable=true, ` +
        `got another value retention=${total}`;
      errors.push(configError(name, value, message));
    }
  }
  return errors;
}
