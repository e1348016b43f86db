import type { Position } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { SpillGroup } from '../core/log/spill-group.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { offset } from '../std/brands.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { decodeGroupBody, encodeGroupBody } from './group-codec.ts';
import { stageEpochMax } from './object-keys.ts';
import { padded, partitionPk } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * A spill group of a log, proposed until the head's `spilled` lies beyond it.
 *
 *     pk        P#<topic id>#<partition>
 *     sk        X#<base offset, 20 digits>#<seq of the first slot, 16 digits>
 *     version   stage epoch · 2^20 + n; every replacement of a published group adds 1 to n
 *     body      format, then group-codec.ts
 *
 * The sequence number tells groups apart that took no offsets. Nearly never above 160 KB.
 */

/** Replacements that a version counts below the epoch. */
const replacementsMax = 2 ** 20;

/** The version of a proposal, and of what is absent or below a floor: `groupVersion(floor)`. */
export function groupVersion(epoch: number): number {
  assert(
    Number.isInteger(epoch) && epoch >= 0 && epoch <= stageEpochMax,
    `stage epoch is out of bounds: epoch=${epoch}`,
  );
  return epoch * replacementsMax;
}

export function groupKey(log: PartitionKey, from: Position): ItemKey {
  return { pk: partitionPk(log), sk: groupSk(from) };
}

const groupSk = (at: Position): string => `X#${padded(at.offset, 20)}#${padded(at.seq, 16)}`;

/** Groups that begin between two positions, inclusive. */
export function groupRange(from: Position, to: Position): QueryRange {
  return { from: groupSk(from), to: groupSk(to) };
}

export function encodeGroup(log: PartitionKey, group: SpillGroup): Item {
  const body = encodeGroupBody(log, group);
  return plainItem(groupKey(log, group.from), groupVersion(group.epoch), body);
}

const skPattern = /^X#(\d{20})#(\d{16})$/;

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeGroup(log: PartitionKey, item: Item): SpillGroup {
  const [, base, first] = skPattern.exec(item.sk) ?? [];
  const epoch = Math.floor(item.version / replacementsMax);
  if (base === undefined || first === undefined || epoch < 0) {
    throw new MalformedBytes(`no key of a spill group: sk=${item.sk} version=${item.version}`);
  }
  const from: Position = { seq: Number(first), offset: offset(BigInt(base)) };
  return decodeGroupBody(log, from, epoch, item.body);
}
