import type { Broker } from '../broker/broker.ts';
import type { GroupBroker } from '../broker/group-types.ts';
import type { AlterConfigOp } from '../core/topic/alter-configs.ts';

/**
 * What a client needs of a log: operations of the broker, which in process are the broker's own;
 * those of groups among them, all of them.
 * Every method throws `ProtocolError` for what Kafka has an error for, and `OutcomeUnknown` where a
 * write may or may not have happened; so does one that could not reach the other side, with
 * NETWORK_EXCEPTION where nothing can have happened. Nothing here retries: the layer above knows
 * what may be repeated.
 */
export interface Transport
  extends Pick<Broker, 'clusterId' | 'produceBatch' | 'fetch' | 'listOffset'>, GroupBroker {
  readonly createTopic: (input: NewTopic) => Promise<void>;
  /** In the order of their names. */
  readonly listTopics: () => Promise<readonly TopicDescription[]>;
  /** UNKNOWN_TOPIC_OR_PARTITION. */
  readonly describeTopic: (name: string) => Promise<TopicDescription>;
  /** Every config of the topic, the defaults among them. UNKNOWN_TOPIC_OR_PARTITION. */
  readonly describeConfigs: (name: string) => Promise<readonly ConfigEntry[]>;
  /** Returns when nothing can be appended to it any more. UNKNOWN_TOPIC_OR_PARTITION. */
  readonly deleteTopic: (name: string) => Promise<void>;
  /** INVALID_PARTITIONS if the count does not rise. */
  readonly createPartitions: (name: string, count: number) => Promise<void>;
  /** INVALID_CONFIG with every wrong entry in the message. */
  readonly alterConfigs: (name: string, ops: readonly AlterConfigOp[]) => Promise<void>;
  /** Ends what is under way, and lets go of sockets, files and locks. */
  readonly close: () => Promise<void>;
}

export interface NewTopic {
  readonly name: string;
  /** 1 … 1,000; 1 by default. */
  readonly partitions?: number;
  /** Kafka's names and spellings, such as `{ 'retention.ms': '86400000' }`. */
  readonly configs?: Readonly<Record<string, string>>;
  /** Checks everything, creates nothing. */
  readonly validateOnly?: boolean;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
}
