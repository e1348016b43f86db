import type { ListedGroup } from '../core/group/listed-group.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { nameOf, nameText } from './group-pk.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * That there is a consumer group: put before and after what begins one, deleted when nothing of it
 * is left but `STATE` and ownerships without offsets. Early is harmless.
 *
 *     pk        GROUPS
 *     sk        <group>, percent-encoded
 *     version   random at first, since a late deletion of the item before must not meet this one;
 *               every change adds 1
 *     body      {v, fingerprint?, sinceMs?}
 */

export const groupsPk = 'GROUPS';

export const listedGroupKey = (group: string): ItemKey => ({ pk: groupsPk, sk: nameText(group) });

/** All groups: names as they are spelled are of printable characters. */
export const listedGroupsRange: QueryRange = { from: '!', to: '\u007f' };

/** `before`: the item that it replaces, whose fields of a newer release it keeps. */
export function encodeListedGroup({ group, empty, version }: ListedGroup, before?: Item): Item {
  const fields = { fingerprint: empty?.fingerprint ?? null, sinceMs: empty?.sinceMs ?? null };
  return plainItem(listedGroupKey(group), version, encodeJson(fields, before));
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeListedGroup(item: Item): ListedGroup {
  const body = decodeJson(item);
  const isEmpty = body.fields['fingerprint'] !== null;
  const empty = isEmpty
    ? { fingerprint: body.string('fingerprint'), sinceMs: body.integer('sinceMs') }
    : undefined;
  return { group: nameOf(item.sk), empty, version: item.version };
}

/** What is due for a group: its name is spelled so that it holds no `#`. */
export const groupSubject = nameText;
/** Throws MalformedBytes. */
export const subjectGroup = nameOf;
