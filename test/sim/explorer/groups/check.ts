import { committedOf } from '../../../../lib/core/group/fetch-offsets.ts';
import { entryOf, partitionName } from '../../../../lib/core/group/group.ts';
import type { Committed, Entry, Member, MemberKey } from '../../../../lib/core/group/group.ts';
import { demand } from '../violation.ts';
import type { PartitionKey } from '../../../../lib/core/log/partition-key.ts';
import { theOnly } from './names.ts';
import { targetOwner } from './world.ts';
import type { SimRequest, World } from './world.ts';

/** What was told, and binds all that comes after. */
export interface Promises {
  /** The highest offset that was acknowledged as committed; −1: none. */
  readonly acknowledged: number;
  /** Keys of members that were ever made. */
  readonly made: readonly MemberKey[];
  /** Commits that were told to be refused, by name. */
  readonly never: readonly string[];
  /** Somebody deletes the group. */
  readonly mayDelete: boolean;
}

/** Where a group would go on, if all items were read at one moment. */
export const standing = (world: World, of: PartitionKey = theOnly): Committed | undefined =>
  committedOf(of, [...world.members.values()], world.ownerships.get(partitionName(of)));

/** Its offset; −1: none. */
export const effective = (world: World, of: PartitionKey = theOnly): number =>
  Number(standing(world, of)?.offset ?? -1);

/** Entries that take commits. */
export function accepting(world: World, of: PartitionKey = theOnly): readonly Accepting[] {
  return [...world.members.values()].flatMap((member) => {
    const entry = entryOf(member, of);
    return entry === undefined || entry.released || member.gone ? [] : [{ member, entry }];
  });
}

interface Accepting {
  readonly member: Member;
  readonly entry: Entry;
}

/** I8, and that nothing goes back, of one partition. */
export function checkPartition(before: World, after: World, of: PartitionKey = theOnly): void {
  checkOwners(before, after, of);
  const [was, is] = [effective(before, of), effective(after, of)];
  demand(is >= was, 'an offset never goes back', `before=${was} after=${is}`);
}

function checkOwners(before: World, after: World, of: PartitionKey): void {
  const owners = accepting(after, of);
  const names = owners.map(({ member, entry }) => `${member.key} a=${entry.a}`).join(', ');
  demand(owners.length <= 1, 'I8 one owner', names);
  const ownership = after.ownerships.get(partitionName(of));
  for (const { member, entry } of owners) {
    const isNamed = ownership?.owner === member.key && ownership.a === entry.a;
    demand(isNamed, 'I8 ownership is what O# says', `${names} O#=${ownership?.owner}`);
  }
  const had = before.ownerships.get(partitionName(of));
  const rises = ownership === undefined ? had === undefined : ownership.a >= (had?.a ?? 0);
  demand(rises, 'a only rises', `before=${had?.a} after=${ownership?.a}`);
  const { state, targets } = after;
  demand(
    state === undefined || targets.has(state.target),
    'the target is there',
    String(state?.epoch),
  );
}

/** Whether a call writes "no offset" where one stood, as only a deletion does. */
function isDeletion(before: World, request: SimRequest): boolean {
  if (request.kind !== 'put-ownership' || request.ownership.committed !== undefined) return false;
  return before.ownerships.get(partitionName(request.ownership))?.committed !== undefined;
}

/** What must hold after a call that changed the world. */
export function checkChange(
  before: World,
  after: World,
  request: SimRequest,
  promises: Promises,
): Promises {
  if (before === after) return promises;
  if (promises.mayDelete && isDeletion(before, request)) {
    checkOwners(before, after, theOnly);
    demand(accepting(before).length === 0, 'what is owned is not deleted', request.kind);
    return { ...promises, acknowledged: -1 };
  }
  checkPartition(before, after);
  checkSettled(after);
  const is = effective(after);
  const { acknowledged } = promises;
  demand(is >= acknowledged, 'acknowledged is kept', `told=${acknowledged} is=${is}`);
  checkRefused(after, promises.never);
  if (request.kind === 'put-member') checkCommit(before, request.member);
  if (request.kind !== 'join') return promises;
  const { key } = request.member;
  demand(!promises.made.includes(key), 'a key is used once', key);
  return { ...promises, made: [...promises.made, key] };
}

/** Who counts as settled is left alone by its own heartbeats: it owns what it is to own. */
function checkSettled(world: World): void {
  const [owner] = accepting(world);
  for (const { key, gone, settledEpoch } of world.members.values()) {
    if (gone || settledEpoch !== world.state?.epoch) continue;
    const owns = owner?.member.key === key;
    demand(owns === (targetOwner(world) === key), 'settled is settled', key);
  }
}

/** What was told to be refused stands nowhere, then or ever. */
export function checkRefused({ members, ownerships }: World, never: readonly string[]): void {
  const entries = [...members.values()].flatMap((member) => member.entries);
  for (const { committed } of [...ownerships.values(), ...entries]) {
    const name = committed?.metadata ?? '';
    demand(!never.includes(name), 'told refused, for ever', name);
  }
}

/** No commit is accepted from who does not own the partition. */
function checkCommit(before: World, put: Member): void {
  const old = before.members.get(put.key);
  const entry = entryOf(put, theOnly);
  const had = old && entryOf(old, theOnly);
  if (entry === undefined || entry.a !== had?.a || entry.n === had.n) return;
  const owned = accepting(before).some(({ member }) => member.key === put.key);
  demand(owned || entry.committed === had.committed, 'commits are of owners', put.key);
}
