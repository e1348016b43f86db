import { expireOffsets } from '../core/group/expire-offsets.ts';
import { fingerprintOf } from '../core/group/listed-group.ts';
import type { ListedGroup } from '../core/group/listed-group.ts';
import { readGroup } from '../core/group/read-group.ts';
import type { GroupSight } from '../core/group/read-group.ts';
import { sweepTargets } from '../core/group/sweep-targets.ts';
import type { Groups } from './groups.ts';
import { noAnswer } from './until-answered.ts';

/** To evict members that have all died takes one look, and one or two more to tidy up. */
const looksMax = 5;

/**
 * Looks after a group that nobody may call for any more: evicts, computes anew, tidies up, and
 * writes the offsets away when it was long enough without members and commits. Puts when it is due
 * again, or takes it from the list. KAFKA_STORAGE_ERROR: to be begun again.
 */
export async function lookAfterGroup(groups: Groups, group: string): Promise<void> {
  await tidy(groups, group);
  let sight = await readNow(groups, group);
  const listed = await groups.list.find(group);
  if (listed !== undefined && (await isTooOld(groups, listed, sight))) {
    await groups.run(expireOffsets, { ownerships: sight.ownerships });
    sight = await readNow(groups, group);
  }
  if (!isLeft(sight)) return unlist(groups, group, listed);
  if (listed === undefined) return groups.list.announce(group);
  await groups.list.putDue(group);
}

async function tidy(groups: Groups, group: string): Promise<void> {
  for (let looks = 0; looks < looksMax; looks += 1) {
    const { evicted, rebalanced, deleted } = await groups.lookAround(group);
    if (evicted + deleted === 0 && !rebalanced) break;
  }
  await groups.run(sweepTargets, { group });
}

/** Whether it was the same, and empty, for all the time that offsets are kept. Notes since when. */
async function isTooOld(groups: Groups, listed: ListedGroup, sight: GroupSight): Promise<boolean> {
  if (sight.members.length > 0 || !hasOffsets(sight)) return false;
  const fingerprint = fingerprintOf(sight.state?.epoch ?? 0, sight.ownerships);
  const { empty } = listed;
  const nowMs = groups.nowMs();
  if (empty?.fingerprint === fingerprint) {
    return groups.trustsClock() && nowMs - empty.sinceMs >= groups.offsetsRetentionMs;
  }
  await groups.list.note(listed, { fingerprint, sinceMs: nowMs });
  return false;
}

const hasOffsets = ({ ownerships }: GroupSight): boolean =>
  ownerships.some(({ committed }) => committed !== undefined);

const isLeft = (sight: GroupSight): boolean => sight.members.length > 0 || hasOffsets(sight);

/**
 * Takes a group from the list that has neither members nor offsets. Who joined or committed
 * meanwhile, and still saw it in the list, is found by looking once more.
 */
export async function unlist(
  groups: Groups,
  group: string,
  listed: ListedGroup | undefined,
): Promise<void> {
  if (listed !== undefined) await groups.list.remove(listed);
  if (isLeft(await readNow(groups, group))) await groups.list.announce(group);
}

async function readNow(groups: Groups, group: string): Promise<GroupSight> {
  const result = await groups.run(readGroup, { group, withOwnerships: true });
  if (result.kind === 'read') return result.sight;
  throw noAnswer('of a group');
}
