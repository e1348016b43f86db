import type { Topic } from '../core/topic/topic.ts';
import type { AlterConfigOp } from '../core/topic/alter-configs.ts';
import type { KafkaErrorName, ProtocolError } from '../protocol/errors.ts';
import type { GroupBroker, TopicPartition } from './group-types.ts';
import type { Instances } from './instances/instance-types.ts';

/**
 * The engine as a door sees it: Kafka's operations, one file per API in this folder. A door
 * translates; it decides nothing. Every method throws `ProtocolError` for what Kafka has an error
 * for, `OutcomeUnknown` where a write may or may not have happened, and anything else for bugs.
 */
export interface Broker extends GroupBroker {
  readonly clusterId: () => Promise<string>;
  readonly isClusterId: (id: string) => Promise<boolean>;
  readonly produce: (input: ProduceInput) => Promise<readonly ProducedRecord[]>;
  readonly produceBatch: (input: ProduceBatchInput) => Promise<ProducedBatch>;
  readonly fetch: (input: FetchInput) => Promise<Fetched>;
  /** In the order of the partitions. Only what is no fault of one of them is thrown. */
  readonly fetchMany: (input: FetchManyInput) => Promise<readonly FetchedPartition[]>;
  readonly instances: Instances;
  readonly listOffset: (input: ListOffsetInput) => Promise<ListedOffset>;
  readonly createTopic: (input: CreateTopicInput) => Promise<Topic>;
  /** In the order of their names. */
  readonly listTopics: () => Promise<readonly Topic[]>;
  /** UNKNOWN_TOPIC_OR_PARTITION. */
  readonly describeTopic: (name: string) => Promise<Topic>;
  /** Returns when nothing can be appended to it any more. UNKNOWN_TOPIC_OR_PARTITION. */
  readonly deleteTopic: (name: string) => Promise<void>;
  /** INVALID_PARTITIONS if the count does not rise. */
  readonly createPartitions: (name: string, count: number) => Promise<Topic>;
  /** INVALID_CONFIG with every wrong entry in the message. */
  readonly alterConfigs: (name: string, ops: readonly AlterConfigOp[]) => Promise<Topic>;
}

export interface ProduceRecord {
  /** Explicit partition; else murmur2 of the key; else a sticky one. */
  readonly partition?: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array | null }[];
  /** ms since 1970; the time of arrival if absent. */
  readonly timestamp?: bigint;
}

export interface IdempotentProducer {
  readonly partition: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Base sequence of this request's records in the partition. */
  readonly sequence: number;
}

export interface ProduceInput {
  readonly topic: string;
  readonly records: readonly ProduceRecord[];
  /** At most one per partition. A repetition answers with the original offsets. */
  readonly producers?: readonly IdempotentProducer[];
  /** 1 … 256 characters; not together with `producers`. */
  readonly idempotencyKey?: string;
}

/** One per record, in request order. A record that fails does not fail its neighbours. */
export type ProducedRecord =
  | {
      readonly ok: true;
      readonly partition: number;
      readonly offset: bigint;
      /** As stored: the time of the append with LogAppendTime. Undefined for a duplicate. */
      readonly timestamp: bigint | undefined;
    }
  | {
      readonly ok: false;
      /** Undefined if none could be chosen. */
      readonly partition: number | undefined;
      readonly error: KafkaErrorName;
      readonly message: string;
      readonly unknown?: UnknownOutcome;
    };

/** A write that may have happened, or may yet happen. */
export interface UnknownOutcome {
  readonly commandId: string;
  /** False with an Idempotency-Key or producer sequences: repeating is safe. */
  readonly retryMayDuplicate: boolean;
}

export interface ProduceBatchInput {
  readonly topic: string;
  readonly partition: number;
  /** Exactly one RecordBatch v2. */
  readonly batch: Uint8Array;
}

export interface ProducedBatch {
  readonly partition: number;
  readonly baseOffset: bigint;
  readonly count: number;
  readonly timestamp: bigint | undefined;
}

export interface FetchInput extends TopicPartition {
  readonly offset: bigint | 'beginning' | 'end';
  /** Waits until so many bytes are there … */
  readonly minBytes: number;
  /** … or so many milliseconds have passed (0 … `limits.fetchWaitMsMax`). */
  readonly maxWaitMs: number;
  /** Of batches; at least one batch is returned if there is one. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface Fetched {
  /**
   * Record batches with offsets and epochs stamped on, adjoining, from the one that holds the
   * offset asked for: its first records may lie below it.
   */
  readonly batches: readonly Uint8Array[];
  /** The offset asked for, `beginning` and `end` resolved. */
  readonly offset: bigint;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
}

export interface PartitionToFetch extends TopicPartition {
  readonly offset: bigint | 'beginning' | 'end';
  /** Batches that begin there or later are of no use. */
  readonly before?: bigint;
}

/** As of a fetch, but for all of them together. */
export interface FetchManyInput extends Pick<
  FetchInput,
  'minBytes' | 'maxWaitMs' | 'maxBytes' | 'signal'
> {
  /** In the order in which they are served while there is room; each once. */
  readonly partitions: readonly PartitionToFetch[];
}

/** Neither of the two: the others took all the room. */
export interface FetchedPartition extends TopicPartition {
  readonly fetched?: Fetched;
  readonly error?: ProtocolError;
}

export interface FetchedRecord {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array | null }[];
}

export interface ListOffsetInput {
  readonly topic: string;
  readonly partition: number;
  /** A timestamp in ms, or one of Kafka's special ones (KIP-79, KIP-734). */
  readonly at: 'earliest' | 'latest' | 'max-timestamp' | bigint;
}

export interface ListedOffset {
  /** −1 if no record is that late. */
  readonly offset: bigint;
  /** −1 where Kafka gives none (earliest, latest). */
  readonly timestamp: bigint;
}

export interface CreateTopicInput {
  readonly name: string;
  /** −1 or absent: the default, 1. */
  readonly partitions?: number;
  /** Checked and ignored: what is acknowledged is durable. */
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string | null>>;
  readonly validateOnly?: boolean;
}
