import { describe, expect, test } from 'vitest';
import { checkConfig, formatOne, slotLimit } from '../../../lib/core/log/config.ts';
import { assertSuccessor, genesis, lastStableOffset } from '../../../lib/core/log/head.ts';
import type { Head } from '../../../lib/core/log/head.ts';
import { decided, hasRoom, isFull, opening, replay } from '../../../lib/core/log/slot.ts';
import type { Replayed, Slot } from '../../../lib/core/log/slot.ts';
import { buildGroup } from '../../../lib/core/log/spill-group.ts';
import { InvariantError } from '../../../lib/std/assert.ts';
import { commandId, leaderEpoch, offset, producerId } from '../../../lib/std/brands.ts';
import { absent, config, data, marker, run, verified } from './build.ts';

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

  test('is not made from a head whose bounds are out of order', () => {
    const broken: Head = { ...genesis, spilled: { seq: 9, offset: offset(0n) } };
    expect(() => opening(replay(slot({ snapshot: broken }), shape), shape)).toThrow(InvariantError);
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

test('a ring has two slots at least, and holds a whole spill group', () => {
  const check = (ringSlots: number, spillSlots: number) => () =>
    checkConfig({ ...config(), ringSlots, spillSlots });
  for (const wrong of [check(2, 3), check(1, 1), check(4, 0)])
    expect(wrong).toThrow(InvariantError);
  for (const right of [check(2, 2), check(2, 1), check(64, 32)]) expect(right).not.toThrow();
});

test('the numbers of format 1 are these, for ever (I11)', () => {
  expect(formatOne).toEqual({
    ringSlots: 64,
    spillSlots: 32,
    spillBytes: 131_072,
    producersMax: 8,
    openTransactionsMax: 32,
    producerBatchesMax: 5,
    soleBytes: 1_000,
    sharedBytes: 2_700,
    soleStreak: 16,
    hintEvery: 16,
    sharedHintEvery: 4,
    spillRetryEvery: 8,
  });
});

test('an empty log begins at 0, and says so in every field (I11)', () => {
  const origin = { seq: 0, offset: 0n };
  expect(genesis).toEqual({
    start: 0n,
    sealed: origin,
    spilled: origin,
    end: origin,
    maxTimestamp: -1n,
    maxTimestampOffset: -1n,
    leaderEpoch: 0,
    floor: 0,
    hash: '00000000000000000000000000000000',
    closed: false,
    open: [],
    producers: [],
    groups: [],
    filling: { slots: 0, bytes: 0 },
  });
});

describe('an earlier sight', () => {
  const commands = [data([run()]), data([run()]), data([run()])];
  const whole = replay(slot({ commands }), config());

  test('of another slot, or of more than this one holds, counts for nothing', () => {
    const other = slot({ seq: 1, commands: [data([run({ count: 7 })])] });
    expect(replay(other, config(), whole)).toEqual(replay(other, config()));
    const shorter = slot({ commands: commands.slice(0, 2) });
    expect(replay(shorter, config(), whole)).toEqual(replay(shorter, config()));
  });
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

  test('begins and ends where its slots do, and is as stable as the log was there', () => {
    const next = replay(slot({ seq: 1, snapshot: opening(replayed, config()).snapshot }), config());
    const second = replay(
      { ...next.slot, commands: [{ ...open, id: commandId('later') }] },
      config(),
    );
    const both = buildGroup([replayed, second], 3, '3/group').group;
    expect(both).toMatchObject({ from: { seq: 0, offset: 0n }, to: { seq: 2, offset: 4n } });
    expect(both.epoch).toBe(3);
    expect(both.hash).toBe(second.head.hash);
    const still = buildGroup([replay(slot({ commands: [large, open] }), config())], 3, '3/g').group;
    expect(still.lso).toBe(1n);
  });

  test('lays inline runs one behind the other', () => {
    const inline = (text: string) => ({
      ...run(),
      place: { kind: 'inline', bytes: Buffer.from(text) } as const,
    });
    const three = replay(
      slot({ commands: [data([inline('one'), inline('three')]), large, data([inline('two')])] }),
      config(),
    );
    const built = buildGroup([three], 3, '3/group');
    expect(Buffer.concat(built.bytes).toString()).toBe('onethreetwo');
    const places = built.group.runs.map(({ content }) =>
      content.kind === 'run' && content.run.place.kind === 'object' ? content.run.place : undefined,
    );
    expect(places.map((place) => [place?.from, place?.length])).toEqual([
      [0, 3],
      [3, 5],
      [7, 70],
      [8, 3],
    ]);
  });

  test('keeps no control commands, and of what was refused only the verdicts', () => {
    const raise = { kind: 'raise', id: commandId('raise'), leaderEpoch: leaderEpoch(2) } as const;
    const refused = data([run({ pid: 9 })]);
    const built = buildGroup(
      [replay(slot({ commands: [raise, refused, large] }), config())],
      3,
      '',
    );
    expect(built.group.commands.map(({ id }) => id)).toEqual([refused.id, large.id]);
    expect(built.group.commands[0]?.verdicts).toEqual([
      { kind: 'refused', reason: 'producer-unknown' },
    ]);
    expect(built.group.runs).toMatchObject([{ baseOffset: 0n, leaderEpoch: 2 }]);
  });

  test('counts a copy that was below the floor as absent, and one that came again once', () => {
    const floor = { kind: 'floor', id: commandId('f'), epoch: 1 } as const;
    const [old, again] = [0, 1].map((epoch) => ({ ...large, epoch }));
    if (old === undefined || again === undefined) throw new Error('no copies');
    const slots = [replay(slot({ commands: [floor, old, again, again] }), config())];
    const { runs, commands } = buildGroup(slots, 3, '').group;
    expect(runs).toHaveLength(1);
    expect(commands).toEqual([
      { id: large.id, verdicts: [{ kind: 'accepted', baseOffset: 0n, leaderEpoch: 0 }] },
    ]);
  });

  test('keeps of a marker what is written out later, and not what it brought', () => {
    const brought = verified(0, 1, 0, 1);
    const bringing = { ...abort, brought };
    const { runs } = buildGroup(
      [replay(slot({ commands: [open, bringing] }), config())],
      3,
      '',
    ).group;
    expect(runs[1]?.content).toEqual({ kind: 'marker', marker: abort });
  });

  test('lists only what was aborted here: no commit, no marker sent again, none that only fences', () => {
    const commit = buildGroup(
      [replay(slot({ commands: [open, marker({})] }), config())],
      3,
      '',
    ).group;
    expect(commit.aborted).toEqual([]);
    const again = { ...abort, id: commandId('again') };
    const fence = marker({ outcome: 'abort', producerId: producerId(5n), brought: absent(0, 5) });
    const commands = [fence, open, abort, again, abort];
    const { aborted } = buildGroup([replay(slot({ commands }), config())], 3, '').group;
    expect(aborted).toEqual([{ producerId: 1n, firstOffset: 0n, lastOffset: 2n }]);
  });

  test('tells two transactions apart that are open at once', () => {
    const other = data([run({ pid: 2, txn: 1 })], { brought: verified(0, 2, 0, 1) });
    const aborts = [2n, 1n].map((id) => marker({ outcome: 'abort', producerId: producerId(id) }));
    const { aborted } = buildGroup(
      [replay(slot({ commands: [open, other, ...aborts] }), config())],
      3,
      '',
    ).group;
    expect(aborted).toEqual([
      { producerId: 2n, firstOffset: 2n, lastOffset: 3n },
      { producerId: 1n, firstOffset: 0n, lastOffset: 4n },
    ]);
  });

  test('knows its own highest timestamp beside that of the whole log', () => {
    const first = replay(slot({ commands: [data([run({ timestamp: 50 })])] }), config());
    const next = slot({ seq: 1, snapshot: opening(first, config()).snapshot });
    const times = [3, 9, 4].map((timestamp) => data([run({ timestamp })]));
    const { group: own } = buildGroup([replay({ ...next, commands: times }, config())], 3, '');
    expect([own.maxTimestamp, own.runningMaxTimestamp]).toEqual([9n, 50n]);
    const { group: none } = buildGroup([replay(next, config())], 3, '');
    expect(none.maxTimestamp).toBe(-1n);
  });

  test('is made of one slot at least', () => {
    expect(() => buildGroup([], 3, '')).toThrow(InvariantError);
  });

  test('names no object if nothing in it was inline', () => {
    const only = replay(slot({ commands: [large] }), config());
    expect(buildGroup([only], 3, '3/group')).toMatchObject({ group: { object: '' }, bytes: [] });
  });
});

test('the last stable offset is the first of the oldest open transaction', () => {
  const transaction = { producerId: 1n, epoch: 0, txn: 1 } as Head['open'][number];
  const end = { seq: 0, offset: offset(9n) };
  const open = [7n, 4n, 5n].map((first) => ({ ...transaction, firstOffset: offset(first) }));
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
    leaderEpoch: leaderEpoch(4),
    closed: true,
  };
  test.each<[string, Partial<Head>]>([
    ['end', { end: { seq: 3, offset: offset(2n) } }],
    ['start', { start: offset(1n) }],
    ['start beyond end', { start: offset(4n) }],
    ['sealed', { sealed: genesis.sealed }],
    ['sealed beyond spilled', { sealed: { seq: 3, offset: offset(3n) } }],
    ['spilled', { spilled: { seq: 1, offset: offset(2n) } }],
    ['floor', { floor: 0 }],
    ['the slot that end lies in', { end: { seq: 2, offset: offset(3n) } }],
    ['the slot where what is sealed ends', { sealed: { seq: 0, offset: offset(1n) } }],
    ['leader epoch', { leaderEpoch: leaderEpoch(3) }],
    ['a close', { closed: false }],
    ['spilled beyond end', { spilled: { seq: 4, offset: offset(3n) } }],
    ['offsets spilled beyond end', { spilled: { seq: 3, offset: offset(4n) } }],
  ])('%s', (_, change) => {
    expect(() => assertSuccessor(far, { ...far, ...change })).toThrow(InvariantError);
    expect(() => assertSuccessor(far, far)).not.toThrow();
  });
});
