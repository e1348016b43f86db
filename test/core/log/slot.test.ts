import { describe, expect, test } from 'vitest';
import { checkConfig, slotLimit } from '../../../lib/core/log/config.ts';
import { assertSuccessor, genesis, lastStableOffset } from '../../../lib/core/log/head.ts';
import type { Head } from '../../../lib/core/log/head.ts';
import { decided, hasRoom, isFull, opening, replay } from '../../../lib/core/log/slot.ts';
import type { Replayed, Slot } from '../../../lib/core/log/slot.ts';
import { buildGroup } from '../../../lib/core/log/spill-group.ts';
import { InvariantError } from '../../../lib/std/assert.ts';
import { commandId, offset } from '../../../lib/std/brands.ts';
import { config, data, marker, run, verified } from './build.ts';

const slot = (more: Partial<Slot> = {}): Slot => ({
  seq: 0,
  snapshot: genesis,
  commands: [],
  bytes: 10,
  limit: 0,
  ...more,
});

describe('the byte limit of a slot', () => {
  const numbers = config({ soleBytes: 1_000, sharedBytes: 3_000 });

  test('leaves a sole writer one write unit, whatever the snapshot weighs', () => {
    expect(slotLimit(numbers, true, 300, 150)).toBe(550);
    expect(slotLimit(numbers, true, 800, 400)).toBe(0);
  });

  test('gives uncoordinated writers room for each other', () => {
    expect(slotLimit(numbers, false, 300, 150)).toBe(2_700);
    expect(slotLimit(numbers, false, 3_100, 150)).toBe(0);
  });

  test('a slot is full when its bytes exceed the limit, not when they reach it', () => {
    expect(isFull(slot({ bytes: 10, limit: 10 }))).toBe(false);
    expect(isFull(slot({ bytes: 11, limit: 10 }))).toBe(true);
  });
});

describe('an advance', () => {
  const shape = config({ ringSlots: 4, spillSlots: 2, spillBytes: 100 });

  test('is made only from a full slot', () => {
    expect(() => opening(replay(slot({ limit: 10 }), shape), shape)).toThrow(InvariantError);
  });

  test('ends a spill group with the slot that reaches the number of slots', () => {
    const first = opening(replay(slot(), shape), shape).snapshot;
    expect([first.groups, first.filling]).toEqual([[], { slots: 1, bytes: 10 }]);
    const second = opening(replay(slot({ seq: 1, snapshot: first }), shape), shape).snapshot;
    expect([second.groups, second.filling]).toEqual([
      [{ seq: 2, offset: 0n }],
      { slots: 0, bytes: 0 },
    ]);
  });

  test('or with the one that reaches the bytes', () => {
    const { groups } = opening(replay(slot({ bytes: 100 }), shape), shape).snapshot;
    expect(groups).toEqual([{ seq: 1, offset: 0n }]);
  });

  test('may overwrite only what is published', () => {
    const at = (seq: number, spilled: number): Head => ({
      ...genesis,
      end: { seq, offset: offset(0n) },
      spilled: { seq: spilled, offset: offset(0n) },
    });
    expect(
      [at(3, 0), at(4, 0), at(4, 1), at(6, 2), at(6, 3)].map((head) => hasRoom(head, shape)),
    ).toEqual([true, false, true, false, true]);
  });
});

test('a ring must hold a whole spill group', () => {
  expect(() => checkConfig(config({ ringSlots: 2, spillSlots: 3 }))).toThrow(InvariantError);
});

test('a copy refused for its floor counts as absent: the one staged again decides', () => {
  const old = data([run()], { id: commandId('a'), epoch: 0 });
  const floor = { kind: 'floor', id: commandId('f'), epoch: 1 } as const;
  const { entries } = replay(slot({ commands: [floor, old, { ...old, epoch: 1 }, old] }), config());
  expect(entries.map(({ verdicts }) => verdicts[0]?.kind)).toEqual([
    'done',
    'refused',
    'accepted',
    'accepted',
  ]);
  expect(decided(entries, commandId('a'))).toBe(entries[2]);
});

describe('a spill group', () => {
  const open = data([run({ pid: 1, txn: 1, count: 2 })], { brought: verified(0, 1, 0, 1) });
  const abort = marker({ outcome: 'abort' });
  const large = data(
    [{ ...run({ timestamp: 5 }), place: { kind: 'object', key: '0/large', from: 7, length: 70 } }],
    { epoch: 0 },
  );
  const replayed: Replayed = replay(slot({ commands: [open, large, open, abort] }), config());
  const { group, bytes } = buildGroup([replayed], 3, '3/group');

  test('moves inline runs into its object and leaves large ones where they are', () => {
    const places = group.runs.map(({ content }) =>
      content.kind === 'run' ? content.run.place : 'marker',
    );
    expect(places).toEqual([
      { kind: 'object', key: '3/group', from: 0, length: 4 },
      { kind: 'object', key: '0/large', from: 7, length: 70 },
      'marker',
    ]);
    expect(Buffer.concat(bytes).toString()).toBe('data');
  });

  test('keeps each id once, with its verdicts', () => {
    expect(group.commands.map(({ id }) => id)).toEqual([open.id, large.id, abort.id]);
  });

  test('lists what was aborted, and where that ends', () => {
    expect(group.aborted).toEqual([{ producerId: 1n, firstOffset: 0n, lastOffset: 3n }]);
    expect(group.lso).toBe(4n);
  });

  test('knows its own highest timestamp', () => {
    expect([group.maxTimestamp, group.runningMaxTimestamp]).toEqual([5n, 5n]);
  });

  test('counts no marker, as the head does: a marker is not found by its time', () => {
    const late = marker({ outcome: 'abort', timestamp: 99n });
    const lateReplayed = replay(slot({ commands: [open, late] }), config());
    const { group: after } = buildGroup([lateReplayed], 3, '3/group');
    expect([after.maxTimestamp, after.runningMaxTimestamp]).toEqual([1n, 1n]);
  });

  test('names no object if nothing in it was inline', () => {
    const only = replay(slot({ commands: [large] }), config());
    expect(buildGroup([only], 3, '3/group')).toMatchObject({ group: { object: '' }, bytes: [] });
  });
});

test('the last stable offset is the first of the oldest open transaction', () => {
  const transaction = { producerId: 1n, epoch: 0, txn: 1 } as Head['open'][number];
  const end = { seq: 0, offset: offset(9n) };
  const open = [7n, 4n].map((first) => ({ ...transaction, firstOffset: offset(first) }));
  expect(lastStableOffset({ ...genesis, end, open })).toBe(4n);
  expect(lastStableOffset({ ...genesis, end })).toBe(9n);
});

describe('I4: nothing goes back', () => {
  const far: Head = {
    ...genesis,
    start: offset(2n),
    sealed: { seq: 1, offset: offset(1n) },
    spilled: { seq: 2, offset: offset(2n) },
    end: { seq: 3, offset: offset(3n) },
    floor: 1,
  };
  test.each<[string, Partial<Head>]>([
    ['end', { end: { seq: 3, offset: offset(2n) } }],
    ['start', { start: offset(1n) }],
    ['start beyond end', { start: offset(4n) }],
    ['sealed', { sealed: genesis.sealed }],
    ['sealed beyond spilled', { sealed: { seq: 3, offset: offset(3n) } }],
    ['spilled', { spilled: { seq: 1, offset: offset(2n) } }],
    ['floor', { floor: 0 }],
  ])('%s', (_, change) => {
    expect(() => assertSuccessor(far, { ...far, ...change })).toThrow(InvariantError);
    expect(() => assertSuccessor(far, far)).not.toThrow();
  });
});
