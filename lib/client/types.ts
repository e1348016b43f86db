import type { AlterConfigOp } from '../core/topic/alter-configs.ts';
import type { Codec } from '../protocol/compression.ts';
import type { GroupAdmin, GroupConsumer, GroupConsumerOptions } from './group-types.ts';
import type { ConfigEntry, NewTopic, TopicDescription } from './transport.ts';
import type { WaitOptions } from './until-aborted.ts';

/** What may stand for bytes: a string is UTF-8, null is Kafka's null (a tombstone, as a value). */
export type Bytes = Uint8Array | string | null;

/** To bytes. What it throws is told to whoever sends the record. */
export type Serializer<T> = (value: T, topic: string) => Uint8Array | null;
/** From bytes. What it throws is told as `DeserializationError`, with the record's place. */
export type Deserializer<T> = (bytes: Uint8Array | null, topic: string) => T;

/** Both directions; see `string`, `json` and `bytes`. */
export interface Serde<T> {
  readonly serialize: Serializer<T>;
  readonly deserialize: Deserializer<T>;
}

export interface Header {
  readonly name: string;
  readonly value: Uint8Array | null;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A moment: ms since 1970, or a date. */
export type Timestamp = number | bigint | Date;

/** A connection to a log. Make one per process, and any number of producers and consumers. */
export interface Client extends AsyncDisposable {
  readonly admin: Admin;
  producer<K = Bytes, V = Bytes>(options?: ProducerOptions<K, V>): Producer<K, V>;
  /** With a `group`: a member of it, which shares the topics' partitions with the others. */
  consumer<K = Buffer | null, V = Buffer | null>(
    options: GroupConsumerOptions<K, V>,
  ): GroupConsumer<K, V>;
  consumer<K = Buffer | null, V = Buffer | null>(options?: ConsumerOptions<K, V>): Consumer<K, V>;
  /** Flushes and closes every producer, closes every consumer, then the connection. */
  close(): Promise<void>;
}

// Producing

export interface ProducerOptions<K, V> {
  readonly key?: Serde<K> | Serializer<K>;
  readonly value?: Serde<V> | Serializer<V>;
  /** How long a record waits for others to go with it: 0 … ms, 5 by default (Kafka's linger.ms). */
  readonly lingerMs?: number;
  /** A batch is sent when it has so many bytes, before compression: 256 KiB by default. */
  readonly batchBytes?: number;
  /** `none` by default. */
  readonly compression?: Codec;
  /** Of what is not acknowledged; `send` waits beyond it: 32 MiB by default (Kafka's buffer.memory). */
  readonly bufferBytes?: number;
  /** How long `send` waits for that, or for a topic: 60 s by default (Kafka's max.block.ms). */
  readonly maxBlockMs?: number;
  /**
   * From `send` to the start of the last try: 120 s by default (Kafka's delivery.timeout.ms,
   * KIP-91). A try without an answer counts as lost after 30 s, or after this if it is less.
   */
  readonly deliveryTimeoutMs?: number;
  /**
   * Numbers batches, so that a retry appends nothing twice: true by default (KIP-98). Without it a
   * batch whose outcome is unknown is not sent again.
   */
  readonly idempotent?: boolean;
  /** Which partition a record without one goes to; by default Kafka's: murmur2 of the key, else sticky. */
  readonly partitioner?: Partitioner;
}

/** `undefined`: as by default. */
export type Partitioner = (
  record: { readonly topic: string; readonly key: Uint8Array | null },
  partitions: number,
) => number | undefined;

export interface ProducerRecord<K = Bytes, V = Bytes> {
  readonly topic: string;
  readonly key?: K;
  readonly value?: V;
  /** In order, names may repeat; or an object. */
  readonly headers?:
    | readonly { readonly name: string; readonly value: Bytes }[]
    | { readonly [name: string]: Bytes };
  readonly partition?: number;
  /** The time of `send` by default. */
  readonly timestamp?: Timestamp;
}

/** Where a record lies. */
export interface Delivery extends TopicPartition {
  readonly offset: bigint;
  /**
   * ms since 1970, as stored: with LogAppendTime that of the append, unless a retry learned that an
   * earlier try had been appended, or that was in the very ms of the batch's latest record.
   */
  readonly timestamp: bigint;
}

export interface Producer<K, V> extends AsyncDisposable {
  /**
   * Resolves when the record is durable. Rejects with `ProtocolError` if it was certainly not
   * appended, with `OutcomeUnknown` (one, too) if nobody knows. `signal` ends the wait: with its
   * reason if the record was not sent yet, which takes it back; else with `OutcomeUnknown`, whose
   * cause is that reason. Bytes are copied.
   */
  send(record: ProducerRecord<K, V>, options?: WaitOptions): Promise<Delivery>;
  /**
   * Resolves when there is room for more: what a loop awaits that does not await `send`.
   * Rejects only with the reason of `signal`, as do `flush`, `assign`, `seek` and all of `admin`.
   */
  room(options?: WaitOptions): Promise<void>;
  /** Sends all that waits, and resolves when nothing is under way, whatever became of it. */
  flush(options?: WaitOptions): Promise<void>;
  /** Flushes. `send` rejects from now on. */
  close(): Promise<void>;
}

// Consuming

/**
 * Where to read from. `end`: what is appended from now on. `timestamp`: the first record at or after
 * it, the end if there is none. `last`: so many offsets before the end.
 */
export type Position =
  | 'beginning'
  | 'end'
  | { readonly offset: bigint | number }
  | { readonly timestamp: Timestamp }
  | { readonly last: number };

export interface Assignment {
  readonly topic: string;
  /** All of the topic's partitions if absent. */
  readonly partition?: number;
  readonly from?: Position;
}

/** What consumers with and without a group have in common. */
export interface ReadOptions<K, V> {
  readonly key?: Serde<K> | Deserializer<K>;
  readonly value?: Serde<V> | Deserializer<V>;
  /** Where to go on if an offset is not there any more: `beginning` by default (Kafka's auto.offset.reset). */
  readonly offsetReset?: 'beginning' | 'end' | 'error';
  /** A fetch is answered when so many bytes are there: 1 by default … */
  readonly minBytes?: number;
  /** … or after so many ms: 500 by default. */
  readonly maxWaitMs?: number;
  /** Of one fetch: 1 MiB by default. */
  readonly maxBytes?: number;
  /** Fetched and not handed out yet, all partitions together: 16 MiB by default. */
  readonly prefetchBytes?: number;
}

export interface ConsumerOptions<K, V> extends ReadOptions<K, V> {
  readonly assignments?: readonly Assignment[];
  /** For assignments that do not say: `beginning` by default. */
  readonly from?: Position;
  /** `end`: iteration ends where the logs ended when it began. By default it goes on for ever. */
  readonly until?: 'end';
}

/** A record as it was read. */
export interface Record<K = Buffer | null, V = Buffer | null> extends TopicPartition {
  readonly offset: bigint;
  /** ms since 1970. */
  readonly timestamp: bigint;
  readonly key: K;
  readonly value: V;
  readonly headers: readonly Header[];
}

/** Records of one partition, adjoining. */
export interface RecordBatch<K, V> extends TopicPartition {
  readonly records: readonly Record<K, V>[];
  /** When it was fetched. */
  readonly highWatermark: bigint;
}

/**
 * Reads partitions. Within a partition records come in order; partitions take turns. One iterator
 * at a time: a second one throws.
 */
export interface Reader<K, V> extends AsyncDisposable, AsyncIterable<Record<K, V>> {
  readonly assignment: readonly TopicPartition[];
  seek(partition: TopicPartition, to: Position, options?: WaitOptions): Promise<void>;
  /** What was fetched of them is kept. All partitions if none are named. */
  pause(partitions?: readonly TopicPartition[]): void;
  resume(partitions?: readonly TopicPartition[]): void;
  /** The offset of the next record to be handed out; undefined before it is known. */
  position(partition: TopicPartition): bigint | undefined;
  /** As of the last fetch; undefined before. */
  highWatermark(partition: TopicPartition): bigint | undefined;
  /** Records between them; undefined before the first fetch. */
  lag(partition: TopicPartition): bigint | undefined;
  /**
   * Throws what a partition met that cannot pass, when all before it was handed out; where it
   * stands is kept, so that the next iteration goes on from there. `signal` ends it with its reason.
   */
  records(options?: WaitOptions): AsyncIterableIterator<Record<K, V>>;
  /** As `records`, with what adjoins in one piece. */
  batches(options?: WaitOptions): AsyncIterableIterator<RecordBatch<K, V>>;
  /** Ends iteration. What was fetched and not handed out is forgotten. */
  close(): Promise<void>;
}

/** Reads the partitions it was given. */
export interface Consumer<K, V> extends Reader<K, V> {
  /**
   * Replaces what is read. Partitions that stay keep their place unless `from` says otherwise. After
   * `signal`, nothing has changed.
   */
  assign(assignments: readonly Assignment[], options?: WaitOptions): Promise<void>;
}

// Administration

/** `signal` ends the wait, with its reason: what was asked for may have been done, or may yet be. */
export interface Admin extends GroupAdmin {
  clusterId(options?: WaitOptions): Promise<string>;
  /** TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG. */
  createTopic(topic: NewTopic, options?: WaitOptions): Promise<void>;
  listTopics(options?: WaitOptions): Promise<readonly TopicDescription[]>;
  describeTopic(name: string, options?: WaitOptions): Promise<TopicDescription>;
  deleteTopic(name: string, options?: WaitOptions): Promise<void>;
  createPartitions(name: string, count: number, options?: WaitOptions): Promise<void>;
  describeConfigs(name: string, options?: WaitOptions): Promise<readonly ConfigEntry[]>;
  alterConfigs(name: string, ops: readonly AlterConfigOp[], options?: WaitOptions): Promise<void>;
  /** The first offset at or after `at`, −1 if none is that late; `end` is the high watermark. */
  listOffset(
    partition: TopicPartition,
    at: 'beginning' | 'end' | 'max-timestamp' | Timestamp,
    options?: WaitOptions,
  ): Promise<{ readonly offset: bigint; readonly timestamp: bigint }>;
}
