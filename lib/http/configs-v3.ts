import type * as z from 'zod';
import { checkConfigs } from '../broker/config-errors.ts';
import { alterConfigs as alteredConfigs } from '../core/topic/alter-configs.ts';
import type { AlterConfigOp } from '../core/topic/alter-configs.ts';
import { describeConfigs } from '../core/topic/describe-configs.ts';
import type { DescribedConfig } from '../core/topic/describe-configs.ts';
import type { Topic } from '../core/topic/topic.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { must } from '../std/assert.ts';
import { jsonReply, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, resource } from './cluster.ts';
import { shown } from './faults.ts';
import { pageReply } from './pages.ts';
import type { Entry, PageCall } from './pages.ts';
import type { alterConfigsBody, updateConfigBody } from './schemas.ts';

const topicPath = (cluster: string, topic: string): string =>
  `/${segment(cluster)}/topics/${segment(topic)}`;

function configResource(
  call: Pick<Call, 'request'>,
  cluster: string,
  topic: string,
  config: DescribedConfig,
): object {
  const { name, value, source } = config;
  const path = `${topicPath(cluster, topic)}/configs/${segment(name)}`;
  const inForce = { name, value, source };
  const byDefault = { name, value: config.default, source: 'DEFAULT_CONFIG' };
  return {
    ...resource(call, 'KafkaTopicConfig', path, `kafka=${cluster}/topic=${topic}/config=${name}`),
    cluster_id: cluster,
    topic_name: topic,
    name,
    value,
    type: config.type.toUpperCase(),
    documentation: config.documentation,
    is_read_only: config.readOnly,
    is_sensitive: config.sensitive,
    is_default: config.isDefault,
    source,
    synonyms: config.isDefault ? [byDefault] : [inForce, byDefault],
  };
}

/** The configs of one topic, as entries of a list that may hold those of others. */
function configEntries(
  call: Pick<Call, 'request'>,
  cluster: string,
  { name: topic, configs }: Pick<Topic, 'name' | 'configs'>,
): Entry[] {
  return describeConfigs(configs).map((config) => ({
    // A space comes before all that names are made of.
    key: `${topic} ${config.name}`,
    make: () => configResource(call, cluster, topic, config),
  }));
}

const configList = 'KafkaTopicConfigList';

export async function listConfigs(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = await call.broker.describeTopic(topicOf(call));
  const path = `${topicPath(cluster, topic.name)}/configs`;
  return pageReply(call, configList, path, configEntries(call, cluster, topic));
}

/** Of all topics: `-` stands for them, which is why a topic of this name has no list of its own. */
export async function listAllConfigs(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topics = await call.broker.listTopics();
  const entries = topics.flatMap((topic) => configEntries(call, cluster, topic));
  return pageReply(call, configList, `/${segment(cluster)}/topics/-/configs`, entries);
}

/** What a topic of this name would begin with; there may be one or not. */
export async function listDefaultConfigs(call: PageCall): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = { name: topicOf(call), configs: {} };
  const path = `${topicPath(cluster, topic.name)}/default-configs`;
  return pageReply(call, configList, path, configEntries(call, cluster, topic));
}

export async function getConfig(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = await call.broker.describeTopic(topicOf(call));
  const name = configNameOf(call);
  const config = describeConfigs(topic.configs).find((each) => each.name === name);
  if (config === undefined) {
    throw new ProtocolError(
      'RESOURCE_NOT_FOUND',
      `expected the name of a topic config of kafka 4.1, got name=${shown(name)}`,
    );
  }
  return jsonReply(configResource(call, cluster, topic.name, config));
}

export async function updateConfig(call: Call<z.output<typeof updateConfigBody>>): Promise<Reply> {
  await checkCluster(call);
  const { value } = call.body;
  await call.broker.alterConfigs(topicOf(call), [{ name: configNameOf(call), op: 'SET', value }]);
  return {};
}

export async function resetConfig(call: Call): Promise<Reply> {
  await checkCluster(call);
  const name = configNameOf(call);
  await call.broker.alterConfigs(topicOf(call), [{ name, op: 'DELETE', value: null }]);
  return {};
}

/** All of them or none. `validate_only` stops before anything is written. */
export async function alterConfigs(call: Call<z.output<typeof alterConfigsBody>>): Promise<Reply> {
  await checkCluster(call);
  const { data, validate_only: validateOnly } = call.body;
  const ops = data.map(({ name, operation, value }): AlterConfigOp => {
    return { name, op: operation ?? 'SET', value: value ?? null };
  });
  if (validateOnly === true) {
    const topic = await call.broker.describeTopic(topicOf(call));
    checkConfigs(alteredConfigs(topic.configs, ops));
    return {};
  }
  await call.broker.alterConfigs(topicOf(call), ops);
  return {};
}

function configNameOf({ params }: Pick<Call, 'params'>): string {
  return must(params['name'], 'name of the path');
}
