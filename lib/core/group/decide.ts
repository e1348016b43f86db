import type { PartitionKey } from '../log/partition-key.ts';
import { beatsPerSession, groupBounds } from './bounds.ts';
import { byPartition, entryOf, isStatic, partitionName } from './group.ts';
import type { Committed, Entry, GroupState, Member, MemberKey, Ownership } from './group.ts';

/*
 * The rules of ownership, one function each. None of them knows in which order things were read:
 * the machines do, and docs/adr/0013-consumer-groups.md says which order each rule needs.
 */

export type MemberRefusal = 'unknown-member' | 'fenced-instance' | 'fenced-epoch';

/** Why this process may not speak for the item that was found under its name. */
export function refusalOf(
  member: Member | undefined,
  memberId: string,
): 'unknown-member' | 'fenced-instance' | undefined {
  if (member === undefined || member.gone) return 'unknown-member';
  if (member.memberId === memberId) return undefined;
  return isStatic(member) ? 'fenced-instance' : 'unknown-member';
}

/** The epoch that a member is told: at least that of everything that it is told to own. */
export const toldEpoch = (state: GroupState, member: Member): number =>
  member.entries.reduce((max, { a }) => Math.max(max, a), state.epoch);

export interface OffsetCommit extends PartitionKey {
  readonly committed: Committed;
  /** The member's own number of it; undefined: the one after its last. */
  readonly n: number | undefined;
}

export type CommitVerdict =
  | 'accepted'
  /** A later commit of the same member was first; both were under way at the same time. */
  | 'overtaken'
  | 'stale-epoch'
  | 'not-owned'
  | 'metadata-too-large'
  /** It was sent and not answered, and the entry that could say is not there any more. */
  | 'unknown';

/** Whether an entry takes a commit of a member that may speak for it. */
function judgeCommit(
  entry: Entry | undefined,
  epoch: number,
  n: number | undefined,
): 'accepted' | 'overtaken' | 'stale-epoch' | 'not-owned' {
  if (entry === undefined) return 'not-owned';
  if (epoch < entry.a) return 'stale-epoch';
  if (n !== undefined && n <= entry.n) return 'overtaken';
  return entry.released ? 'not-owned' : 'accepted';
}

export const metadataBytes = (committed: Committed | undefined): number =>
  Buffer.byteLength(committed?.metadata ?? '', 'utf8');

/** Puts offsets into the entries that take them, and says of each offset whether it was taken. */
export function withCommits(
  member: Member,
  commits: readonly OffsetCommit[],
  epoch: number,
): { readonly member: Member; readonly verdicts: readonly CommitVerdict[] } {
  const entries = new Map(member.entries.map((entry) => [partitionName(entry), entry]));
  let total = member.entries.reduce((sum, { committed }) => sum + metadataBytes(committed), 0);
  const verdicts = commits.map((commit): CommitVerdict => {
    const name = partitionName(commit);
    const entry = entries.get(name);
    const verdict = judgeCommit(entry, epoch, commit.n);
    if (entry === undefined || verdict !== 'accepted') return verdict;
    const bytes = metadataBytes(commit.committed);
    const before = metadataBytes(entry.committed);
    const isTooLarge =
      bytes > groupBounds.metadataBytesMax ||
      (bytes > before && total + bytes - before > groupBounds.metadataBytesTotalMax);
    if (isTooLarge) return 'metadata-too-large';
    total += bytes - before;
    entries.set(name, { ...entry, n: commit.n ?? entry.n + 1, committed: commit.committed });
    return 'accepted';
  });
  return { member: { ...member, entries: [...entries.values()] }, verdicts };
}

/**
 * The commits with the numbers under which they were put. A copy that was not answered may land:
 * sent again under its number it counts once, and what came after it stands.
 */
export const numbered = (
  commits: readonly OffsetCommit[],
  put: Member,
  verdicts: readonly CommitVerdict[],
): readonly OffsetCommit[] =>
  commits.map((commit, i) =>
    verdicts[i] === 'accepted' ? { ...commit, n: commit.n ?? entryOf(put, commit)?.n } : commit,
  );

/** What can be said of commits after one of their copies was sent and not answered. */
export const unsureVerdicts = (verdicts: readonly CommitVerdict[]): readonly CommitVerdict[] =>
  verdicts.map((verdict) =>
    verdict === 'not-owned' || verdict === 'stale-epoch' ? 'unknown' : verdict,
  );

