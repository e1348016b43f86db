import { groupBounds } from '../core/group/bounds.ts';
import { byPartition } from '../core/group/group.ts';
import type {
  AssignorName,
  Committed,
  Entry,
  Member,
  MemberKey,
  Subscription,
} from '../core/group/group.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { offset, partition } from '../std/brands.ts';
import type { TopicId } from '../std/brands.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../std/bytes.ts';
import {
  checked,
  endOf,
  int32Max,
  readMany,
  readOffsetFrom,
  readUint,
  writeMany,
  writeOffsetFrom,
  writeUint,
} from './fields.ts';
import { formatNumber, readFormat, UnknownFormat } from './format.ts';
import { groupOf, groupPk, memberOf, memberSk, memberSkPrefix, readTopicId } from './group-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * A member of a group, from its join until its last partition is granted to somebody else.
 *
 *     pk        G#<group>
 *     sk        M#<m:member or i:instance>@<join epoch, 16 digits>
 *     version   0 at the join; every change adds 1
 *     body      format; flags; member id, client id and host; former member ids; subscription; assignor; session and
 *               rebalance timeout, last beat; settled epoch; per topic its id and, per partition,
 *               the number less the one before, flags, a, n, and what was committed
 *
 * It is written with every commit, so it is binary: 40 partitions fit in one write unit.
 */

const goneFlag = 1;
const patternFlag = 2;
/** Of a static member whose process was another one before. */
const formerFlag = 4;
const memberFlags = goneFlag | patternFlag | formerFlag;

const releasedFlag = 1;
const committedFlag = 2;
const epochFlag = 4;
const metadataFlag = 8;
/** The pending mark of a transaction. A release that knows of none must not drop it. */
const pendingFlag = 16;
const entryFlags = releasedFlag | committedFlag | epochFlag | metadataFlag;

const assignors: readonly (AssignorName | undefined)[] = [
  undefined,
  'range',
  'round-robin',
  'sticky',
  'uniform',
];

export const memberItemKey = (group: string, key: MemberKey): ItemKey => ({
  pk: groupPk(group),
  sk: memberSk(key),
});

/** All of a group. */
export const membersRange: QueryRange = { from: 'M#', to: 'M$' };

/** All of one name, in the order of their join epochs. */
export const memberRange = (name: string): QueryRange => ({
  from: memberSkPrefix(name),
  to: `${memberSkPrefix(name)}~`,
});

export function encodeMember(member: Member): Item {
  const { subscription, entries } = member;
  assert(entries.length <= groupBounds.entriesMax, `too many entries: count=${entries.length}`);
  assert(isOrdered(entries), 'entries lie in no order');
  const isPattern = subscription.kind === 'pattern';
  const hasFormer = member.former.length > 0;
  const flags =
    (member.gone ? goneFlag : 0) | (isPattern ? patternFlag : 0) | (hasFormer ? formerFlag : 0);
  const writer = new ByteWriter(1_024).u8(formatNumber).u8(flags);
  writer.string(member.memberId).string(member.clientId).string(member.clientHost);
  if (hasFormer) writeMany(writer, member.former, (id) => void writer.string(id));
  if (isPattern) writer.string(subscription.pattern);
  else writeMany(writer, subscription.names, (name) => void writer.string(name));
  writer.u8(assignors.indexOf(member.assignor));
  writeUint(writer, member.sessionMs);
  writeUint(writer, member.rebalanceMs);
  writeUint(writer, member.beatMs);
  writeUint(writer, member.settledEpoch);
  writeMany(writer, byTopic(entries), ([topic, of]) => {
    writer.raw(Buffer.from(topic, 'base64url'));
    let before = -1;
    writeMany(writer, of, (entry) => {
      writeUint(writer, entry.partition - before - 1, int32Max);
      before = entry.partition;
      writeEntry(writer, entry);
    });
  });
  return plainItem(memberItemKey(member.group, member.key), member.version, writer.finish());
}

