import { instanceBounds } from './bounds.ts';
import type { InstanceConfig } from './config.ts';

/**
 * A consumer instance of the REST proxies: what such a server keeps in its memory, as one item that
 * any process may read, change and put back on the version that it read
 * (docs/adr/0014-groups-above-the-core.md).
 */
export interface Instance {
  readonly group: string;
  readonly name: string;
  readonly config: InstanceConfig;
  /** ms, by the store's clock: when a call last wrote that the instance is in use. */
  readonly touchedMs: number;
  readonly reads: Reads;
  /**
   * Its member in the group, from the subscription on. Epoch 0: it has not joined, or must again.
   * With nothing to read: it is still to leave.
   */
  readonly member: { readonly id: string; readonly epoch: number } | undefined;
  /** What it owns or was assigned, in the order of `byTopic`; each once. */
  readonly partitions: readonly Position[];
  /** Where in them the next poll begins to look. */
  readonly turn: number;
  /** Of the last poll that is acknowledged by its id, or is to be; 0: there was none. */
  readonly pollId: number;
  /** ms, by the store's clock: of the last automatic commit. */
  readonly autoCommitMs: number;
  /** Being deleted: to everybody else it is not there any more. */
  readonly closing: boolean;
  /** Unique for each attempt to put it: whose put it was, where no answer came. */
  readonly by: string;
  readonly version: number;
}

export type Reads =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'topics'; readonly topics: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** Partitions that it was told, without a member in the group. */
  | { readonly kind: 'assigned' };

/** How far an instance is in one partition. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  /** Epoch of the grant; 0 of what was assigned by hand. */
  readonly grantedIn: number;
  /** Of the next record to return. */
  readonly next: Next;
  /** What the group has committed, as far as was seen. */
  readonly committed: bigint | undefined;
  /** Where the last poll began, if it returned something and waits to be acknowledged. */
  readonly unacknowledged: bigint | undefined;
}

/** `committed`: where the group is, still to be looked up. `reset`: where auto.offset.reset says. */
export type Next = bigint | 'committed' | 'reset';

export interface NamedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Names of groups and instances in the paths of the REST proxies. */
export const isPlainName = (name: string): boolean =>
  /^[A-Za-z0-9._-]+$/.test(name) && name.length <= instanceBounds.nameLengthMax;

export function byTopic(a: NamedPartition, b: NamedPartition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}

/** As a key of maps. */
export const partitionName = ({ topic, partition }: NamedPartition): string =>
  `${topic}/${partition}`;

/** By their names; of those that are named twice the last. */
export const byName = <T extends NamedPartition>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [partitionName(one), one]));

/** Nobody has used it for its time: it is as if it were not there. */
export const isExpired = ({ touchedMs, config }: Instance, nowMs: number): boolean =>
  nowMs > touchedMs + config.timeoutMs;

/** What it returned for certain, as an offset to commit; undefined while it has no position. */
export function returnedTo({ next, unacknowledged }: Position): bigint | undefined {
  if (unacknowledged !== undefined) return unacknowledged;
  return typeof next === 'bigint' ? next : undefined;
}