/**
 * Whether a member that says what it owns has given this entry up. What was granted in the epoch
 * of the group, or of the request, may not have been told to it yet.
 */
export function isGivenUp(
  entry: Entry,
  owned: ReadonlySet<string> | undefined,
  groupEpoch: number,
  requestEpoch: number,
): boolean {
  if (entry.released || owned === undefined) return false;
  if (groupEpoch <= entry.a || requestEpoch <= entry.a) return false;
  return !owned.has(partitionName(entry));
}

/** Whether a member is to give an entry up: told only under an epoch above that of its grant. */
export const isToRevoke = (
  entry: Entry,
  groupEpoch: number,
  assigned: ReadonlySet<string>,
): boolean => !entry.released && groupEpoch > entry.a && !assigned.has(partitionName(entry));

export type Freedom =
  | { readonly kind: 'free'; readonly committed: Committed | undefined }
  /** Its owner has it, and has not given it up. */
  | { readonly kind: 'held' }
  /** It was granted to a member that is still there, whose item does not say so yet. */
  | { readonly kind: 'undelivered' };

/**
 * Whether a partition may be granted anew, and with which offset. The owner's item was read after
 * the ownership; absent means that it was deleted.
 */
export function freedomOf(ownership: Ownership | undefined, owner: Member | undefined): Freedom {
  if (ownership?.owner === undefined) return { kind: 'free', committed: ownership?.committed };
  const entry = owner && entryOf(owner, ownership);
  if (entry?.a === ownership.a) {
    const isFree = entry.released || owner?.gone === true;
    return isFree ? { kind: 'free', committed: entry.committed } : { kind: 'held' };
  }
  if (owner === undefined || owner.gone) return { kind: 'free', committed: ownership.committed };
  return { kind: 'undelivered' };
}

/** The ownership after a grant in an epoch; undefined if the epoch is not above the last grant's. */
export function granted(
  key: PartitionKey & { readonly group: string },
  before: Ownership | undefined,
  epoch: number,
  to: MemberKey | undefined,
  committed: Committed | undefined,
): Ownership | undefined {
  if (before !== undefined && epoch <= before.a) return undefined;
  const { group, topicId, partition } = key;
  const version = before === undefined ? 0 : before.version + 1;
  return { group, topicId, partition, a: epoch, owner: to, committed, version };
}

/** Whether an ownership, read after the member's item, names it and the item does not say so. */
export function isDeliverable(member: Member, ownership: Ownership): boolean {
  if (member.gone || ownership.owner !== member.key) return false;
  return ownership.a > (entryOf(member, ownership)?.a ?? 0);
}

/**
 * The item without entries that may be dropped, and with those that are deliverable, as far as it
 * has room for them.
 */
export function withOwnerships(member: Member, ownerships: readonly Ownership[]): Member {
  const entries = new Map(member.entries.map((entry) => [partitionName(entry), entry]));
  for (const ownership of ownerships) {
    const name = partitionName(ownership);
    if (!isDeliverable(member, ownership) && mayDrop(entries.get(name), ownership)) {
      entries.delete(name);
    }
  }
  for (const ownership of ownerships) {
    const name = partitionName(ownership);
    const hasRoom = entries.has(name) || entries.size < groupBounds.entriesMax;
    if (!hasRoom || !isDeliverable(member, ownership)) continue;
    const { topicId, partition, a, committed } = ownership;
    entries.set(name, { topicId, partition, a, n: 0, committed, released: false });
  }
  return { ...member, entries: [...entries.values()].toSorted(byPartition) };
}

export const mayDrop = (entry: Entry | undefined, ownership: Ownership): boolean =>
  entry !== undefined && ownership.a > entry.a;

export const isBeatDue = (member: Member, nowMs: number): boolean =>
  nowMs - member.beatMs >= member.sessionMs / beatsPerSession;

/**
 * Whether a member is to be evicted: its session has ended, or it holds what the target of an
 * epoch that began `rebalanceMs` ago takes from it.
 */
export function isOverdue(
  member: Member,
  state: GroupState,
  assigned: ReadonlySet<string>,
  nowMs: number,
): boolean {
  if (member.gone) return false;
  if (nowMs - member.beatMs > member.sessionMs) return true;
  if (nowMs - state.sinceMs <= member.rebalanceMs) return false;
  return member.entries.some((entry) => isToRevoke(entry, state.epoch, assigned));
}
