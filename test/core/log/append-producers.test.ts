import { describe, expect, test } from 'vitest';
import type { Command } from '../../../lib/core/log/command.ts';
import { commandId, producerId } from '../../../lib/std/brands.ts';
import { append, at, sightOf, told } from './appends.ts';
import { absent, config, data, marker, run } from './build.ts';
import type { RunShape } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

/** Two commands per slot; one producer stays in the head across an advance. */
const shape = config({ sharedBytes: 19, soleStreak: 1_000, producersMax: 1 });

let ids = 0;
function batch(...runs: readonly RunShape[]): Command {
  ids += 1;
  return data(runs.map(run), { id: commandId(`own-b${ids}`) });
}

/** The log of producers 1, 2, 3 …, one batch each: two to a slot, so that 1 leaves with slot 0. */
function logOf(...pids: readonly number[]): OneLog {
  const of = new OneLog(shape);
  for (const pid of pids) append(of, { command: batch({ pid }) });
  return of;
}

describe('a producer that the head does not hold', () => {
  test('is read before the command is sent, and is brought along', () => {
    const of = logOf();
    append(of, { command: batch({}) });
    const command = batch({ pid: 7 });
    expect(told(append(of, { command, sight: sightOf(of) }))).toEqual([
      'accepted 1',
      'producer 7',
      'append to 0',
    ]);
    expect(of.newest.slot.commands.at(-1)).toEqual({ ...command, brought: absent(0, 7) });
  });

  test('is read once, whatever the number of its runs; those of no producer need nothing', () => {
    const of = logOf();
    append(of, { command: batch({}) });
    const command = batch({ pid: 7 }, {}, { pid: 7, sequence: 1 }, { pid: 8 });
    expect(told(append(of, { command, sight: sightOf(of) }))).toEqual([
      'accepted 1, accepted 2, accepted 3, accepted 4',
      'producer 7',
      'producer 8',
      'append to 0',
    ]);
  });

  test('goes on where it stopped, if it has left', () => {
    const of = logOf(1, 2, 3);
    expect(of.newest.slot.seq).toBe(1);
    const command = batch({ pid: 1, sequence: 1 });
    expect(told(append(of, { command, sight: sightOf(of) }))).toEqual([
      'accepted 3',
      'producer 1',
      'append to 1',
    ]);
    const brought = of.newest.slot.commands.at(-1);
    expect(brought).toMatchObject({
      brought: {
        slot: 1,
        states: [{ producerId: 1n, batches: [{ baseSequence: 0 }] }],
        absent: [],
      },
    });
    const again = batch({ pid: 1, sequence: 0 });
    expect(append(of, { command: again }).told).toBe('duplicate 0, opened');
  });

  test('is needed by a marker as well', () => {
    const of = logOf(1, 2, 3);
    const fence = marker({ id: commandId('own-m'), producerId: producerId(1n), epoch: 4 });
    expect(told(append(of, { command: fence, sight: sightOf(of) }))).toEqual([
      'done',
      'producer 1',
      'append to 1',
    ]);
  });

  test('counts as absent once it has expired, by its highest timestamp alone', () => {
    for (const [expiredBefore, verdict] of [
      [50n, 'refused out-of-order-sequence'],
      [51n, 'accepted 3'],
    ] as const) {
      const of = logOf();
      append(of, { command: batch({ pid: 1, timestamp: 50 }) });
      append(of, { command: batch({ pid: 2 }) });
      append(of, { command: batch({ pid: 3 }) });
      const command = batch({ pid: 1, sequence: 40 });
      expect(append(of, { command, expiredBefore }).told).toBe(verdict);
    }
  });

  test('is read anew for each slot that the command goes to', () => {
    const of = logOf(1, 2, 3);
    const sight = sightOf(of);
    const course: Course = {
      meanwhile: (n) => {
        if (n === 1) append(of, { command: batch({ pid: 2, sequence: 1 }) });
      },
    };
    const command = batch({ pid: 1, sequence: 1 });
    // Slot 1 filled up; who leaves with it is stored first.
    expect(told(append(of, { command, sight }, course))).toEqual([
      'accepted 4, opened',
      'producer 1',
      'append to 1',
      'position 2',
      'put producer 3 for 2',
      'producer 1',
      'put 2 (data) over nothing',
      'put hint 2',
    ]);
    expect(of.newest.slot.commands[0]).toMatchObject({ brought: { slot: 2 } });
  });

  test('is not read again for the same slot', () => {
    const of = logOf(1, 2, 3);
    const command = batch({ pid: 1, sequence: 1 });
    const sight = sightOf(of);
    expect(told(append(of, { command, sight }, { disturb: at(1, 'throttled') }))).toEqual([
      'accepted 3',
      'producer 1',
      'append to 1',
      'wait 50',
      'position 1',
      'append to 1',
    ]);
  });

  test('that cannot be read stops the command: it is not sent without', () => {
    const of = logOf(1, 2, 3);
    const command = batch({ pid: 1, sequence: 1 });
    const sight = sightOf(of);
    expect(told(append(of, { command, sight }, { disturb: at(0, 'unavailable') }))).toEqual([
      'accepted 3',
      'producer 1',
      'wait 50',
      'position 1',
      'producer 1',
      'append to 1',
    ]);
    const other = logOf(1, 2, 3);
    const course: Course = { disturb: at(0, 'unavailable'), expiredFrom: 0 };
    expect(told(append(other, { command, sight: sightOf(other) }, course))).toEqual([
      'not-committed',
      'producer 1',
    ]);
  });
});

