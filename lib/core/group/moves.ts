import type { PartitionKey } from '../log/partition-key.ts';
import { groupBounds, pendingIntervalMs } from './bounds.ts';
import { assignedTo, entryOf, ownersIn, partitionName } from './group.ts';
import type { Member, MemberKey, Target } from './group.ts';
import type { HandOverInput, Move } from './hand-over.ts';

/** Partitions that are handed over at once; of a heartbeat the rest is pending. */
export const movesMax = 100;

/** At most `max`, and others the next time: those that come first may be held for long. */
function some<T>(all: readonly T[], nowMs: number, max = movesMax): readonly T[] {
  if (all.length <= max) return all;
  const from = (Math.floor(nowMs / pendingIntervalMs) * max) % all.length;
  return [...all.slice(from), ...all.slice(0, from)].slice(0, max);
}

/**
 * What a member is to get; of what it has given up, what is to be nobody's. What is another's by
 * now is dropped, and what this call has granted to it is delivered although the target may have
 * moved on.
 */
export function movesOf(
  member: Member,
  target: Target,
  granted: readonly PartitionKey[],
  nowMs: number,
): Pick<HandOverInput, 'moves' | 'looks'> {
  const owners = ownersIn(target);
  const ownerOf = (one: PartitionKey): MemberKey | undefined => owners.get(partitionName(one));
  const assigned = assignedTo(target, member.key);
  const anew = assigned.filter((one) => entryOf(member, one)?.released === true);
  const fresh = assigned.filter((one) => entryOf(member, one) === undefined);
  const room = Math.max(0, groupBounds.entriesMax - member.entries.length);
  const wanted = [...anew, ...some(fresh, nowMs, room)];
  const given = member.entries.filter((one) => one.released && ownerOf(one) !== member.key);
  const nobodys = given.filter((one) => ownerOf(one) === undefined);
  const others = given.filter((one) => ownerOf(one) !== undefined);
  const lost = granted.filter((one) => ownerOf(one) !== member.key);
  const moves = [
    ...some(wanted, nowMs).map((one) => moved(one, member.key)),
    ...some(nobodys, nowMs).map((one) => moved(one, undefined)),
  ];
  return { moves, looks: [...lost, ...some(others, nowMs)] };
}

const moved = ({ topicId, partition }: PartitionKey, to: MemberKey | undefined): Move => ({
  topicId,
  partition,
  to,
});
