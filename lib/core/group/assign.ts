import type { PartitionKey } from '../log/partition-key.ts';
import { assignBalanced } from './assign-balanced.ts';
import { assignRange } from './assign-range.ts';
import { assignRoundRobin } from './assign-round-robin.ts';
import { byPartition } from './group.ts';
import type { Assigned, AssignorName } from './group.ts';
import type { Subscriber } from './subscribers.ts';

/**
 * Who gets what: to each member, partition numbers by topic. Every partition of a topic that
 * somebody reads goes to exactly one of those who read it; the same input gives the same, and what
 * it gives, given as `before`, gives itself.
 */
type Assignor = (members: readonly Subscriber[]) => readonly (readonly PartitionKey[])[];

/**
 * `uniform` and `range` are those of KIP-848, computed by the server. `round-robin` and `sticky` are named after
 * the classic protocol's, which clients compute; `sticky` makes the promises of `uniform`
 * (balance first, then as few moves as possible), so it is the same function.
 */
const assignors: Readonly<Record<AssignorName, Assignor>> = {
  range: assignRange,
  'round-robin': assignRoundRobin,
  sticky: assignBalanced,
  uniform: assignBalanced,
};

/** By name, as clients spell it; undefined: UNSUPPORTED_ASSIGNOR. */
export function assignorNamed(name: string): AssignorName | undefined {
  const known = name === 'roundrobin' ? 'round-robin' : name;
  return Object.hasOwn(assignors, known) ? (known as AssignorName) : undefined;
}

/** Assigns all partitions; members in any order, the answer in the order given. */
export function assign(name: AssignorName, members: readonly Subscriber[]): readonly Assigned[] {
  const given = assignors[name](members);
  return members.map(({ key }, i) => ({
    key,
    partitions: (given[i] ?? []).toSorted(byPartition),
  }));
}
