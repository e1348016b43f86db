import { assign } from './assign.ts';
import { groupBounds } from './bounds.ts';
import { byPartition, byText } from './group.ts';
import type { Assigned, AssignorName, Member, Target, TopicView } from './group.ts';
import { subscribedTopics } from './subscription.ts';

/** What most members ask for, and `uniform` if nobody asks (KIP-848); at a tie the first by name. */
export function assignorOf(members: readonly Member[]): AssignorName {
  const votes = new Map<AssignorName, number>();
  for (const { assignor } of members) {
    if (assignor !== undefined) votes.set(assignor, (votes.get(assignor) ?? 0) + 1);
  }
  const [most] = [...votes].toSorted(([a, x], [b, y]) => y - x || byText(a, b));
  return most?.[0] ?? 'uniform';
}

export type Computed =
  | { readonly kind: 'computed'; readonly members: readonly Assigned[] }
  /** Somebody would own more than an item holds. */
  | { readonly kind: 'too-many-partitions' };

/**
 * Who is to own what: a function of members, topics and the target before. Given its own result as
 * the one before it gives the same, so that it may be computed at any time to see whether anything
 * has changed.
 */
export function computeTarget(
  members: readonly Member[],
  topics: readonly TopicView[],
  before: Target | undefined,
): Computed {
  const live = members.filter(({ gone }) => !gone).toSorted((a, b) => byText(a.key, b.key));
  const had = new Map(before?.members.map(({ key, partitions }) => [key, partitions]));
  const subscribers = live.map(({ key, subscription }) => ({
    key,
    topics: subscribedTopics(subscription, topics),
    before: had.get(key) ?? [],
  }));
  const assigned = assign(assignorOf(live), subscribers);
  const isTooMany = assigned.some(({ partitions }) => partitions.length > groupBounds.entriesMax);
  return isTooMany ? { kind: 'too-many-partitions' } : { kind: 'computed', members: assigned };
}

export function isSameAssignment(a: readonly Assigned[], b: readonly Assigned[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ key, partitions }, i) => {
      const other = b[i];
      return (
        key === other?.key &&
        partitions.length === other.partitions.length &&
        partitions.every((one, at) => {
          const same = other.partitions[at];
          return same !== undefined && byPartition(one, same) === 0;
        })
      );
    })
  );
}
