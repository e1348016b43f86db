export { createClient } from './create-client.ts';
export type { ClientOptions } from './create-client.ts';
export { startTailrace } from './start-tailrace.ts';
export type { StartOptions } from './start-tailrace.ts';
export { bytes, json, string } from './serdes.ts';
export { ClosedError, DeserializationError, KafkaError, OutcomeUnknown } from './errors.ts';
export type { KafkaErrorName } from './errors.ts';
export type * from './types.ts';
export type * from './group-types.ts';
export type {
  Committed,
  FetchedOffset,
  GroupDescription,
  GroupListing,
  GroupStatus,
  MemberDescription,
  OffsetReset,
  OffsetToCommit,
  PartitionLag,
  PartitionOutcome,
} from '../broker/group-types.ts';
export type { WaitOptions } from './until-aborted.ts';
export type { ConfigEntry, NewTopic, TopicDescription } from './transport.ts';
export type { AlterConfigOp } from '../core/topic/alter-configs.ts';
export type { Codec } from '../protocol/compression.ts';
