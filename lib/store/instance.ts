import { instanceBounds } from '../core/instance/bounds.ts';
import type { InstanceConfig } from '../core/instance/config.ts';
import { byTopic, isPlainName } from '../core/instance/instance.ts';
import type { Instance, Next, Position, Reads } from '../core/instance/instance.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { offset } from '../std/brands.ts';
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
import { formatNumber, readFormat } from './format.ts';
import { groupOf, groupPk } from './group-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * A consumer instance of the REST proxies, from its creation until it is deleted or has not been
 * used for its time.
 *
 *     pk        G#<group>
 *     sk        I#<name>
 *     version   random at its creation, below 2^51; every change adds 1
 *     body      format; flags; by whom; times; configuration; what it reads; its member; turn and
 *               id of the last poll; per topic its name and, per partition, the number less the one
 *               before, flags, epoch of the grant, next, committed, unacknowledged
 *
 * It is written with every poll that returns something, so it is binary: 40 partitions fit in one
 * write unit.
 */

const closingFlag = 1;
const memberFlag = 2;
const jsonFlag = 4;
const autoCommitFlag = 8;
const instanceFlags = closingFlag | memberFlag | jsonFlag | autoCommitFlag;

/** Two bits say what `next` is, and two whether the other offsets are there. */
const nextMask = 3;
const nexts = ['offset', 'committed', 'reset'] as const;
const committedFlag = 4;
const unacknowledgedFlag = 8;
const positionFlags = nextMask | committedFlag | unacknowledgedFlag;

const resets: readonly InstanceConfig['reset'][] = ['earliest', 'latest', 'none'];
const kinds: readonly Reads['kind'][] = ['nothing', 'topics', 'pattern', 'assigned'];

const prefix = 'I#';

export function instanceKey(group: string, name: string): ItemKey {
  assert(isPlainName(group) && isPlainName(name), 'a plain name');
  return { pk: groupPk(group), sk: `${prefix}${name}` };
}

/** All of a group. */
export const instancesRange: QueryRange = { from: prefix, to: 'I$' };

export function encodeInstance(instance: Instance): Item {
  const { config, reads, member, partitions } = instance;
  assert(isOrdered(partitions), 'partitions lie in no order');
  assert(partitions.length <= instanceBounds.partitionsMax, 'too many partitions');
  const flags =
    (instance.closing ? closingFlag : 0) |
    (member === undefined ? 0 : memberFlag) |
    (config.format === 'json' ? jsonFlag : 0) |
    (config.autoCommit ? autoCommitFlag : 0);
  const writer = new ByteWriter(1_024).u8(formatNumber).u8(flags).string(instance.by);
  writeUint(writer, instance.touchedMs);
  writeUint(writer, instance.autoCommitMs);
  writer.u8(resets.indexOf(config.reset));
  for (const value of [config.autoCommitIntervalMs, config.minBytes, config.pollMs]) {
    writeUint(writer, value);
  }
  writeUint(writer, config.timeoutMs);
  writeReads(writer, reads);
  if (member !== undefined) writeUint(writer.string(member.id), member.epoch);
  writeUint(writer, instance.turn);
  writeUint(writer, instance.pollId);
  writeMany(writer, [...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, of]) => {
    writer.string(topic);
    let before = -1;
    writeMany(writer, of, (position) => {
      writeUint(writer, position.partition - before - 1, int32Max);
      before = position.partition;
      writePosition(writer, position);
    });
  });
  const key = instanceKey(instance.group, instance.name);
  return plainItem(key, instance.version, writer.finish());
}

/** As the decoder demands it: each partition once, in their order. */
const isOrdered = (partitions: readonly Position[]): boolean =>
  partitions.every((one, i) => {
    const before = partitions[i - 1];
    return before === undefined || byTopic(before, one) < 0;
  });

function writeReads(writer: ByteWriter, reads: Reads): void {
  writer.u8(kinds.indexOf(reads.kind));
  if (reads.kind === 'pattern') writer.string(reads.pattern);
  if (reads.kind === 'topics') writeMany(writer, reads.topics, (one) => void writer.string(one));
}

function readReads(reader: ByteReader): Reads {
  const kind = kinds[checked(reader.u8(), 0, kinds.length - 1)];
  if (kind === 'pattern') return { kind, pattern: reader.string() };
  if (kind === 'topics') return { kind, topics: readMany(reader, () => reader.string()) };
  return { kind: kind === 'assigned' ? kind : 'nothing' };
}

function writePosition(writer: ByteWriter, position: Position): void {
  const { next, committed, unacknowledged } = position;
  const flags =
    nexts.indexOf(typeof next === 'bigint' ? 'offset' : next) |
    (committed === undefined ? 0 : committedFlag) |
    (unacknowledged === undefined ? 0 : unacknowledgedFlag);
  writer.u8(flags);
  writeUint(writer, position.grantedIn);
  for (const value of [next, committed, unacknowledged]) {
    if (typeof value === 'bigint') writeOffsetFrom(writer, offset(value), 0n);
  }
}

function readPosition(reader: ByteReader): Omit<Position, 'topic' | 'partition'> {
  const flags = checked(reader.u8(), 0, positionFlags);
  const kind = nexts[checked(flags & nextMask, 0, nexts.length - 1)];
  const grantedIn = readUint(reader);
  const value = (isThere: boolean): bigint | undefined =>
    isThere ? readOffsetFrom(reader, 0n) : undefined;
  const next: Next = kind === 'committed' || kind === 'reset' ? kind : readOffsetFrom(reader, 0n);
  const committed = value((flags & committedFlag) !== 0);
  const unacknowledged = value((flags & unacknowledgedFlag) !== 0);
  return { grantedIn, next, committed, unacknowledged };
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeInstance(item: Item): Instance {
  const reader = new ByteReader(item.body);
  readFormat(reader);
  const flags = checked(reader.u8(), 0, instanceFlags);
  const by = reader.string();
  const times = { touchedMs: readUint(reader), autoCommitMs: readUint(reader) };
  const config: InstanceConfig = {
    format: (flags & jsonFlag) === 0 ? 'binary' : 'json',
    autoCommit: (flags & autoCommitFlag) !== 0,
    reset: resets[checked(reader.u8(), 0, resets.length - 1)] ?? 'none',
    autoCommitIntervalMs: readUint(reader),
    minBytes: readUint(reader),
    pollMs: readUint(reader),
    timeoutMs: readUint(reader),
  };
  const reads = readReads(reader);
  const member =
    (flags & memberFlag) === 0 ? undefined : { id: reader.string(), epoch: readUint(reader) };
  const place = { turn: readUint(reader), pollId: readUint(reader) };
  const partitions = readMany(reader, () => readTopic(reader)).flat();
  endOf(reader);
  if (!isOrdered(partitions)) throw new MalformedBytes('partitions lie in no order');
  return {
    group: groupOf(item.pk),
    name: nameOf(item.sk),
    config,
    ...times,
    reads,
    member,
    partitions,
    ...place,
    closing: (flags & closingFlag) !== 0,
    by,
    version: item.version,
  };
}

function nameOf(sk: string): string {
  const name = sk.slice(prefix.length);
  if (sk.startsWith(prefix) && isPlainName(name)) return name;
  throw new MalformedBytes(`no key of an instance: sk=${sk}`);
}

function readTopic(reader: ByteReader): readonly Position[] {
  const topic = reader.string();
  let next = 0;
  return readMany(reader, () => {
    const partition = checked(next + readUint(reader, int32Max), 0, int32Max);
    next = partition + 1;
    return { topic, partition, ...readPosition(reader) };
  });
}
