/**
 * API: IncrementalAlterConfigs (key 44), one topic.
 *
 * Behaviour: all operations or none; INVALID_CONFIG names every wrong entry.
 * Deviations from Kafka: none.
 * Store requests: two reads, one conditional put.
 */
import { alterConfigs as altered } from '../core/topic/alter-configs.ts';
import type { AlterConfigOp } from '../core/topic/alter-configs.ts';
import type { Topic } from '../core/topic/topic.ts';
import { changeTopic } from './change-topic.ts';
import { checkConfigs } from './config-errors.ts';
import type { BrokerContext } from './context.ts';

export async function alterConfigs(
  context: BrokerContext,
  name: string,
  ops: readonly AlterConfigOp[],
): Promise<Topic> {
  return changeTopic(context, name, (topic) => ({
    ...topic,
    configs: checkConfigs(altered(topic.configs, ops)),
  }));
}
