import { partitionKey } from '../../../../lib/core/group/group.ts';
import type { TopicView } from '../../../../lib/core/group/group.ts';
import { topicId } from '../../../../lib/std/brands.ts';

/** A group that reads one partition. */
export const group = 'g';
export const topics: readonly TopicView[] = [{ name: 't', id: topicId('t'), partitions: 1 }];
export const theOnly = partitionKey(topicId('t'), 0);
