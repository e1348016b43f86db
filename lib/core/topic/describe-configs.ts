import { topicConfigs } from './topic-configs.ts';
import type { TopicConfig } from './topic-configs.ts';

/** One config of a topic as DescribeConfigs tells it. */
export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly default: string;
  /** No override, whatever the value. */
  readonly isDefault: boolean;
  readonly source: 'DYNAMIC_TOPIC_CONFIG' | 'DEFAULT_CONFIG';
  readonly type: TopicConfig['type'];
  /** Ends with the reason if the config is without effect. */
  readonly documentation: string;
  readonly readOnly: false;
  readonly sensitive: false;
}

/**
 * Every config of a topic, in order of name. Takes overrides as `validateConfigs` returned them;
 * one that is unknown here is not described.
 */
export function describeConfigs(overrides: Readonly<Record<string, string>>): DescribedConfig[] {
  return topicConfigs.map((config) => {
    const override = overrides[config.name];
    return {
      name: config.name,
      value: override ?? config.default,
      default: config.default,
      isDefault: override === undefined,
      source: override === undefined ? 'DEFAULT_CONFIG' : 'DYNAMIC_TOPIC_CONFIG',
      type: config.type,
      documentation: documentationOf(config),
      readOnly: false,
      sensitive: false,
    };
  });
}

function documentationOf({ documentation, effect, why }: TopicConfig): string {
  if (effect === 'now') return documentation;
  return `${documentation} Without effect ${effect === 'later' ? 'yet' : 'here'}: ${why}.`;
}
