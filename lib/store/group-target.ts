import { byPartition } from '../core/group/group.ts';
import type { Assigned, Target } from '../core/group/group.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { partition } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { limits } from '../std/limits.ts';
import { int32Max } from './fields.ts';
import { groupOf, groupPk, readMemberKey, readTopicId } from './group-pk.ts';
import { decodeJson, encodeJson, JsonReader } from './json-body.ts';
import { padded } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * A part of a target assignment: some of its members, in order. Put once, under a new id.
 *
 *     pk        G#<group>
 *     sk        A#<epoch, 16 digits>#<target id>#<part, 4 digits>
 *     version   0
 *     body      {v, parts, members: [[<member>, {<topic id>: [<partition>, …]}], …]}
 */

/** A part begins a new item when it has this many bytes; one member takes at most 64 KB more. */
const partBytes = 200_000;
/** A member's 4,000 partitions of five bytes each, its key, and its topics. */
const memberBytesMax = 130_000;
assert(partBytes + memberBytesMax <= limits.itemBytesMax, 'a part of a target fits in an item');

const idPattern = /^[0-9a-z]{1,40}$/;

const skPrefix = ({ epoch, id }: Pick<Target, 'epoch' | 'id'>): string => {
  assert(idPattern.test(id), `a target's id is short, of digits and letters: id=${id}`);
  return `A#${padded(epoch, 16)}#${id}#`;
};

/** All parts of a target. */
export const targetRange = (target: Pick<Target, 'epoch' | 'id'>): QueryRange => ({
  from: `${skPrefix(target)}0000`,
  to: `${skPrefix(target)}9999`,
});

/** All targets of epochs up to this one. */
export const targetsUpTo = (epoch: number): QueryRange => ({
  from: 'A#',
  to: `A#${padded(epoch, 16)}$`,
});

type Topics = Record<string, number[]>;

export function encodeTarget(target: Target): readonly Item[] {
  const parts: (readonly [string, Topics])[][] = [[]];
  let bytes = 0;
  for (const { key, partitions } of target.members) {
    const topics: Topics = {};
    for (const one of partitions) (topics[one.topicId] ??= []).push(one.partition);
    if (bytes > partBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push([key, topics]);
    bytes += Buffer.byteLength(JSON.stringify([key, topics]));
  }
  return parts.map((members, i) => {
    const key = { pk: groupPk(target.group), sk: `${skPrefix(target)}${padded(i, 4)}` };
    return plainItem(key, 0, encodeJson({ parts: parts.length, members }));
  });
}

const skPattern = /^A#(\d{16})#([0-9a-z]{1,40})#(\d{4})$/;

/** Which target a part is of, by its key. Throws MalformedBytes. */
export function targetOf({ sk }: Pick<ItemKey, 'sk'>): Pick<Target, 'epoch' | 'id'> {
  const [, epoch, id] = skPattern.exec(sk) ?? [];
  if (epoch === undefined || id === undefined || !Number.isSafeInteger(Number(epoch))) {
    throw new MalformedBytes(`no target: sk=${sk}`);
  }
  return { epoch: Number(epoch), id };
}

/**
 * A target of all its parts, in order; undefined if some are missing, since they are being deleted.
 * Throws MalformedBytes, or UnknownFormat.
 */
export function decodeTarget(items: readonly Item[]): Target | undefined {
  const [first] = items;
  if (first === undefined) return undefined;
  const target = { group: groupOf(first.pk), ...targetOf(first) };
  const members: Assigned[] = [];
  for (const [i, item] of items.entries()) {
    const body = decodeJson(item);
    if (body.integer('parts', 1) !== items.length) return undefined;
    if (item.sk !== `${skPrefix(target)}${padded(i, 4)}`) return undefined;
    members.push(...body.array('members').map(readAssigned));
  }
  return { ...target, members };
}

function readAssigned(value: unknown): Assigned {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') {
    throw new MalformedBytes('not a member of a target');
  }
  const topics = new JsonReader(value[1]);
  const partitions = Object.keys(topics.fields).flatMap((name) => {
    const id = readTopicId(name);
    return topics.array(name).map((number): PartitionKey => {
      const isIn = typeof number === 'number' && Number.isInteger(number);
      if (!isIn || number < 0 || number > int32Max) throw new MalformedBytes('not a partition');
      return { topicId: id, partition: partition(number) };
    });
  });
  return { key: readMemberKey(value[0]), partitions: partitions.toSorted(byPartition) };
}
