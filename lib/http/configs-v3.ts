import type * as z from 'zod';
import { checkConfigs } from '../broker/config-errors.ts';
import { alterConfigs as alteredConfigs } from '../core/topic/alter-configs.ts';
import type { AlterConfigOp } from '../core/topic/alter-configs.ts';
import { describeConfigs } from '../core/topic/describe-configs.ts';
import type { DescribedConfig } from '../core/topic/describe-configs.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { must } from '../std/assert.ts';
import { jsonReply, segment, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster, listReply, resource } from './cluster.ts';
import { shown } from './faults.ts';
import type { alterConfigsBody, updateConfigBody } from './schemas.ts';

const listPath = (cluster: string, topic: string): string =>
  `/${segment(cluster)}/topics/${segment(topic)}/configs`;

function configResource(call: Call, cluster: string, topic: string, config: DescribedConfig) {
  const { name, value, source } = config;
  const path = `${listPath(cluster, topic)}/${segment(name)}`;
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

export async function listConfigs(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = await call.broker.describeTopic(topicOf(call));
  const data = describeConfigs(topic.configs).map((config) =>
    configResource(call, cluster, topic.name, config),
  );
  return listReply(call, 'KafkaTopicConfigList', listPath(cluster, topic.name), data);
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
