import { describe, expect, test } from 'vitest';
import { offset } from '../../../lib/std/brands.ts';
import { newId } from './build.ts';
import type { Course } from './one-log.ts';
import { logOf, read, start } from './reads.ts';

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
