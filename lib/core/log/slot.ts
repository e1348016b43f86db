import { assert } from '../../std/assert.ts';
import type { CommandId } from '../../std/brands.ts';
import { apply, isBelowFloor } from './apply.ts';
import type { Command, Verdict } from './command.ts';
import type { LogConfig } from './config.ts';
import { assertSuccessor, genesis } from './head.ts';
import type { Head, Position, ProducerState } from './head.ts';

/** One item of the ring: a snapshot, and the commands appended since. */
export interface Slot {
  /** Sequence number, which is also the item's version. It lies at `seq mod ringSlots`. */
  readonly seq: number;
  /** The head before the first command. */
  readonly snapshot: Head;
  readonly commands: readonly Command[];
  /** Bytes of the commands. */
  readonly bytes: number;
  /** It takes appends while `bytes ≤ limit`. */
  readonly limit: number;
}

/** What replaces the slots of a deleted topic: whoever meets one treats the partition as closed. */
export type SlotOrStub = Slot | 'stub';

export interface Entry {
  readonly command: Command;
  readonly verdicts: readonly Verdict[];
  /** The head after this command. */
  readonly after: Head;
}

/** A slot with what replay made of it. */
export interface Replayed {
  readonly slot: Slot;
  /** The head after its last command. */
  readonly head: Head;
  /** One per command. A repeated id has the verdicts of its first copy, and no effect. */
  readonly entries: readonly Entry[];
}

/**
 * Replays a slot. Everyone who sees the same commands finds the same verdicts. `before` may be an
 * earlier sight of the same slot: commands are only ever added, so the rest is enough.
 */
export function replay(slot: Slot, config: LogConfig, before?: Replayed): Replayed {
  const known =
    before !== undefined &&
    before.slot.seq === slot.seq &&
    before.entries.length <= slot.commands.length
      ? before
      : undefined;
  const entries = known === undefined ? [] : [...known.entries];
  let head = known?.head ?? slot.snapshot;
  for (const command of slot.commands.slice(entries.length)) {
    const first = decided(entries, command.id);
    const applied = first ?? apply(head, command, config);
    if (first === undefined) head = (applied as { head: Head }).head;
    entries.push({ command, verdicts: applied.verdicts, after: head });
  }
  return { slot, head, entries };
}

/**
 * The first copy of a command in these entries, which decides for all copies (I5). A copy that
 * was refused for its floor counts as absent: it is staged again under the same id.
 */
export function decided(entries: readonly Entry[], id: CommandId): Entry | undefined {
  return entries.find(
    (entry) => entry.command.id === id && !isBelowFloor(entry.after, entry.command),
  );
}

export const isFull = (slot: Slot): boolean => slot.bytes > slot.limit;

export interface Opening {
  readonly snapshot: Head;
  /** Producers that leave the head here, with their last state. */
  readonly leaving: readonly ProducerState[];
}

/** The first slot of a partition opens on an empty log. */
export const firstOpening: Opening = { snapshot: genesis, leaving: [] };

/** How the next slot opens: a function of the full slot alone, so all who advance agree. */
export function opening(full: Replayed, config: LogConfig): Opening {
  const { slot, head } = full;
  assert(isFull(slot), `only a full slot has a successor, seq=${slot.seq}`);
  const end: Position = { seq: slot.seq + 1, offset: head.end.offset };
  const slots = head.filling.slots + 1;
  const bytes = head.filling.bytes + slot.bytes;
  const complete = slots >= config.spillSlots || bytes >= config.spillBytes;
  const leave = Math.max(0, head.producers.length - config.producersMax);
  const snapshot: Head = {
    ...head,
    end,
    producers: head.producers.slice(leave),
    groups: complete ? [...head.groups, end] : head.groups,
    filling: complete ? { slots: 0, bytes: 0 } : { slots, bytes },
  };
  assertSuccessor(head, snapshot);
  return { snapshot, leaving: head.producers.slice(0, leave) };
}

/**
 * Whether the slot that opens on this head may overwrite what lies at its position: only what is
 * published, judged after the commands that the opening itself carries.
 */
export function hasRoom(head: Head, config: LogConfig): boolean {
  return head.end.seq - config.ringSlots < head.spilled.seq;
}
