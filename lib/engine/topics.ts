import type { Topic } from '../core/topic/topic.ts';
import { topicSettings } from '../core/topic/topic-settings.ts';
import type { TopicSettings } from '../core/topic/topic-settings.ts';
import type { Clock } from '../ports/environment.ts';
import type { ReadOutcome } from '../ports/outcome.ts';
import { ProtocolError } from '../protocol/errors.ts';

/** Metadata this old is read again. Doors add: an unknown name or partition reads at once. */
const cachedMs = 5_000;
const cachedMax = 10_000;
const attemptsMax = 5;

export interface KnownTopic {
  readonly topic: Topic;
  readonly settings: TopicSettings;
}

interface Cached extends KnownTopic {
  readonly at: number;
}

type ReadTopic = (name: string) => Promise<ReadOutcome<Topic | undefined>>;

/** Topics by name, at most five seconds old. */
export class Topics {
  readonly #cached = new Map<string, Cached>();
  readonly #clock: Clock;
  readonly #read: ReadTopic;

  constructor(clock: Clock, read: ReadTopic) {
    this.#clock = clock;
    this.#read = read;
  }

  /** UNKNOWN_TOPIC_OR_PARTITION for a name, or a partition of it, that does not exist. */
  async get(name: string, partition = 0): Promise<KnownTopic> {
    const cached = this.#cached.get(name);
    if (cached !== undefined && this.#clock.monotonic() - cached.at < cachedMs) {
      if (isPartition(cached.topic.partitions, partition)) return cached;
    }
    const fresh = await this.fresh(name);
    const { partitions } = fresh.topic;
    if (!isPartition(partitions, partition)) throw noPartition(name, partitions, partition);
    return fresh;
  }

  /** As it is now. */
  async fresh(name: string): Promise<KnownTopic> {
    const topic = await this.#readStrongly(name);
    if (topic === undefined || topic.deleting) {
      this.#cached.delete(name);
      const hint = topic === undefined ? 'create it first' : 'it is being deleted';
      throw new ProtocolError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `topic does not exist: ${hint} topic=${name}`,
      );
    }
    return this.see(topic);
  }

  see(topic: Topic): KnownTopic {
    if (this.#cached.size >= cachedMax) this.#cached.clear();
    const settings = topicSettings(topic.configs);
    const known: Cached = { topic, settings, at: this.#clock.monotonic() };
    this.#cached.set(topic.name, known);
    return known;
  }

  forget(name: string): void {
    this.#cached.delete(name);
  }

  async #readStrongly(name: string): Promise<Topic | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#read(name);
      if (outcome.kind === 'done') return outcome.value;
      if (attempt >= attemptsMax) {
        throw new ProtocolError(
          'KAFKA_STORAGE_ERROR',
          `the table does not answer: ${outcome.kind}`,
        );
      }
      await this.#clock.sleep(50);
    }
  }
}

export function isPartition(partitions: number, partition: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition < partitions;
}

export function noPartition(topic: string, partitions: number, partition: number): ProtocolError {
  return new ProtocolError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `partition does not exist: the topic has 0 … ${partitions - 1} topic=${topic} partition=${partition}`,
  );
}
