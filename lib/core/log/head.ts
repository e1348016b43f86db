import { assert } from '../../std/assert.ts';
import { offset } from '../../std/brands.ts';
import type { LeaderEpoch, Offset, ProducerId } from '../../std/brands.ts';

/** The beginning of a slot: its sequence number, and the log end offset before its commands. */
export interface Position {
  readonly seq: number;
  readonly offset: Offset;
}

export interface OpenTransaction {
  readonly producerId: ProducerId;
  readonly epoch: number;
  /** Rises with every decision of the producer's transactions. */
  readonly txn: number;
  readonly firstOffset: Offset;
}

export interface ProducedBatch {
  readonly baseSequence: number;
  /** Records, hence offsets and sequence numbers, in the batch. */
  readonly count: number;
  readonly baseOffset: Offset;
}

/** What idempotence needs to know of a producer (KIP-98). */
export interface ProducerState {
  readonly producerId: ProducerId;
  readonly epoch: number;
  /** The lowest transaction number of this epoch that is not decided yet. */
  readonly txn: number;
  /** Highest timestamp of what it wrote, ms; expiry counts from it. */
  readonly maxTimestamp: bigint;
  /** The last five, oldest first; maybe none. */
  readonly batches: readonly ProducedBatch[];
}

/**
 * A partition as a value: what a slot's snapshot holds and what replay moves forward. Stored
 * only as a snapshot; an item named "head" does not exist.
 */
export interface Head {
  /** Log start offset. Records below it are gone. */
  readonly start: Offset;
  /** Below: segments. I4: never goes back, `sealed ≤ spilled ≤ end`. */
  readonly sealed: Position;
  /** Below: published spill groups, whose ring slots may be overwritten. */
  readonly spilled: Position;
  /** Log end offset, which is also the high watermark; `seq` is the slot being replayed. */
  readonly end: Position;
  /** −1 while there is no record with a timestamp. */
  readonly maxTimestamp: bigint;
  /** Offset of the last batch that raised `maxTimestamp`; −1 if none. */
  readonly maxTimestampOffset: Offset;
  readonly leaderEpoch: LeaderEpoch;
  /** The sweep's bound: objects of lower stage epochs can no longer enter the log. */
  readonly floor: number;
  /** Chained hash of all runs: 32 hex digits. */
  readonly hash: string;
  /** The topic is deleted: nothing is accepted any more. */
  readonly closed: boolean;
  readonly open: readonly OpenTransaction[];
  /** Least recently used first. More than `producersMax` only within a slot. */
  readonly producers: readonly ProducerState[];
  /** Exclusive ends of the spill groups that are complete and not published, oldest first. */
  readonly groups: readonly Position[];
  /** Full slots after the last complete group, and the bytes of their commands. */
  readonly filling: { readonly slots: number; readonly bytes: number };
}

const origin: Position = { seq: 0, offset: offset(0n) };

export const genesis: Head = {
  start: offset(0n),
  sealed: origin,
  spilled: origin,
  end: origin,
  maxTimestamp: -1n,
  maxTimestampOffset: offset(-1n),
  leaderEpoch: 0 as LeaderEpoch,
  floor: 0,
  hash: '0'.repeat(32),
  closed: false,
  open: [],
  producers: [],
  groups: [],
  filling: { slots: 0, bytes: 0 },
};

/** KIP-98: offsets from here on belong to transactions that are not decided. */
export function lastStableOffset(head: Head): Offset {
  let lso = head.end.offset;
  for (const transaction of head.open) {
    if (transaction.firstOffset < lso) lso = transaction.firstOffset;
  }
  return lso;
}

export function findProducer(head: Head, id: ProducerId): ProducerState | undefined {
  return head.producers.find((producer) => producer.producerId === id);
}

export function findOpen(head: Head, id: ProducerId): OpenTransaction | undefined {
  return head.open.find((transaction) => transaction.producerId === id);
}

/** The last sequence number of a producer's state: −1 if it remembers no batch. */
export function lastSequence(producer: ProducerState): number {
  const last = producer.batches.at(-1);
  return last === undefined ? -1 : addSequence(last.baseSequence, last.count - 1);
}

/** Sequence numbers wrap from 2^31−1 to 0. */
export function addSequence(sequence: number, count: number): number {
  return (sequence + count) % 0x8000_0000;
}

function ordered(low: Position, high: Position): boolean {
  return low.seq <= high.seq && low.offset <= high.offset;
}

/** Asserts I4 between a head and its successor, and the order of bounds within it. */
export function assertSuccessor(before: Head, after: Head): void {
  assert(ordered(before.end, after.end), 'I4: end goes back');
  assert(before.start <= after.start, 'I4: start goes back');
  assert(ordered(before.sealed, after.sealed), 'I4: sealed goes back');
  assert(ordered(before.spilled, after.spilled), 'I4: spilled goes back');
  assert(before.floor <= after.floor, 'I4: floor goes back');
  assert(before.leaderEpoch <= after.leaderEpoch, 'I4: leader epoch goes back');
  assert(!before.closed || after.closed, 'I4: a closed partition opens');
  assert(after.start <= after.end.offset, 'start is beyond end');
  assert(ordered(after.sealed, after.spilled), 'sealed is beyond spilled');
  assert(ordered(after.spilled, after.end), 'spilled is beyond end');
}
