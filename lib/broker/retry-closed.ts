import { ProtocolError } from '../protocol/errors.ts';
import type { BrokerContext } from './context.ts';

/** Thrown by who meets a closed log, and has done nothing: its topic was deleted. */
export class LogClosed extends ProtocolError {
  override name = 'LogClosed';

  constructor() {
    super('UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted');
  }
}

/** A name may be deleted and created again while it is used, and again. */
const attemptsMax = 3;

/**
 * Does what is asked of the topic of a name. What this process remembers of the name may be of a
 * topic that is no more, and its clock may have stood still while it was frozen: whoever meets a
 * closed log looks the name up again.
 */
export async function retryClosed<T>(
  { engine }: BrokerContext,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LogClosed)) throw error;
      engine.topics.forget(name);
      if (attempt >= attemptsMax) throw error;
    }
  }
}