test('one read of several that fails is enough to stop the command', () => {
  const of = logOf();
  append(of, { command: batch({}) });
  const command = batch({ pid: 7 }, { pid: 8 });
  const sight = sightOf(of);
  expect(told(append(of, { command, sight }, { disturb: at(1, 'throttled') }))).toEqual([
    'accepted 1, accepted 2',
    'producer 7',
    'producer 8',
    'wait 50',
    'position 0',
    'producer 7',
    'producer 8',
    'append to 0',
  ]);
});

test('what was read for one slot does not go to the next, where the head knows the producer', () => {
  const of = logOf(1, 2, 3);
  const sight = sightOf(of);
  const course: Course = {
    meanwhile: (n) => {
      if (n === 1) append(of, { command: batch({ pid: 1, sequence: 1 }) });
    },
  };
  const command = batch({ pid: 1, sequence: 2 });
  expect(append(of, { command, sight }, course).told).toBe('accepted 4, opened');
  expect(of.newest.slot.commands).toEqual([command]);
});

describe('producers that leave the head at an advance', () => {
  test('are stored before the slot is put, the least recently used first', () => {
    const of = logOf(1, 2);
    expect(
      told(append(of, { command: batch({ pid: 2, sequence: 1 }), sight: sightOf(of) })),
    ).toEqual([
      'accepted 2, opened',
      'put producer 1 for 1',
      'put 1 (data) over nothing',
      'put hint 1',
    ]);
    // The command's own producer stays, so it brings nothing.
    expect(of.newest.slot.commands[0]).not.toHaveProperty('brought');
    expect([...of.world.producers.keys()]).toEqual([1n]);
    expect(of.newest.head.producers.map(({ producerId: pid }) => pid)).toEqual([2n]);
  });

  test('take the state with which they leave along, if the command is their own', () => {
    const of = logOf(1, 2);
    const command = batch({ pid: 1, sequence: 1 });
    const [leaving] = of.newest.head.producers;
    expect(told(append(of, { command, sight: sightOf(of) }))).toEqual([
      'accepted 2, opened',
      'put producer 1 for 1',
      'put 1 (data) over nothing',
      'put hint 1',
    ]);
    expect(of.newest.slot.commands[0]).toEqual({
      ...command,
      brought: { slot: 1, states: [leaving], absent: [], verified: [] },
    });
  });

  test('are stored by whoever comes first; that somebody did so already is as good', () => {
    const of = logOf(1, 2);
    const [leaving] = of.newest.head.producers;
    if (leaving === undefined) throw new Error('nobody leaves');
    of.world = {
      ...of.world,
      producers: new Map([[leaving.producerId, { state: leaving, seq: 1 }]]),
    };
    expect(append(of, { command: batch({ pid: 2, sequence: 1 }) }).told).toBe('accepted 2, opened');
  });

  test.each(['throttled', 'unavailable', 'lost', 'answer lost'] as const)(
    '%s: no slot is put until they are known to be stored',
    (how) => {
      const of = logOf(1, 2);
      const command = batch({ pid: 2, sequence: 1 });
      const sight = sightOf(of);
      const found = append(of, { command, sight }, { disturb: at(0, how) });
      expect(told(found)).toEqual([
        'accepted 2, opened',
        'put producer 1 for 1',
        'wait 50',
        'position 1',
        'put producer 1 for 1',
        'put 1 (data) over nothing',
        'put hint 1',
      ]);
    },
  );

  test('are not stored again for another try to open the same slot', () => {
    const of = logOf(1, 2);
    const command = batch({ pid: 2, sequence: 1 });
    const found = append(of, { command, sight: sightOf(of) }, { disturb: at(1, 'throttled') });
    expect(told(found)).toEqual([
      'accepted 2, opened',
      'put producer 1 for 1',
      'put 1 (data) over nothing',
      'put hint 1',
      'wait 50',
      'position 1',
      'put 1 (data) over nothing',
      'put hint 1',
    ]);
  });
});
