import { groupBounds } from '../core/group/bounds.ts';
import type { GroupState } from '../core/group/group.ts';
import type { Item, ItemKey } from '../ports/metadata-table.ts';
import { groupOf, groupPk } from './group-pk.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * A consumer group, from its first member on and for ever.
 *
 *     pk        G#<group>
 *     sk        STATE
 *     version   the epoch, from 1 on: every change adds 1
 *     body      {v, target, sinceMs, members}
 */

export const groupStateKey = (group: string): ItemKey => ({ pk: groupPk(group), sk: 'STATE' });

/** `before`: the item that it replaces, whose fields of a newer release it keeps. */
export function encodeGroupState(state: GroupState, before?: Item): Item {
  const { group, epoch, target, sinceMs, members } = state;
  const body = encodeJson({ target, sinceMs, members }, before);
  return plainItem(groupStateKey(group), epoch, body);
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeGroupState(item: Item): GroupState {
  const body = decodeJson(item);
  return {
    group: groupOf(item.pk),
    epoch: item.version,
    target: body.string('target'),
    sinceMs: body.integer('sinceMs'),
    members: body.integer('members', 0, groupBounds.membersMax),
  };
}
