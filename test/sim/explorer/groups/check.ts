import { committedOf } from '../../../../lib/core/group/fetch-offsets.ts';
import { entryOf, partitionName } from '../../../../lib/core/group/group.ts';
import type { Entry, Member, MemberKey } from '../../../../lib/core/group/group.ts';
import { demand } from '../violation.ts';
import { theOnly } from './names.ts';
import type { SimRequest, World } from './world.ts';

/** What was told, and binds all that comes after. */
export interface Promises {
  /** The highest offset that was acknowledged as committed; −1: none. */
  readonly acknowledged: number;
  /** Keys of members that were ever made. */
  readonly made: readonly MemberKey[];
  /** Commits that were told to be refused, by name. */
  readonly never: readonly string[];
}

/** Offset that a group would go on with, if all items were read at one moment; −1: none. */
export function effective(world: World): number {
  const ownership = world.ownerships.get(partitionName(theOnly));
  const committed = committedOf(theOnly, [...world.members.values()], ownership);
  return committed === undefined ? -1 : Number(committed.offset);
}

/** Entries that take commits. */
export function accepting(
  world: World,
): readonly { readonly member: Member; readonly entry: Entry }[] {
  return [...world.members.values()].flatMap((member) => {
    const entry = entryOf(member, theOnly);
    return entry === undefined || entry.released || member.gone ? [] : [{ member, entry }];
  });
}

/** What must hold after a call that changed the world. */
export function checkChange(
  before: World,
  after: World,
  request: SimRequest,
  promises: Promises,
): Promises {
  if (before === after) return promises;
  const owners = accepting(after);
  const names = owners.map(({ member, entry }) => `${member.key} a=${entry.a}`).join(', ');
  demand(owners.length <= 1, 'I8 one owner', names);
  const ownership = after.ownerships.get(partitionName(theOnly));
  for (const { member, entry } of owners) {
    const isNamed = ownership?.owner === member.key && ownership.a === entry.a;
    demand(isNamed, 'I8 ownership is what O# says', `${names} O#=${ownership?.owner}`);
  }
  const had = before.ownerships.get(partitionName(theOnly));
  const rises = ownership === undefined ? had === undefined : ownership.a >= (had?.a ?? 0);
  demand(rises, 'a only rises', `before=${had?.a} after=${ownership?.a}`);
  const [was, is] = [effective(before), effective(after)];
  demand(is >= was, 'an offset never goes back', `before=${was} after=${is}`);
  const { acknowledged } = promises;
  demand(is >= acknowledged, 'acknowledged is kept', `told=${acknowledged} is=${is}`);
  checkRefused(after, promises.never);
  if (request.kind === 'put-member') checkCommit(before, request.member, names);
  if (request.kind !== 'join') return promises;
  const { key } = request.member;
  demand(!promises.made.includes(key), 'a key is used once', key);
  return { ...promises, made: [...promises.made, key] };
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
function checkCommit(before: World, put: Member, names: string): void {
  const old = before.members.get(put.key);
  const entry = entryOf(put, theOnly);
  const had = old && entryOf(old, theOnly);
  if (entry === undefined || entry.a !== had?.a || entry.n === had.n) return;
  const owned = accepting(before).some(({ member }) => member.key === put.key);
  demand(owned || entry.committed === had.committed, 'commits are of owners', names);
}
