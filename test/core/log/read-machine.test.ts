import { describe, expect, test } from 'vitest';
import type { Command } from '../../../lib/core/log/command.ts';
import { readMachine } from '../../../lib/core/log/read-machine.ts';
import type { ReadResult } from '../../../lib/core/log/read-machine.ts';
import type { Replayed } from '../../../lib/core/log/slot.ts';
import { offset } from '../../../lib/std/brands.ts';
import { log } from '../../sim/explorer/commands.ts';
import { config, data, marker, newId, run, verified } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

/** Two commands per slot, four slots to the ring, two to a group. A command is a record of 4 bytes. */
const shape = config({ ringSlots: 4, spillSlots: 2, sharedBytes: 19, soleStreak: 1_000 });

function logOf(commands: number, of = new OneLog(shape)): OneLog {
  if (commands > 0) of.fill(commands);
  return of;
}

interface Wanted {
  readonly from: number;
  readonly bytes?: number;
  readonly newest?: Replayed;
}

function read(of: OneLog, { from, bytes = 1_000, newest }: Wanted, course?: Course) {
  const at = offset(BigInt(from));
  const input = { log, config: of.config, offset: at, bytesMax: bytes, newest };
  const { result, asked } = of.run(readMachine, input, course);
  return { read: text(result), asked };
}

function text(result: ReadResult): string {
  switch (result.kind) {
    case 'read': {
      const offsets = result.runs.map(({ baseOffset }) => baseOffset).join(' ');
      return `[${offsets}] of ${result.head.start}…${result.head.end.offset}`;
    }
    case 'out-of-range':
      return `out of ${result.head.start}…${result.head.end.offset}`;
    case 'missing':
      return `missing: ${result.what}`;
    default:
      return result.kind;
  }
}

const start = (to: number): Command => ({
  kind: 'start',
  id: newId(),
  offset: offset(BigInt(to)),
});

describe('who knows nothing', () => {
  test('reads the ring in one query', () => {
    expect(read(logOf(5), { from: 0 })).toEqual({
      read: '[0 1 2 3 4] of 0…5',
      asked: ['positions 0–3'],
    });
    expect(read(logOf(5), { from: 3 }).read).toBe('[3 4] of 0…5');
  });

  test('finds nothing at the end, and an error behind it', () => {
    for (const count of [0, 5]) {
      expect(read(logOf(count), { from: count }).read).toBe(`[] of 0…${count}`);
      expect(read(logOf(count), { from: count + 1 }).read).toBe(`out of 0…${count}`);
    }
  });

  test('finds an error below the log start offset', () => {
    const of = logOf(5);
    of.append(start(3));
    expect(read(of, { from: 2 }).read).toBe('out of 3…5');
    expect(read(of, { from: 3 }).read).toBe('[3 4] of 3…5');
  });

  test('is told what the head is', () => {
    const of = logOf(5);
    const input = { log, config: shape, offset: offset(1n), bytesMax: 1, newest: undefined };
    const { result } = of.run(readMachine, input);
    expect(result).toEqual({
      kind: 'read',
      head: of.newest.head,
      newest: of.newest,
      runs: [expect.objectContaining({ baseOffset: 1n })],
    });
  });
});

describe('as many bytes as are wanted', () => {
  const pairs = (of: OneLog, count: number): OneLog => {
    for (let i = 0; i < count; i += 1) of.append(data([run({ count: 2 })]));
    return of;
  };

  test('are reached by the last run, and not by the one before it', () => {
    const cases = [
      [1, '0'],
      [4, '0'],
      [5, '0 1'],
      [8, '0 1'],
      [9, '0 1 2'],
    ] as const;
    for (const [bytes, offsets] of cases) {
      expect(read(logOf(5), { from: 0, bytes }).read).toBe(`[${offsets}] of 0…5`);
    }
  });

  test('at least one run is taken, also where none are wanted', () => {
    expect(read(logOf(5), { from: 2, bytes: 0 }).read).toBe('[2] of 0…5');
  });

  test('a run that holds the offset is taken whole', () => {
    expect(read(pairs(new OneLog(shape), 3), { from: 3 }).read).toBe('[2 4] of 0…6');
  });

  test('a control batch counts with the 78 bytes that it will have', () => {
    const of = new OneLog(shape);
    const open = data([run({ pid: 1, txn: 1 })], { brought: verified(0, 1, 0, 1) });
    of.begin([open, marker({}), data([run()]), data([run()])]);
    expect(read(of, { from: 1, bytes: 78 }).read).toBe('[1] of 0…4');
    expect(read(of, { from: 1, bytes: 79 }).read).toBe('[1 2] of 0…4');
  });
});

