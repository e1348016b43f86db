import type { LogRecord } from '../../protocol/record.ts';
import type { Delivery } from '../types.ts';

/**
 * `topic`: waits for the topic's partitions; `room`: for bytes that are free; `queued`: in its
 * partition's queue; `sent`: in a batch that may be under way.
 */
export type Stage = 'topic' | 'room' | 'queued' | 'sent';

export interface EntryInput {
  readonly number: number;
  readonly topic: string;
  readonly partition: number | undefined;
  readonly record: LogRecord;
  readonly bytes: number;
  readonly sentAt: number;
}

/** One record on its way, and the promise that `send` gave for it. */
export class Entry {
  /** Counts up in the order of `send`. */
  readonly number: number;
  readonly topic: string;
  readonly record: LogRecord;
  /** What it takes in a batch, at the most. */
  readonly bytes: number;
  /** Monotonic ms. */
  readonly sentAt: number;
  readonly delivery: Promise<Delivery>;
  /** As asked for; then as chosen. */
  partition: number | undefined;
  stage: Stage = 'topic';
  /** The caller was told. It may still be under way if the caller stopped waiting. */
  told = false;
  readonly #resolve: (delivery: Delivery) => void;
  readonly #reject: (error: unknown) => void;
  #forgetSignal: (() => void) | undefined;

  constructor({ number, topic, partition, record, bytes, sentAt }: EntryInput) {
    const { promise, resolve, reject } = Promise.withResolvers<Delivery>();
    this.number = number;
    this.topic = topic;
    this.partition = partition;
    this.record = record;
    this.bytes = bytes;
    this.sentAt = sentAt;
    this.delivery = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onAbort(signal: AbortSignal, act: (reason: unknown) => void): void {
    const aborted = (): void => act(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    this.#forgetSignal = () => signal.removeEventListener('abort', aborted);
  }

  acknowledge(delivery: Delivery): void {
    this.#tell();
    this.#resolve(delivery);
  }

  fail(error: unknown): void {
    this.#tell();
    this.#reject(error);
  }

  #tell(): void {
    this.told = true;
    this.#forgetSignal?.();
  }
}
