import { assert } from '../../std/assert.ts';
import type { Command } from './command.ts';
import type { Head } from './head.ts';

/**
 * The shape of a partition's ring. Format 1 fixes these numbers for ever (I11); the explorer
 * and the simulator use smaller ones, so that rare paths become common.
 */
export interface LogConfig {
  /** Slots in the ring. Slot n lies at position n mod `ringSlots`. */
  readonly ringSlots: number;
  /** A spill group ends with the full slot that reaches this many slots … */
  readonly spillSlots: number;
  /** … or this many bytes of commands. */
  readonly spillBytes: number;
  /** Producers that stay in the head across an advance. */
  readonly producersMax: number;
  readonly openTransactionsMax: number;
  /** Batches remembered per producer (Kafka's five). */
  readonly producerBatchesMax: number;
  /** An item of a sole writer stays below this, so that a commit costs one write unit. */
  readonly soleBytes: number;
  /**
   * Items of uncoordinated writers stay near this: dearer per commit, fewer collisions. With the
   * small command that fills it, an item stays within three write units.
   */
  readonly sharedBytes: number;
  /** Commands in a row that one process must have written to count as the sole writer. */
  readonly soleStreak: number;
  /** A sole writer puts the hint when it opens every so many-th slot … */
  readonly hintEvery: number;
  /** … and others this often. */
  readonly sharedHintEvery: number;
  /** An unpublished spill group is tried again by the winner of every so many-th advance. */
  readonly spillRetryEvery: number;
  readonly snapshotBytes: (head: Head) => number;
  readonly commandBytes: (command: Command) => number;
}

/** The numbers of format 1, without the sizes, which the codec knows. */
export const formatOne = {
  ringSlots: 64,
  spillSlots: 32,
  spillBytes: 128 * 1024,
  producersMax: 8,
  openTransactionsMax: 32,
  producerBatchesMax: 5,
  soleBytes: 1_000,
  sharedBytes: 2_700,
  soleStreak: 16,
  hintEvery: 16,
  sharedHintEvery: 4,
  spillRetryEvery: 8,
} as const;

/** A ring that is full always holds a complete spill group, else it would be stuck. */
export function checkConfig(config: LogConfig): LogConfig {
  assert(config.spillSlots <= config.ringSlots, 'a spill group fits in the ring');
  assert(config.ringSlots >= 2 && config.spillSlots >= 1, 'a ring has at least two slots');
  return config;
}

/**
 * Bytes of commands up to which a new slot takes further appends: it is full when it exceeds
 * them, a one-way door. Only cost and collisions depend on it.
 */
export function slotLimit(
  config: LogConfig,
  sole: boolean,
  snapshotBytes: number,
  ownBytes: number,
): number {
  return sole
    ? Math.max(0, config.soleBytes - snapshotBytes - ownBytes)
    : Math.max(0, config.sharedBytes - snapshotBytes);
}
