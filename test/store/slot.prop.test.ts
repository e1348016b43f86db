import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Slot } from '../../lib/core/log/slot.ts';
import type { Item } from '../../lib/ports/metadata-table.ts';
import { InvariantError } from '../../lib/std/assert.ts';
import { MalformedBytes } from '../../lib/std/bytes.ts';
import { commandBytes, decodeCommand, encodeCommand } from '../../lib/store/command-codec.ts';
import { encodeHead, snapshotBytes } from '../../lib/store/head-codec.ts';
import { stageKey } from '../../lib/store/object-keys.ts';
import { decodeSlot, encodeSlot, stubItem } from '../../lib/store/slot.ts';
import { commands, heads, logs, slots } from './arbitraries.ts';
import { everyCommand, log, objectRun, slotOf, typicalHead } from './samples.ts';

/** The same slot as it was when it had only its first commands. */
function earlier(item: Item, count: number): Item {
  const appended = item.appended.slice(0, count);
  const bytes = appended.reduce((sum, entry) => sum + entry.length, 0);
  return { ...item, appended, bytes };
}

const isSlot = (slot: Slot | 'stub'): Slot => {
  if (slot === 'stub') throw new Error('a slot was expected');
  return slot;
};

test('decoding goes on from an earlier sight, and takes from it what it knows', () => {
  const given = logs.chain((of) => fc.tuple(fc.constant(of), slots(of), fc.nat(), fc.nat()));
  fc.assert(
    fc.property(given, ([of, slot, a, b]) => {
      const item = encodeSlot(of, 0, slot);
      const counts = [a, b].map((n) => n % (slot.commands.length + 1));
      const [fewer = 0, more = 0] = counts.toSorted((x, y) => x - y);
      const before = isSlot(decodeSlot(of, earlier(item, fewer)));
      const after = isSlot(decodeSlot(of, earlier(item, more), before));
      expect(after).toStrictEqual(decodeSlot(of, earlier(item, more)));
      expect(after.snapshot).toBe(before.snapshot);
      before.commands.forEach((command, i) => expect(after.commands[i]).toBe(command));
      if (fewer === more) expect(after).toBe(before);
      // An answer that is older than what one has seen.
      expect(decodeSlot(of, earlier(item, fewer), after)).toStrictEqual(before);
    }),
  );
});

test('another slot, or other commands, at the same place are decoded afresh', () => {
  const before = slotOf(typicalHead, everyCommand);
  const end = { ...typicalHead.end, seq: typicalHead.end.seq + 64 };
  const next = slotOf({ ...typicalHead, end }, everyCommand.slice(1));
  const other = slotOf(typicalHead, everyCommand.toReversed().slice(0, 3));
  expect(decodeSlot(log, encodeSlot(log, 0, next), before)).toStrictEqual(next);
  expect(decodeSlot(log, encodeSlot(log, 0, other), before)).toStrictEqual(other);
  expect(decodeSlot(log, stubItem(log, 0), before)).toBe('stub');
});

test('sizes are those of the bytes, which are made once', () => {
  const given = logs.chain((of) => fc.tuple(fc.constant(of), commands(of), heads));
  fc.assert(
    fc.property(given, ([of, command, head]) => {
      expect(commandBytes(command)).toBe(encodeCommand(of, command).length);
      expect(encodeCommand(of, command)).toBe(encodeCommand(of, command));
      expect(snapshotBytes(head)).toBe(encodeHead(head).length);
      expect(encodeHead(head)).toBe(encodeHead(head));
    }),
  );
});

test('a command that names an object of another log is a bug, even if it was encoded before', () => {
  fc.assert(
    fc.property(logs, (other) => {
      const key = stageKey(4, other, '0123456789abcdef');
      const command = { ...everyCommand[0], kind: 'data', runs: [objectRun(key, 0)] } as const;
      const named = { ...command, id: everyCommand[0]?.id ?? failed() };
      expect(commandBytes(named)).toBeGreaterThan(0);
      expect(decodeCommand(other, encodeCommand(other, named))).toStrictEqual(named);
      expect(() => encodeCommand(log, named)).toThrow(InvariantError);
    }),
    { numRuns: 20 },
  );
});

function failed(): never {
  throw new Error('a command was expected');
}

test('what could not be read again is not written', () => {
  const slot = slotOf(typicalHead, everyCommand);
  const write = (changed: Partial<Slot>) => () => encodeSlot(log, 0, { ...slot, ...changed });
  expect(write({ seq: slot.seq + 1 })).toThrow(InvariantError);
  expect(write({ bytes: slot.bytes + 1 })).toThrow(InvariantError);
  const { end } = typicalHead;
  const beyond = { ...end, seq: end.seq + 1 };
  for (const head of [
    { ...typicalHead, start: beyond.offset, end: { ...end, offset: typicalHead.sealed.offset } },
    { ...typicalHead, spilled: beyond },
    { ...typicalHead, groups: [beyond] },
    { ...typicalHead, hash: 'AB'.repeat(16) },
  ]) {
    expect(write({ snapshot: head })).toThrow(InvariantError);
  }
});

test('an item that contradicts itself is malformed', () => {
  const item = encodeSlot(log, 0, slotOf(typicalHead, everyCommand));
  for (const other of [
    { ...item, bytes: item.bytes + 1 },
    { ...item, version: item.version + 64 },
    { ...item, body: Buffer.concat([item.body, Buffer.of(0)]) },
    { ...item, body: new Uint8Array(0) },
  ]) {
    expect(() => decodeSlot(log, other)).toThrow(MalformedBytes);
  }
});
