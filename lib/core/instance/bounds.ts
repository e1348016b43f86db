import { assert } from '../../std/assert.ts';
import { limits } from '../../std/limits.ts';
import { groupBounds } from '../group/bounds.ts';

/** What an instance may hold, so that it stays an item. */
export const instanceBounds = {
  /** Characters of a group or an instance, as the REST proxies' paths have them. */
  nameLengthMax: 249,
  timeoutMsMin: groupBounds.sessionMsMin,
  timeoutMsMax: groupBounds.sessionMsMax,
  partitionsMax: groupBounds.entriesMax,
  /** Topic names or pattern, in UTF-8. */
  readsBytesMax: groupBounds.subscriptionBytesMax,
  /** The names of all topics of its partitions, once each. */
  topicsBytesMax: 150_000,
} as const;

/** Of a partition: flags, and five numbers of at most 10 bytes. */
const positionBytesMax = 51;
const instanceBytesMax =
  instanceBounds.partitionsMax * positionBytesMax +
  instanceBounds.topicsBytesMax +
  instanceBounds.readsBytesMax +
  4_096;
assert(instanceBytesMax <= limits.itemBytesMax, 'an instance fits in an item');