describe('spill groups', () => {
  /** Slots 0 … 7, of which 0 … 3 are published in two groups; the ring holds the others. */
  const spilled = () => logOf(14);

  test('hold what lies below `spilled`; each next one is asked for by where the last one ends', () => {
    const of = spilled();
    expect([of.newest.head.spilled, of.world.groups.length]).toEqual([{ seq: 4, offset: 8n }, 2]);
    expect(read(of, { from: 0 })).toEqual({
      read: '[0 1 2 3 4 5 6 7 8 9 10 11 12 13] of 0…14',
      asked: ['positions 0–3', 'group at 0', 'groups 4–8'],
    });
    expect(read(of, { from: 5, bytes: 9 })).toEqual({
      read: '[5 6 7] of 0…14',
      asked: ['positions 0–3', 'group at 5'],
    });
    expect(read(of, { from: 7, bytes: 5 })).toEqual({
      read: '[7 8] of 0…14',
      asked: ['positions 0–3', 'group at 7'],
    });
  });

  test('are not asked for once there is enough', () => {
    expect(read(spilled(), { from: 0, bytes: 16 })).toEqual({
      read: '[0 1 2 3] of 0…14',
      asked: ['positions 0–3', 'group at 0'],
    });
    expect(read(spilled(), { from: 0, bytes: 17 })).toEqual({
      read: '[0 1 2 3 4] of 0…14',
      asked: ['positions 0–3', 'group at 0', 'groups 4–8'],
    });
  });

  test('come eight to a query, and no more of them than are wanted', () => {
    const of = new OneLog(config({ ...shape, ringSlots: 2, spillSlots: 1, sharedBytes: 9 }));
    logOf(13, of);
    expect(read(of, { from: 0 }).asked).toEqual([
      'positions 0–1',
      'group at 0',
      'groups 1–11',
      'groups 9–11',
    ]);
    expect(read(of, { from: 0, bytes: 12 })).toEqual({
      read: '[0 1 2] of 0…13',
      asked: ['positions 0–1', 'group at 0', 'groups 1–11'],
    });
  });

  test('below the log start offset are passed by', () => {
    const of = spilled();
    of.append(start(6));
    expect(read(of, { from: 6, bytes: 1 }).read).toBe('[6] of 6…14');
  });

  test('that are not there again and again are an alarm, and are never skipped', () => {
    for (const broken of [0, 1]) {
      const of = spilled();
      of.world = { ...of.world, groups: of.world.groups.filter((_, i) => i !== broken) };
      const { read: found, asked } = read(of, { from: 0 });
      expect(found).toBe(`missing: spill group of offset=${broken * 4}`);
      expect(asked.filter((what) => what === 'positions 0–3')).toHaveLength(9);
    }
  });

  test('that do not adjoin are a miss, and a reason to look again', () => {
    const of = spilled();
    const whole = of.world;
    const moved = whole.groups.map((group, i) =>
      i === 1 ? { ...group, from: { ...group.from, seq: 3 } } : group,
    );
    of.world = { ...whole, groups: moved };
    const course: Course = {
      meanwhile: (n) => {
        if (n === 3) of.world = whole;
      },
    };
    expect(read(of, { from: 0, bytes: 20 }, course)).toEqual({
      read: '[0 1 2 3 4] of 0…14',
      asked: ['positions 0–3', 'group at 0', 'groups 4–8', 'positions 0–3', 'group at 4'],
    });
  });
});

describe('who knows the newest slot', () => {
  test('reads just that: what is not full has no successor', () => {
    const of = logOf(5);
    const { newest } = of;
    expect(read(of, { from: 4, newest })).toEqual({ read: '[4] of 0…5', asked: ['position 2'] });
    of.append(of.command(), { sight: { replayed: newest, ownBefore: 0 } });
    expect(read(of, { from: 4, newest }).read).toBe('[4 5] of 0…6');
  });

  test('reads only the next one if it is full, and is at the end if that is not there', () => {
    const of = logOf(6);
    const { newest } = of;
    expect(read(of, { from: 6, newest })).toEqual({ read: '[] of 0…6', asked: ['position 3'] });
    expect(read(of, { from: 4, newest })).toEqual({ read: '[4 5] of 0…6', asked: ['position 3'] });
    of.fill(1);
    expect(read(of, { from: 4, newest })).toEqual({
      read: '[4 5 6] of 0…7',
      asked: ['position 3'],
    });
  });

  test('at the end of a round, what lies there is older: still the newest', () => {
    const of = logOf(8);
    const { newest } = of;
    expect(read(of, { from: 8, newest })).toEqual({ read: '[] of 0…8', asked: ['position 0'] });
  });

  test('goes on near it if that is full too, and has the slots between', () => {
    const of = logOf(3);
    const { newest } = of;
    of.fill(3);
    expect(read(of, { from: 2, newest })).toEqual({
      read: '[2 3 4 5] of 0…6',
      asked: ['position 1', 'positions 1–3'],
    });
  });

  test('reads the rest of the ring for what is older', () => {
    const of = logOf(5);
    const { newest } = of;
    expect(read(of, { from: 0, newest })).toEqual({
      read: '[0 1 2 3 4] of 0…5',
      asked: ['position 2', 'positions 0–3'],
    });
  });

  test('finds the newest anew if another round has gone over it', () => {
    for (const known of [3, 4]) {
      const of = logOf(known);
      const { newest } = of;
      of.fill(10);
      expect(read(of, { from: known + 9, newest })).toEqual({
        read: `[${known + 9}] of 0…${known + 10}`,
        asked: [`position ${known === 3 ? 1 : 2}`, 'positions 0–3'],
      });
    }
  });

  test('finds it anew if what it knows has vanished, which no store does', () => {
    const of = logOf(3);
    const { newest } = of;
    const empty = new OneLog(shape);
    expect(read(empty, { from: 3, newest })).toEqual({
      read: 'out of 0…0',
      asked: ['position 1', 'positions 0–3'],
    });
  });
});