/** As the decoder demands it: one entry per partition, in their order. */
const isOrdered = (entries: readonly Entry[]): boolean =>
  entries.every((entry, i) => {
    const before = entries[i - 1];
    return before === undefined || byPartition(before, entry) < 0;
  });

function byTopic(entries: readonly Entry[]): readonly (readonly [TopicId, readonly Entry[]])[] {
  return [...Map.groupBy(entries, ({ topicId }) => topicId)];
}

function writeEntry(writer: ByteWriter, { a, n, committed, released }: Entry): void {
  const { offset: at, leaderEpoch = -1, metadata = '' } = committed ?? {};
  const flags =
    (released ? releasedFlag : 0) |
    (at === undefined ? 0 : committedFlag) |
    (leaderEpoch < 0 ? 0 : epochFlag) |
    (metadata === '' ? 0 : metadataFlag);
  writer.u8(flags);
  writeUint(writer, a);
  writeUint(writer, n);
  if (at !== undefined) writeOffsetFrom(writer, at, 0n);
  if (leaderEpoch >= 0) writeUint(writer, leaderEpoch, int32Max);
  if (metadata !== '') writer.string(metadata);
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeMember(item: Item): Member {
  const reader = new ByteReader(item.body);
  readFormat(reader);
  const flags = checked(reader.u8(), 0, memberFlags);
  const ids = { memberId: reader.string(), clientId: reader.string(), clientHost: reader.string() };
  const hasFormer = (flags & formerFlag) !== 0;
  const former = hasFormer ? readMany(reader, () => reader.string()) : [];
  checked(former.length, hasFormer ? 1 : 0, groupBounds.formerMax);
  const subscription = readSubscription(reader, (flags & patternFlag) !== 0);
  const assignor = assignors[checked(reader.u8(), 0, assignors.length - 1)];
  const times = {
    sessionMs: readUint(reader),
    rebalanceMs: readUint(reader),
    beatMs: readUint(reader),
  };
  const settledEpoch = readUint(reader);
  const entries = readMany(reader, () => readTopic(reader)).flat();
  endOf(reader);
  if (!isOrdered(entries)) throw new MalformedBytes('entries lie in no order');
  return {
    group: groupOf(item.pk),
    key: memberOf(item.sk),
    ...ids,
    former,
    subscription,
    assignor,
    ...times,
    settledEpoch,
    gone: (flags & goneFlag) !== 0,
    entries,
    version: item.version,
  };
}

function readSubscription(reader: ByteReader, isPattern: boolean): Subscription {
  if (isPattern) return { kind: 'pattern', pattern: reader.string() };
  return { kind: 'names', names: readMany(reader, () => reader.string()) };
}

function readTopic(reader: ByteReader): readonly Entry[] {
  const topicId = readTopicId(reader.raw(16).toString('base64url'));
  let next = 0;
  return readMany(reader, () => {
    const number = checked(next + readUint(reader, int32Max), 0, int32Max);
    next = number + 1;
    return { topicId, partition: partition(number), ...readEntry(reader) };
  });
}

function readEntry(reader: ByteReader): Omit<Entry, 'topicId' | 'partition'> {
  const flags = reader.u8();
  if ((flags & pendingFlag) !== 0) throw new UnknownFormat('a pending offset of a transaction');
  checked(flags, 0, entryFlags);
  const a = readUint(reader);
  const n = readUint(reader);
  const hasOffset = (flags & committedFlag) !== 0;
  if (!hasOffset && flags > releasedFlag) throw new MalformedBytes('metadata without an offset');
  const committed = hasOffset ? readCommitted(reader, flags) : undefined;
  return { a, n, committed, released: (flags & releasedFlag) !== 0 };
}

function readCommitted(reader: ByteReader, flags: number): Committed {
  const at = readOffsetFrom(reader, 0n);
  const leaderEpoch = (flags & epochFlag) === 0 ? -1 : readUint(reader, int32Max);
  const metadata = (flags & metadataFlag) === 0 ? '' : reader.string();
  return { offset: offset(at), leaderEpoch, metadata };
}
