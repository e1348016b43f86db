import { putTopic } from '../core/topic/put-topic.ts';
import type { Topic } from '../core/topic/topic.ts';
import { drive } from '../engine/driver.ts';
import { OutcomeUnknown } from '../engine/outcome-unknown.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { BrokerContext } from './context.ts';

const attemptsMax = 10;

/** Changes a topic on its version, again from what stands there when another was faster. */
export async function changeTopic(
  context: BrokerContext,
  name: string,
  change: (topic: Topic) => Topic,
): Promise<Topic> {
  const { engine } = context;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const { topic } = await engine.topics.fresh(name);
    const changed: Topic = { ...change(topic), version: topic.version + 1 };
    const result = await drive(putTopic, changed, engine.performPut, engine.deadline());
    if (result.kind === 'put') return engine.topics.see(changed).topic;
    if (result.kind === 'expired' && result.sent) throw new OutcomeUnknown(topic.id, false);
    if (result.kind === 'expired') break;
  }
  throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the topic was not changed; try again');
}
