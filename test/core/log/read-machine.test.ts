import { describe, expect, test } from 'vitest';
import { readMachine } from '../../../lib/core/log/read-machine.ts';
import { InvariantError } from '../../../lib/std/assert.ts';
import { offset } from '../../../lib/std/brands.ts';
import { log } from '../../sim/explorer/commands.ts';
import { config, data, marker, run, verified } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';
import { logOf, read, shape, start } from './reads.ts';

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
      expect(asked).toHaveLength(18 + broken);
    }
  });

  test.each([
    ['slots', { seq: 3, offset: offset(4n) }],
    ['offsets', { seq: 2, offset: offset(5n) }],
  ])('whose %s do not adjoin are a miss, and a reason to look again', (_, from) => {
    const of = spilled();
    const whole = of.world;
    const groups = whole.groups.map((group, i) => (i === 1 ? { ...group, from } : group));
    of.world = { ...whole, groups };
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

  test('I2: with a hole between their runs are a bug, and are not read over', () => {
    const of = spilled();
    const groups = of.world.groups.map((group) => ({ ...group, runs: group.runs.slice(1) }));
    of.world = { ...of.world, groups };
    expect(() => read(of, { from: 0 })).toThrow(InvariantError);
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

  test('and has the one that it knew as well', () => {
    const of = logOf(2);
    const { newest } = of;
    of.fill(3);
    expect(read(of, { from: 0, newest })).toEqual({
      read: '[0 1 2 3 4] of 0…5',
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
