import { describe, expect, test } from 'vitest';
import type { Position } from '../../../lib/core/log/head.ts';
import { offset } from '../../../lib/std/brands.ts';
import { append, at, logOf, sightOf, told } from './appends.ts';
import { newId } from './build.ts';
import type { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

/** The beginning of slot n, of two commands each. */
const slot = (seq: number): Position => ({ seq, offset: offset(BigInt(2 * seq)) });

/** A log of nine slots, of which 0 … 3 lie in a spill group and the others in the ring. */
const spilled = (): OneLog => logOf(17);

describe('an id that others may have sent', () => {
  test('is looked for in every slot from the one named with it on, then sent', () => {
    const of = logOf(7);
    expect(told(append(of, { walk: slot(1) }))).toEqual([
      'accepted 7',
      'hint',
      'positions 3–7',
      'position 1',
      'position 2',
      'append to 3',
    ]);
    expect(told(append(of, { walk: slot(4) }))[0]).toBe('accepted 8, opened');
  });

  test('is told from a strong head, also where a slot was seen', () => {
    const of = logOf(7);
    expect(told(append(of, { sight: sightOf(of), walk: slot(3) }))).toEqual([
      'accepted 7',
      'position 3',
      'append to 3',
    ]);
  });

  test('is found where it is, and is not sent', () => {
    for (const [where, asks] of [
      [0, ['position 0']],
      [2, ['position 0', 'position 1']],
      [5, ['position 0', 'position 1', 'position 2']],
    ] as const) {
      const of = logOf(7);
      const command = of.slot(Math.floor(where / 2)).slot.commands[where % 2];
      if (command === undefined) throw new Error('no command');
      expect(told(append(of, { command, walk: slot(0) }))).toEqual([
        `accepted ${where}`,
        'hint',
        'positions 3–7',
        ...asks,
      ]);
    }
  });

  test('is looked for in the spill group of slots that are published, at once for all of them', () => {
    const of = spilled();
    expect(told(append(of, { walk: slot(1) }))).toEqual([
      'accepted 17, opened',
      'hint',
      'positions 0–7',
      'group at 2',
      'position 4',
      'position 5',
      'position 6',
      'position 7',
      'put 9 (data) over 1',
      'put hint 9',
      // Slot 8, which was full when it was found, is looked at once more.
      'position 0',
    ]);
    const again = spilled();
    const [command] = again.slot(2).slot.commands;
    if (command === undefined) throw new Error('no command');
    expect(told(append(again, { command, walk: slot(0) }))).toEqual([
      'accepted 4',
      'hint',
      'positions 0–7',
      'group at 0',
    ]);
  });

  test('may be told neither committed nor not when time is up', () => {
    const of = logOf(7);
    for (const [expiredFrom, calls] of [
      [0, ['hint', 'positions 3–7']],
      [2, ['hint', 'positions 3–7', 'position 1']],
    ] as const) {
      expect(told(append(of, { walk: slot(1) }, { expiredFrom }))).toEqual(['unknown', ...calls]);
    }
  });
});

describe('what can no longer be found out is unknown, and nothing is sent', () => {
  test('below the log start offset', () => {
    const of = spilled();
    of.append({ kind: 'start', id: newId(), offset: offset(3n) });
    expect(append(of, { walk: slot(1) }).told).toBe('unknown');
    expect(append(of, { walk: slot(1) }).asked).toHaveLength(2);
    const at3 = { seq: 1, offset: offset(3n) };
    expect(append(of, { walk: at3 }).asked[2]).toBe('group at 3');
  });

  test('below where segments end', () => {
    const of = spilled();
    const from = { seq: 0, offset: offset(0n) };
    of.append({ kind: 'seal', id: newId(), from, to: slot(2), epoch: 0 });
    expect(told(append(of, { walk: slot(1) })).slice(0, 4)).toEqual([
      'unknown',
      'hint',
      'positions 1–7',
    ]);
    expect(append(of, { walk: slot(2) }).asked[2]).toBe('group at 4');
  });

  test('where a group is missing, again and again', () => {
    const of = spilled();
    const [group] = of.world.groups;
    for (const groups of [
      [],
      [{ ...group, from: slot(2) }],
      [{ ...group, to: slot(1) }],
    ] as const) {
      of.world = { ...of.world, groups: groups as typeof of.world.groups };
      const { told: what, asked } = append(of, { walk: slot(1) });
      expect(what).toBe('unknown');
      expect(asked).toEqual(
        Array.from({ length: 4 }, () => ['hint', 'positions 0–7', 'group at 2']).flat(),
      );
    }
  });

  test('where a slot is missing, which no store does', () => {
    const of = logOf(7);
    of.world = { ...of.world, ring: of.world.ring.with(1, undefined) };
    const { told: what, asked } = append(of, { walk: slot(1) });
    expect([what, asked.length]).toEqual(['unknown', 12]);
  });
});

describe('a slot to be looked at', () => {
  test('that is overwritten meanwhile is looked for in its group', () => {
    const of = logOf(16);
    const course: Course = {
      meanwhile: (n) => {
        if (n === 3) of.fill(1);
      },
    };
    expect(told(append(of, { walk: slot(0) }, course)).slice(1, 8)).toEqual([
      'hint',
      'positions 7–7',
      'position 0',
      'position 0',
      'hint',
      'positions 0–7',
      'group at 0',
    ]);
  });

  test('that is a stub says that the topic is deleted; what became of the id is unknown', () => {
    const of = logOf(7);
    const course: Course = {
      meanwhile: (n) => {
        if (n === 2) of.purge();
      },
    };
    expect(told(append(of, { walk: slot(1) }, course))).toEqual([
      'unknown',
      'hint',
      'positions 3–7',
      'position 1',
    ]);
  });

  test('is read again after a refusal', () => {
    const of = logOf(7);
    expect(told(append(of, { walk: slot(2) }, { disturb: at(2, 'throttled') }))).toEqual([
      'accepted 7',
      'hint',
      'positions 3–7',
      'position 2',
      'wait 50',
      'position 3',
      'position 2',
      'append to 3',
    ]);
    const groups = spilled();
    expect(
      append(groups, { walk: slot(2) }, { disturb: at(2, 'throttled') }).asked.slice(2, 6),
    ).toEqual(['group at 4', 'wait 50', 'position 1', 'group at 4']);
  });
});

describe('I6: a copy that was not answered, in a slot that is overwritten before it is read', () => {
  /** The opening of slot 4 is not answered, and others go once round the ring. */
  const course = (of: OneLog, how: 'lost' | 'answer lost', expiredFrom = Infinity): Course => ({
    disturb: at(0, how),
    meanwhile: (n) => {
      if (n === 2) of.fill(how === 'lost' ? 16 : 15);
    },
    expiredFrom,
  });
  const put = ['put 4 (data) over nothing', 'put hint 4', 'position 4'];

  test('is found in its spill group', () => {
    const of = logOf(8);
    expect(told(append(of, { sight: sightOf(of) }, course(of, 'answer lost')))).toEqual([
      'accepted 8',
      ...put,
      'group at 6',
      'group at 8',
    ]);
  });

  test('is unknown as long as only slots before it were read', () => {
    for (const how of ['lost', 'answer lost'] as const) {
      const of = logOf(8);
      expect(told(append(of, { sight: sightOf(of) }, course(of, how, 2)))).toEqual([
        'unknown',
        ...put,
        'group at 6',
      ]);
    }
  });

  test('is sent again once all slots were read without it', () => {
    const of = logOf(8);
    const { told: what, asked } = append(of, { sight: sightOf(of) }, course(of, 'lost'));
    expect(what).toMatch(/^accepted 2[0-9]/);
    expect(asked.slice(0, 5)).toEqual([...put, 'group at 6', 'group at 8']);
    const copies = of.world.history.flatMap(({ slot: { commands } }) =>
      commands.filter(({ id }) => id.startsWith('own')),
    );
    expect(copies).toHaveLength(1);
  });
});
