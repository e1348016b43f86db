import type { Committed, Ownership } from '../core/group/group.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { offset, partition } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { int32Max } from './fields.ts';
import { groupOf, groupPk, readMemberKey, readTopicId } from './group-pk.ts';
import { decodeJson, encodeJson, fromInt64 } from './json-body.ts';
import type { JsonReader } from './json-body.ts';
import { padded } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * Who owns a partition in a group, or that nobody does, and the offset that went with it.
 *
 *     pk        G#<group>
 *     sk        O#<topic id>#<partition, 4 digits>
 *     version   every grant and every commit without a member adds 1
 *     body      {v, a, owner?, offset?, leaderEpoch?, metadata?}
 */

export const ownershipKey = (group: string, of: PartitionKey): ItemKey => ({
  pk: groupPk(group),
  sk: ownershipSk(of),
});

const ownershipSk = ({ topicId, partition: number }: PartitionKey): string =>
  `O#${topicId}#${padded(number, 4)}`;

/** All of a group. */
export const ownershipRange: QueryRange = { from: 'O#', to: 'O$' };

/** `before`: the item that it replaces, whose fields of a newer release it keeps. */
export function encodeOwnership(ownership: Ownership, before?: Item): Item {
  const { group, a, owner, committed, version } = ownership;
  const fields = {
    a,
    owner: owner ?? null,
    offset: committed === undefined ? null : fromInt64(committed.offset),
    leaderEpoch: committed?.leaderEpoch ?? null,
    metadata: committed?.metadata ?? null,
  };
  return plainItem(ownershipKey(group, ownership), version, encodeJson(fields, before));
}

const skPattern = /^O#(.{22})#(\d{4,10})$/s;

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeOwnership(item: Item): Ownership {
  const body = decodeJson(item);
  const [, topic, number] = skPattern.exec(item.sk) ?? [];
  if (topic === undefined) throw new MalformedBytes(`no ownership: sk=${item.sk}`);
  const of = { topicId: readTopicId(topic), partition: partition(Number(number)) };
  if (ownershipSk(of) !== item.sk) throw new MalformedBytes(`no ownership: sk=${item.sk}`);
  const isOwned = body.fields['owner'] !== null;
  return {
    group: groupOf(item.pk),
    ...of,
    a: body.integer('a', 0),
    owner: isOwned ? readMemberKey(body.string('owner')) : undefined,
    committed: readCommitted(body),
    version: item.version,
  };
}

function readCommitted(body: JsonReader): Committed | undefined {
  if (body.fields['offset'] === null) return undefined;
  return {
    offset: offset(body.int64('offset')),
    leaderEpoch: body.integer('leaderEpoch', -1, int32Max),
    metadata: body.string('metadata'),
  };
}
