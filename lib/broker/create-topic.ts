/**
 * API: CreateTopics (key 19), one topic.
 *
 * Behaviour: Kafka's names, configs and defaults (`num.partitions` = 1). A name that differs from
 * an existing one only by `.` and `_` is refused, as in Kafka, whose metrics would collide.
 * Deviations from Kafka: the replication factor is checked and ignored; a deletion under way of the
 * same name is finished first.
 * Store requests: one query of the names, one conditional put.
 */
import { isReservedTopicName, collisionKey, validateTopicName } from '../core/topic/topic-name.ts';
import {
  validatePartitionCount,
  validateReplicationFactor,
} from '../core/topic/partition-count.ts';
import { putTopic } from '../core/topic/put-topic.ts';
import type { Topic } from '../core/topic/topic.ts';
import { validateConfigs } from '../core/topic/validate-configs.ts';
import { drive } from '../engine/driver.ts';
import { deleteMarked } from '../engine/topic-deletion.ts';
import { OutcomeUnknown } from '../engine/outcome-unknown.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { CreateTopicInput } from './broker.ts';
import { checkConfigs } from './config-errors.ts';
import type { BrokerContext } from './context.ts';

const defaultPartitions = 1;

export async function createTopic(context: BrokerContext, input: CreateTopicInput): Promise<Topic> {
  const { engine } = context;
  const wanted = checked(context, input);
  const topic: Topic = { ...wanted, version: await takeName(context, wanted.name) };
  if (input.validateOnly === true) return topic;
  const result = await drive(putTopic, topic, engine.performPut, engine.deadline());
  switch (result.kind) {
    case 'put':
      return engine.topics.see(topic).topic;
    case 'expired':
      if (result.sent) throw new OutcomeUnknown(topic.id, false);
      throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; try again');
    case 'conflict':
      throw existing(topic.name);
  }
}

function checked(context: BrokerContext, input: CreateTopicInput): Topic {
  const { name } = input;
  const partitions = input.partitions ?? -1;
  const wrong =
    validateTopicName(name) ??
    validatePartitionCount(partitions) ??
    validateReplicationFactor(input.replicationFactor ?? -1);
  if (wrong !== undefined) throw new ProtocolError(wrong.error, wrong.message);
  if (isReservedTopicName(name)) {
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `expected a name that Kafka does not keep for itself: topic=${name}`,
    );
  }
  return {
    name,
    id: context.engine.env.ids.topic(),
    partitions: partitions === -1 ? defaultPartitions : partitions,
    configs: checkConfigs(validateConfigs(input.configs ?? {})),
    deleting: false,
    version: 0,
  };
}

/** The version with which a topic of this name begins: after that of an earlier one. */
async function takeName({ engine }: BrokerContext, name: string): Promise<number> {
  const { topics, free } = await engine.catalog.listTopics();
  let freeAt = free.get(name);
  for (const other of topics) {
    if (other.name === name) {
      if (!other.deleting) throw existing(name);
      await deleteMarked(engine, other);
      freeAt = other.version + 1;
    } else if (!other.deleting && collisionKey(other.name) === collisionKey(name)) {
      throw new ProtocolError(
        'INVALID_TOPIC_EXCEPTION',
        `expected a name that differs by more than '.' and '_' from existing=${other.name} topic=${name}`,
      );
    }
  }
  return freeAt === undefined ? 0 : freeAt + 1;
}

function existing(name: string): ProtocolError {
  return new ProtocolError(
    'TOPIC_ALREADY_EXISTS',
    `a topic of this name exists already; choose another, or delete it first topic=${name}`,
  );
}
