import { committedOf } from '../../core/group/fetch-offsets.ts';
import { assignedTo, partitionName } from '../../core/group/group.ts';
import type { Committed, Member } from '../../core/group/group.ts';
import { readGroup } from '../../core/group/read-group.ts';
import type { GroupSight } from '../../core/group/read-group.ts';
import { assignorOf, isSameAssignment } from '../../core/group/target.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import type { BrokerContext } from '../context.ts';
import type { GroupListing, GroupStatus } from '../group-types.ts';
import { checkGroup } from './checks.ts';
import { outOfTime, refused } from './refuse.ts';

/** As it is now. KAFKA_STORAGE_ERROR. */
export async function sightOf(
  { engine }: BrokerContext,
  group: string,
  withOwnerships: boolean,
): Promise<GroupSight> {
  const result = await engine.groups.run(readGroup, { group, withOwnerships });
  if (result.kind === 'expired') throw outOfTime(false, group);
  return result.sight;
}

/** Partitions with an offset, each once. */
export function committedIn({
  members,
  ownerships,
}: GroupSight): readonly (readonly [PartitionKey, Committed])[] {
  const owned = new Map(ownerships.map((one) => [partitionName(one), one]));
  const keys = new Map<string, PartitionKey>(owned);
  for (const entry of members.flatMap(({ entries }) => entries)) {
    keys.set(partitionName(entry), entry);
  }
  return [...keys].flatMap(([name, key]) => {
    const committed = committedOf(key, members, owned.get(name));
    return committed === undefined ? [] : [[key, committed] as const];
  });
}

export const liveIn = ({ members }: GroupSight): readonly Member[] =>
  members.filter(({ gone }) => !gone);

/** What it may work on. */
export const ownedBy = ({ entries }: Member): readonly PartitionKey[] =>
  entries.filter(({ released }) => !released);

/** What it is to own. */
export const targetOf = ({ target }: GroupSight, { key }: Member): readonly PartitionKey[] =>
  target === undefined ? [] : assignedTo(target, key);

export function listingOf(group: string, sight: GroupSight): GroupListing {
  const live = liveIn(sight);
  return { group, status: statusOf(sight, live), assignor: assignorOf(live), members: live.length };
}

function statusOf(sight: GroupSight, live: readonly Member[]): GroupStatus {
  if (live.length === 0) return 'empty';
  const owned = live.map((member) => ({ key: member.key, partitions: ownedBy(member) }));
  const wanted = live.map((member) => ({ key: member.key, partitions: targetOf(sight, member) }));
  const isStable = isSameAssignment(owned, wanted);
  return isStable ? 'stable' : 'reconciling';
}

/** Of a group that has members or offsets. GROUP_ID_NOT_FOUND. */
export async function existingSight(context: BrokerContext, group: string): Promise<GroupSight> {
  checkGroup(group);
  const sight = await sightOf(context, group, true);
  if (liveIn(sight).length > 0 || committedIn(sight).length > 0) return sight;
  throw refused('no-group', group);
}
