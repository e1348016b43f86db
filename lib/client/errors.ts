export { OutcomeUnknown } from '../engine/outcome-unknown.ts';
export { ProtocolError as KafkaError } from '../protocol/errors.ts';
export type { KafkaErrorName } from '../protocol/errors.ts';

/** Thrown by what is used after it was closed. */
export class ClosedError extends Error {
  override name = 'ClosedError';

  constructor(what: 'client' | 'producer' | 'consumer') {
    super(`the ${what} is closed`);
  }
}

/**
 * A record that its deserializer does not take: what it threw is the `cause`. The consumer stays
 * before it; to go on behind it, `seek` to `offset + 1n`.
 */
export class DeserializationError extends Error {
  override name = 'DeserializationError';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly part: 'key' | 'value';

  constructor(
    at: { readonly topic: string; readonly partition: number; readonly offset: bigint },
    part: 'key' | 'value',
    cause: unknown,
  ) {
    const { topic, partition, offset } = at;
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `the ${part} cannot be read: ${why} topic=${topic} partition=${partition} offset=${offset}`,
      { cause },
    );
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.part = part;
  }
}
