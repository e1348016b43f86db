import type { CommandId, Offset } from '../../std/brands.ts';
import type { Position } from '../log/head.ts';

/** One partition's share of a keyed request. */
export interface KeyedPart {
  readonly partition: number;
  /** The id under which every process sends it. */
  readonly command: CommandId;
  /** The newest slot when the key was reserved: the first that may hold the id. */
  readonly walk: Position;
}

/** `IK#<scope>#<key>`: what a produce request with an Idempotency-Key has set out to do. */
export interface KeyedRequest {
  /** The topic's id: a key counts per topic. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of what was asked for, 64 hex digits. */
  readonly bodyHash: string;
  /** Partitions of the topic when the records were split: keys are hashed over these for ever. */
  readonly partitionCount: number;
  /** Where the records without key and partition go; −1 if there are none. */
  readonly sticky: number;
  /** When it was reserved, ms: the time of the records that carry none, and for their checks. */
  readonly atMs: number;
  readonly parts: readonly KeyedPart[];
  /**
   * Once all parts are decided: the base offset of each, in the order of `parts`. Undefined
   * where it was refused.
   */
  readonly offsets: readonly (Offset | undefined)[] | undefined;
  readonly version: number;
}
