declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A position in a partition's log: 0 … 2^63−1. */
export type Offset = Brand<bigint, 'Offset'>;
/** Index of a partition in its topic: 0 … partitions−1. */
export type Partition = Brand<number, 'Partition'>;
/** 22 characters of base64url: 128 random bits, never reused. */
export type TopicId = Brand<string, 'TopicId'>;
/** 0 … 2^63−1. */
export type ProducerId = Brand<bigint, 'ProducerId'>;
/** Rises only when a restore truncated the log. 0 … 2^31−1. */
export type LeaderEpoch = Brand<number, 'LeaderEpoch'>;
/** 16 hex digits: 3 bytes of the process, 5 random. Accepted in a log at most once (I5). */
export type CommandId = Brand<string, 'CommandId'>;

export const offset = (value: bigint): Offset => value as Offset;
export const partition = (value: number): Partition => value as Partition;
export const topicId = (value: string): TopicId => value as TopicId;
export const producerId = (value: bigint): ProducerId => value as ProducerId;
export const leaderEpoch = (value: number): LeaderEpoch => value as LeaderEpoch;
export const commandId = (value: string): CommandId => value as CommandId;
