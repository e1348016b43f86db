import { assert } from '../../std/assert.ts';
import { limits } from '../../std/limits.ts';

const KiB = 1024;

/** What a group's items may hold, so that each stays an item (docs/adr/0013-consumer-groups.md). */
export const groupBounds = {
  /** Bytes of a group, member or instance id as it stands in a key, percent-encoded. */
  nameBytesMax: 400,
  membersMax: 1_000,
  /** Processes that were a static member before, and are remembered. */
  formerMax: 8,
  /** Partitions that one member may own, those that it has given up and still names included. */
  entriesMax: 4_000,
  /** Kafka's default of `offset.metadata.max.bytes`, in UTF-8. */
  metadataBytesMax: 4_096,
  /** The same in all entries of a member together. */
  metadataBytesTotalMax: 128 * KiB,
  /** Topic names or pattern, in UTF-8. */
  subscriptionBytesMax: 32 * KiB,
  patternLengthMax: 1_024,
  sessionMsMin: 6_000,
  sessionMsMax: 1_800_000,
  sessionMsDefault: 45_000,
  rebalanceMsMax: 86_400_000,
} as const;

/** An entry beside its metadata: its topic's id, six numbers of at most 10 bytes, flags. */
const entryBytesMax = 54;
const memberBytesMax =
  groupBounds.entriesMax * entryBytesMax +
  groupBounds.metadataBytesTotalMax +
  groupBounds.subscriptionBytesMax +
  (4 + groupBounds.formerMax) * groupBounds.nameBytesMax;
assert(memberBytesMax <= limits.itemBytesMax, 'a member fits in an item');
assert(groupBounds.nameBytesMax + 32 <= 512, 'names fit in keys');

/** A member's beat is written when the one that stands is older than this part of the session. */
export const beatsPerSession = 3;

/** When to call again while something is pending, ms. */
export const pendingIntervalMs = 1_000;
