import { limits } from '../../std/limits.ts';

/** Why a name cannot be that of a topic: Kafka's error, and what was expected and what came. */
export interface TopicNameError {
  readonly error: 'INVALID_TOPIC_EXCEPTION';
  readonly message: string;
}

/** Kafka keeps its own state under these; a topic by such a name would mislead its tools. */
const reserved: ReadonlySet<string> = new Set([
  '__cluster_metadata',
  '__consumer_offsets',
  '__share_group_state',
  '__transaction_state',
]);

/**
 * Checks a name by Kafka's rule: 1..249 characters of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
 * A leading `__` is allowed. A reserved name passes: it may be asked about, only not created.
 */
export function validateTopicName(name: string): TopicNameError | undefined {
  const max = limits.topicNameLengthMax;
  if (name.length === 0 || name.length > max) {
    return refusal(`expected 1 to ${max} characters, got another number length=${name.length}`);
  }
  if (name === '.' || name === '..') {
    return refusal(`expected a name other than . and .., got one of them name=${name}`);
  }
  const bad = /[^a-zA-Z0-9._-]/u.exec(name)?.[0];
  if (bad !== undefined) {
    const shown = `character=${JSON.stringify(bad)} name=${JSON.stringify(name)}`;
    return refusal(`expected letters, digits, dots, underscores and hyphens, got another ${shown}`);
  }
  return undefined;
}

/** Whether Kafka keeps the name for itself. Such a topic is never created here. */
export function isReservedTopicName(name: string): boolean {
  return reserved.has(name);
}

/**
 * Two topics whose keys are equal cannot exist side by side: Kafka's metrics do not tell `.` from
 * `_`, so it answers INVALID_TOPIC_EXCEPTION to the second, or TOPIC_ALREADY_EXISTS if the names
 * are the same.
 */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}

function refusal(message: string): TopicNameError {
  return { error: 'INVALID_TOPIC_EXCEPTION', message };
}