describe('a deleted topic', () => {
  test('is closed, wherever that shows', () => {
    const of = logOf(6);
    const { newest } = of;
    of.append({ kind: 'close', id: newId() });
    expect(read(of, { from: 0 }).read).toBe('closed');
    of.purge();
    expect(read(of, { from: 0 })).toEqual({ read: 'closed', asked: ['positions 0–3'] });
    expect(read(of, { from: 6, newest: of.slot(1) })).toEqual({
      read: 'closed',
      asked: ['position 2'],
    });
    expect(read(of, { from: 6, newest }).read).toBe('closed');
  });
});

describe('a call that is refused', () => {
  const refuse = (at: number): Course => ({
    disturb: (_, n) => (n === at ? 'throttled' : undefined),
  });

  test('is followed by a wait, and by a look at the whole ring', () => {
    const of = logOf(14);
    const newest = of.newest;
    expect(read(of, { from: 13, newest }, refuse(0))).toEqual({
      read: '[13] of 0…14',
      asked: ['position 0', 'wait 50', 'positions 0–3'],
    });
    expect(read(of, { from: 0, bytes: 1 }, refuse(1))).toEqual({
      read: '[0] of 0…14',
      asked: ['positions 0–3', 'group at 0', 'wait 50', 'positions 0–3', 'group at 0'],
    });
    expect(read(of, { from: 3, bytes: 9 }, refuse(2))).toEqual({
      read: '[3 4 5] of 0…14',
      asked: [
        'positions 0–3',
        'group at 3',
        'groups 4–8',
        'wait 50',
        'positions 0–3',
        'groups 4–8',
      ],
    });
  });

  test('ends it when time is up', () => {
    const of = logOf(14);
    for (const at of [0, 1, 2]) {
      const { read: found, asked } = read(of, { from: 0 }, { ...refuse(at), expiredFrom: 0 });
      expect([found, asked.length]).toEqual(['expired', at + 1]);
    }
    const { newest } = of;
    expect(read(of, { from: 13, newest }, { ...refuse(0), expiredFrom: 0 }).read).toBe('expired');
    expect(read(of, { from: 13, newest }, { expiredFrom: 0 }).read).toBe('[13] of 0…14');
  });
});

describe('a query that is no snapshot', () => {
  test('is a miss where slots do not adjoin; a miss is looked at again, and is never an answer', () => {
    const of = logOf(5);
    const whole = of.world;
    const torn = whole.ring.map((slot) =>
      slot !== undefined && slot !== 'stub' && slot.seq === 1
        ? { ...slot, commands: slot.commands.slice(0, 1), bytes: 10 }
        : slot,
    );
    of.world = { ...whole, ring: torn };
    const course: Course = {
      meanwhile: (n) => {
        if (n === 1) of.world = whole;
      },
    };
    expect(read(of, { from: 2 }, course)).toEqual({
      read: '[2 3 4] of 0…5',
      asked: ['positions 0–3', 'positions 0–3'],
    });
    of.world = { ...whole, ring: torn };
    expect(read(of, { from: 2 }).read).toBe('missing: ring slot of offset=2');
  });

  test('is a miss where a slot is not there at all', () => {
    const of = logOf(5);
    of.world = { ...of.world, ring: of.world.ring.with(1, undefined) };
    expect(read(of, { from: 2 }).read).toBe('missing: ring slot of offset=2');
    expect(read(of, { from: 4 }).read).toBe('[4] of 0…5');
  });
});

test('what was read before the log start offset passed by still stands', () => {
  const of = logOf(14);
  const course: Course = {
    meanwhile: (n) => {
      if (n === 2) {
        of.append(start(9));
        of.world = { ...of.world, groups: [] };
      }
    },
  };
  expect(read(of, { from: 0, bytes: 30 }, course)).toEqual({
    read: '[0 1 2 3] of 9…14',
    asked: ['positions 0–3', 'group at 0', 'groups 4–8', 'positions 0–3'],
  });
});

test('segments are told to be missing by a release that does not know them', () => {
  const of = logOf(14);
  const seal = {
    kind: 'seal',
    id: newId(),
    from: { seq: 0, offset: offset(0n) },
    epoch: 0,
  } as const;
  of.append({ ...seal, to: { seq: 2, offset: offset(4n) } });
  expect(read(of, { from: 3 }).read).toBe(
    'missing: segments are unknown to this release, offset=3',
  );
  expect(read(of, { from: 4, bytes: 1 }).read).toBe('[4] of 0…14');
});
