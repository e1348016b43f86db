import { createHash } from 'node:crypto';
import type { Ownership } from './group.ts';
import { partitionName } from './group.ts';

/** `GROUPS : <group>`: that there is a group. Every change is made on the version before. */
export interface ListedGroup {
  readonly group: string;
  /** Absent while it has members, or is not known to be without. */
  readonly empty: EmptySince | undefined;
  readonly version: number;
}

export interface EmptySince {
  /** Of the group as it was then: whatever changes in it changes this. */
  readonly fingerprint: string;
  /** ms, the store's time: it has been the same at least since then. */
  readonly sinceMs: number;
}

/** Of a group without members: no join, no commit and no deletion leaves it as it is. */
export function fingerprintOf(epoch: number, ownerships: readonly Ownership[]): string {
  const lines = ownerships.map((one) => `${partitionName(one)}:${one.version}`).toSorted();
  return createHash('sha256')
    .update([epoch, ...lines].join('\n'))
    .digest('hex')
    .slice(0, 32);
}

/** What a `DUE` item of a group says. */
export const groupJob = 'group';
const gridMs = 10 * 60 * 1000;
/** What was announced has happened by then, or is known not to: calls are shorter. */
const marginMs = 60 * 1000;

/** When a group is looked at next: on a grid, so that chains of one group fall together. */
export const nextLookMs = (nowMs: number): number =>
  Math.ceil((nowMs + marginMs) / gridMs) * gridMs;
