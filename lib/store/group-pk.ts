import { groupBounds } from '../core/group/bounds.ts';
import { memberKey, partsOf } from '../core/group/group.ts';
import type { MemberKey } from '../core/group/group.ts';
import { assert } from '../std/assert.ts';
import { topicId } from '../std/brands.ts';
import type { TopicId } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';

/*
 * The item collection of one group, `G#<group>`:
 *
 *     STATE                                                     group-state.ts
 *     A#<epoch, 16 digits>#<target id>#<part, 4 digits>         group-target.ts
 *     M#<m:member or i:instance>@<join epoch, 16 digits>        group-member.ts
 *     O#<topic id>#<partition, 4 digits>                        group-ownership.ts
 *
 * Names are percent-encoded, the colon excepted: they hold neither # nor @.
 */

const prefix = 'G#';

export const groupPk = (group: string): string => `${prefix}${nameText(group)}`;

/** Of what `groupPk` made. Throws MalformedBytes. */
export function groupOf(pk: string): string {
  if (!pk.startsWith(prefix)) throw new MalformedBytes(`no group: pk=${pk}`);
  return nameOf(pk.slice(prefix.length));
}

/** Whether it may be a group's, a member's or an instance's: it is text, and fits in a key. */
export const isName = (name: string): boolean =>
  name !== '' && name.isWellFormed() && spelled(name).length <= groupBounds.nameBytesMax;

const spelled = (name: string): string => encodeURIComponent(name).replaceAll('%3A', ':');

/** Throws InvariantError if it is too long, or half a pair: doors refuse such names. */
export function nameText(name: string): string {
  const isWellFormed = name.isWellFormed();
  assert(isWellFormed, 'a name is text');
  const text = spelled(name);
  const max = groupBounds.nameBytesMax;
  assert(text.length <= max, `a name is too long: bytes=${text.length} max=${max}`);
  return text;
}

/** Of what `nameText` made. Throws MalformedBytes. */
export function nameOf(text: string): string {
  try {
    const name = decodeURIComponent(text);
    if (spelled(name) === text) return name;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw new MalformedBytes(`no name: text=${text}`);
}

const digits = 16;
const epochText = (epoch: number): string => String(epoch).padStart(digits, '0');

export const memberSk = (key: MemberKey): string => {
  const { name, joinEpoch } = partsOf(key);
  return `${memberSkPrefix(name)}${epochText(joinEpoch)}`;
};

export const memberSkPrefix = (name: string): string => `M#${nameText(name)}@`;

const memberPattern = /^M#([^@]+)@(\d{16})$/;

/** Of what `memberSk` made. Throws MalformedBytes. */
export function memberOf(sk: string): MemberKey {
  const [, name, epoch] = memberPattern.exec(sk) ?? [];
  const joinEpoch = Number(epoch);
  if (name === undefined || !Number.isSafeInteger(joinEpoch)) {
    throw new MalformedBytes(`no key of a member: sk=${sk}`);
  }
  const decoded = nameOf(name);
  if (!/^[mi]:/.test(decoded)) throw new MalformedBytes(`no name of a member: sk=${sk}`);
  return memberKey(decoded, joinEpoch);
}

/** A member's key as a value of another record. Throws MalformedBytes. */
export function readMemberKey(text: string): MemberKey {
  const { name, joinEpoch } = partsOf(text as MemberKey);
  const isKey = /^[mi]:/.test(name) && Number.isSafeInteger(joinEpoch) && joinEpoch > 0;
  if (isKey && memberKey(name, joinEpoch) === text) return memberKey(name, joinEpoch);
  throw new MalformedBytes(`no member: key=${text}`);
}

/** 22 characters of base64url that spell 16 bytes. Throws MalformedBytes. */
export function readTopicId(text: string): TopicId {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length === 16 && bytes.toString('base64url') === text) return topicId(text);
  throw new MalformedBytes(`no topic id: text=${text}`);
}
