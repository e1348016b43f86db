import type { Partition, TopicId } from '../../std/brands.ts';

/** Names one log. A topic that is created again has a new id, hence new logs. */
export interface PartitionKey {
  readonly topicId: TopicId;
  readonly partition: Partition;
}
