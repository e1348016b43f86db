import { describe, expect, test } from 'vitest';
import type { Sight } from '../../../lib/core/log/append-state.ts';
import type { Command, SpillCommand } from '../../../lib/core/log/command.ts';
import { proposeGroup } from '../../../lib/core/log/propose-group.ts';
import { isFull, opening } from '../../../lib/core/log/slot.ts';
import { InvariantError } from '../../../lib/std/assert.ts';
import { commandId } from '../../../lib/std/brands.ts';
import { log } from '../../sim/explorer/commands.ts';
import { append, at, logOf, room, shape, sightOf, told } from './appends.ts';
import { config, data, newId, run } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

describe('a partition that is closed', () => {
  const closed = (): OneLog => {
    const of = logOf(4);
    of.append({ kind: 'close', id: newId() });
    return of;
  };

  test('takes nothing more, and says so', () => {
    const of = closed();
    const { sight } = append(of).result as { sight: Sight };
    expect(told(append(of))).toEqual(['closed', 'hint', 'positions 2–7']);
    expect(told(append(of, { sight }))).toEqual(['closed']);
  });

  test('is told by stubs, wherever they are met', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    const full = logOf(6);
    const fullSight = sightOf(full);
    of.purge();
    full.purge();
    expect(told(append(of, { sight }))).toEqual(['closed', 'append to 2']);
    expect(told(append(of, { sight, stale: true }))).toEqual(['closed', 'position 2']);
    expect(told(append(of))).toEqual(['closed', 'hint', 'positions 2–7']);
    const stubs = new OneLog(shape);
    stubs.world = { ...stubs.world, ring: stubs.world.ring.with(3, 'stub') };
    expect(told(append(stubs, { sight: fullSight }))).toEqual([
      'closed',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
  });

  test('leaves open what became of a copy that was not answered', () => {
    const of = logOf(5);
    const course: Course = {
      disturb: at(0, 'lost'),
      meanwhile: (n) => {
        if (n === 1) of.purge();
      },
    };
    expect(told(append(of, { sight: sightOf(of) }, course))).toEqual([
      'unknown',
      'append to 2',
      'position 2',
    ]);
  });
});

describe('objects below the floor', () => {
  const floor = (epoch: number): Command => ({ kind: 'floor', id: newId(), epoch });

  test('are staged again: the command is not in the log, and never will be', () => {
    const of = logOf(4);
    of.append(floor(3));
    const staged = data([run()], { id: commandId('own1'), epoch: 2 });
    const found = append(of, { command: staged, sight: sightOf(of) });
    expect(told(found)).toEqual(['restage from 3']);
    const again = append(of, { command: { ...staged, epoch: 3 }, sight: sightOf(of) });
    expect(again.told).toBe('accepted 4');
  });

  test('also if a copy that was sent before is answered with the floor', () => {
    const of = logOf(4);
    const sight = sightOf(of);
    of.append(floor(3));
    const staged = data([run()], { id: commandId('own1'), epoch: 2 });
    expect(told(append(of, { command: staged, sight }))).toEqual([
      'restage from 3',
      'put 2 (data) over nothing',
      'put hint 2',
    ]);
  });
});

describe('a ring that is full', () => {
  test('gets room by the spill command that the advance carries', () => {
    const of = logOf(16);
    expect(told(append(of, { sight: sightOf(of) }))).toEqual([
      'accepted 16, opened',
      ...room(1, 'positions 0–3', 'put group 0–4'),
      'put 8 (spill+data) over 0',
      'put hint 8',
    ]);
    expect(of.newest.head.spilled).toEqual({ seq: 4, offset: 8n });
  });

  test('whose group is published meanwhile is looked at anew', () => {
    const of = logOf(16);
    const sight = sightOf(of);
    of.fill(3);
    const { told: what, asked } = append(of, { sight });
    expect([what, ...asked]).toEqual([
      'accepted 19, opened',
      'names from 0',
      'positions 0–3',
      'hint',
      'positions 1–7',
      'put 10 (data) over 2',
      'put hint 10',
    ]);
  });

  test('whose group is gone ends the append when time is up', () => {
    const of = logOf(16);
    const sight = sightOf(of);
    of.fill(3);
    expect(told(append(of, { sight }, { expiredFrom: 1 }))).toEqual([
      'not-committed',
      'names from 0',
      'positions 0–3',
    ]);
  });

  test('ends the append when time is up', () => {
    const of = logOf(16);
    const refused: Course = { disturb: at(1, 'throttled'), expiredFrom: 0 };
    expect(told(append(of, { sight: sightOf(of) }, refused))).toEqual([
      'not-committed',
      'names from 0',
      'positions 0–3',
    ]);
  });
});

test('a command of no producer asks for none', () => {
  const of = logOf(5);
  const floor = { kind: 'floor', id: newId(), epoch: 1 } as const;
  expect(told(append(of, { command: floor, sight: sightOf(of) }))).toEqual(['done', 'append to 2']);
});

test('I4: a slot that has vanished, or is older than those before it, is a bug, not an answer', () => {
  for (const there of [undefined, 1]) {
    const of = logOf(17);
    const sight = sightOf(of);
    const older = there === undefined ? undefined : of.slot(there).slot;
    // Slot 8 lies at position 0, and is full: its successor goes over slot 1.
    of.world = { ...of.world, ring: of.world.ring.with(1, older && { ...older, seq: 0 }) };
    expect(isFull(sight.replayed.slot)).toBe(true);
    expect(() => append(of, { sight })).toThrow(InvariantError);
  }
});

describe('a spill command that is given along', () => {
  const carryOf = (of: OneLog): SpillCommand => {
    const head = opening(of.newest, shape).snapshot;
    const { result } = of.run(proposeGroup, { log, config: shape, head });
    if (result.kind !== 'proposed') throw new Error(result.kind);
    return result.command;
  };

  test('is published with the slot that opens, though there is room', () => {
    const of = logOf(8);
    const carry = carryOf(of);
    const { told: what, asked } = append(of, { sight: sightOf(of), carry });
    expect([what, ...asked]).toEqual([
      'accepted 8, opened',
      'put 4 (spill+data) over nothing',
      'put hint 4',
    ]);
    expect(of.newest.head.spilled.seq).toBe(4);
  });

  test('waits for an advance: an append carries nothing', () => {
    const of = logOf(8);
    const carry = carryOf(of);
    of.fill(1);
    expect(told(append(of, { sight: sightOf(of), carry }))).toEqual(['accepted 9', 'append to 4']);
  });

  test('is left out once somebody else published the group', () => {
    const of = logOf(8);
    const carry = carryOf(of);
    append(of, { sight: sightOf(of), carry });
    expect(isFull(of.newest.slot)).toBe(true);
    expect(told(append(of, { sight: sightOf(of), carry }))[1]).toBe('put 5 (data) over nothing');
  });
});

describe('a slot that is opened', () => {
  const alone = config({ ...shape, ringSlots: 64, soleStreak: 4, soleBytes: 1_000, hintEvery: 3 });
  const sized = { ...alone, sharedBytes: 39, snapshotBytes: () => 20 };

  /** Appends as one process that remembers: the limits of the slots it opens, and its hints. */
  function appendAll(of: OneLog, count: number, sight?: Sight) {
    const opened: string[] = [];
    let seen = sight;
    for (let i = 0; i < count; i += 1) {
      const { result, asked } = append(of, seen === undefined ? {} : { sight: seen });
      ({ sight: seen } = result);
      const put = asked.some((what) => what.startsWith('put '));
      const hint = asked.some((what) => what.startsWith('put hint'));
      const { seq, limit, bytes } = of.newest.slot;
      if (put) opened.push(`${seq} at ${bytes}, up to ${limit}${hint ? ', hint' : ''}`);
    }
    return { opened, sight: seen };
  }

  test('is small, and hinted at now and then, once the last commands were all its own', () => {
    const of = new OneLog({ ...sized, soleBytes: 49 });
    expect(appendAll(of, 14).opened).toEqual([
      '0 at 10, up to 19, hint',
      '1 at 10, up to 19, hint',
      '2 at 10, up to 19',
      '3 at 10, up to 19, hint',
      '4 at 10, up to 19',
      '5 at 10, up to 19',
      '6 at 10, up to 19, hint',
    ]);
  });

  test('is large again as soon as another writes', () => {
    const of = new OneLog({ ...sized, soleBytes: 30 });
    const { opened, sight } = appendAll(of, 8);
    expect(opened.at(-1)).toBe('5 at 10, up to 0');
    if (sight === undefined) throw new Error('nothing seen');
    of.append(of.command('other'), { sight, prefix: 'other' });
    expect(appendAll(of, 2, sightOf(of)).opened).toEqual(['7 at 10, up to 19, hint']);
  });
});
