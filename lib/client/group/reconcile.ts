import type { AssignedPartition } from '../../broker/group-types.ts';
import { nameOf } from '../consumer/positions.ts';
import type { TopicPartition } from '../types.ts';

/** What a member holds, by the grant that it holds it under. */
export interface Holding extends TopicPartition {
  readonly topicId: string;
  readonly grantedIn: number;
  /** It is being given up already. */
  readonly isGoing: boolean;
}

export interface Changes<T> {
  readonly gained: readonly AssignedPartition[];
  /** To be given up, and its own until it says so. */
  readonly revoked: readonly T[];
  /** Somebody else's since, or of a topic that was created again. Some of them are gained anew. */
  readonly lost: readonly T[];
}

/** What the answer to a heartbeat means for a member that holds `held`. */
export function reconcile<T extends Holding>(
  held: readonly T[],
  assignment: readonly AssignedPartition[],
): Changes<T> {
  const assigned = new Map(assignment.map((one) => [nameOf(one), one]));
  const lost = held.filter((one) => {
    const now = assigned.get(nameOf(one));
    return now !== undefined && !isSameGrant(one, now);
  });
  const stays = new Set(held.filter((one) => !lost.includes(one)).map(nameOf));
  return {
    gained: assignment.filter((one) => !stays.has(nameOf(one))),
    revoked: held.filter((one) => !one.isGoing && !assigned.has(nameOf(one))),
    lost,
  };
}

const isSameGrant = (a: Omit<Holding, 'isGoing'>, b: AssignedPartition): boolean =>
  a.topicId === b.topicId && a.grantedIn === b.grantedIn;
