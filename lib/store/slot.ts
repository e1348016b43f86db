import { formatOne } from '../core/log/config.ts';
import type { Command } from '../core/log/command.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { Slot, SlotOrStub } from '../core/log/slot.ts';
import type { Item, ItemKey, QueryRange } from '../ports/metadata-table.ts';
import { assert } from '../std/assert.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { decodeCommand, encodeCommand } from './command-codec.ts';
import { decodeHead, encodeHead } from './head-codec.ts';
import { padded, partitionPk } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * A slot of a log's ring, or the stub that replaces it when its topic is deleted.
 *
 *     pk        P#<topic id>#<partition>
 *     sk        R#<position, 2 digits>      position = sequence number mod ring slots, 0 … 63
 *     version   the sequence number; −1 for a stub
 *     body      format, snapshot of the head before the first command; a stub has none
 *     appended  one entry per command, in order
 *     bytes     sum of the commands' bytes
 *     limit     it takes appends while bytes ≤ limit; −1 for a stub
 *
 * Slots are overwritten under their sequence number and never deleted, so nothing is created again
 * by a process that slept.
 */

const positionMax = formatOne.ringSlots - 1;
const stubVersion = -1;

export function slotKey(log: PartitionKey, position: number): ItemKey {
  return { pk: partitionPk(log), sk: slotSk(position) };
}

function slotSk(position: number): string {
  assert(
    Number.isInteger(position) && position >= 0 && position <= positionMax,
    `ring position is out of bounds: position=${position}`,
  );
  return `R#${padded(position, 2)}`;
}

/** Slots at these positions, inclusive. */
export function slotRange(from = 0, to: number = positionMax): QueryRange {
  return { from: slotSk(from), to: slotSk(to) };
}

/** All items of a log that are not slots: what may be deleted with its topic. */
export const restRanges: readonly QueryRange[] = [
  { from: '!', to: 'R"' },
  { from: 'R$', to: '~' },
];

/** `position` is the sequence number modulo the slots of the ring. */
export function encodeSlot(log: PartitionKey, position: number, slot: Slot): Item {
  const { seq, snapshot, commands, bytes, limit } = slot;
  assert(snapshot.end.seq === seq, `a slot opens on another's head: seq=${seq}`);
  const appended = commands.map((command) => encodeCommand(log, command));
  const sum = sizeOf(appended);
  assert(sum === bytes, `a slot counts other bytes than it has: bytes=${bytes} sum=${sum}`);
  const body = encodeHead(snapshot);
  return { ...slotKey(log, position), version: seq, body, appended, bytes, limit };
}

/** What takes the place of a slot for ever. Put under the version of what it replaces. */
export function stubItem(log: PartitionKey, position: number): Item {
  return plainItem(slotKey(log, position), stubVersion, new Uint8Array(0));
}

/**
 * Throws MalformedBytes, or UnknownFormat. `before` may be an earlier sight of the same place: if
 * it is the same slot, its snapshot and commands are taken as they are and only what was appended
 * since is decoded. Inline batches are views of the item's bytes.
 */
export function decodeSlot(log: PartitionKey, item: Item, before?: Slot): SlotOrStub {
  const { version: seq, appended, bytes, limit } = item;
  if (seq === stubVersion) return 'stub';
  if (sizeOf(appended) !== bytes) throw new MalformedBytes(`slot has other bytes: seq=${seq}`);
  const known = before !== undefined && isEarlier(before, item) ? before : undefined;
  if (known?.commands.length === appended.length) return known;
  const snapshot = known?.snapshot ?? decodeHead(item.body);
  if (snapshot.end.seq !== seq) {
    throw new MalformedBytes(`slot opens on another's head: seq=${seq}`);
  }
  const commands: Command[] = [...(known?.commands ?? [])];
  for (let i = commands.length; i < appended.length; i += 1) {
    commands.push(decodeCommand(log, appended[i] as Uint8Array));
  }
  return { seq, snapshot, commands, bytes, limit };
}

function isEarlier(before: Slot, { version, appended }: Item): boolean {
  const { seq, commands, bytes } = before;
  return (
    seq === version &&
    commands.length <= appended.length &&
    sizeOf(appended, commands.length) === bytes
  );
}

/** Bytes of all entries, or of the first `count`. */
function sizeOf(appended: readonly Uint8Array[], count = appended.length): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += (appended[i] as Uint8Array).length;
  return sum;
}
