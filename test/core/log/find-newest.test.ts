import { describe, expect, test } from 'vitest';
import { findNewest } from '../../../lib/core/log/find-newest.ts';
import type { FindInput, FindResult } from '../../../lib/core/log/find-newest.ts';
import { log } from '../../sim/explorer/commands.ts';
import { config } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

/** A ring of 64 with one command per slot, in which slots 0 … `newest` were opened. */
function ringOf(newest: number): OneLog {
  const of = new OneLog(config({ sharedBytes: 9, soleStreak: 1_000, spillSlots: 4 }));
  if (newest >= 0) of.fill(newest + 1);
  return of;
}

function find(of: OneLog, by: FindInput['by'], course?: Course) {
  const { result, asked } = of.run(findNewest, { log, config: of.config, by }, course);
  return { found: text(result), asked };
}

function text(result: FindResult): string {
  if (result.kind !== 'found') return result.kind;
  const seqs = result.slots.map(({ seq }) => seq).toSorted((a, b) => a - b);
  return `${result.newest.seq} of ${seqs.at(0)}…${seqs.at(-1)} (${seqs.length})`;
}

/** The same ring with another hint. */
function hinted(newest: number, hint: number | undefined): OneLog {
  const of = ringOf(newest);
  of.world = { ...of.world, hint };
  return of;
}

describe('by the hint', () => {
  test('an empty log takes a look at the hint and one at the beginning', () => {
    expect(find(ringOf(-1), 'hint')).toEqual({ found: 'empty', asked: ['hint', 'positions 0–18'] });
  });

  test('all that a sole writer opens before it puts the next hint comes in one query', () => {
    // Slot 32 is open already when its hint is put, and what proves it the newest lies behind it.
    for (const newest of [16, 32, 33]) {
      expect(find(hinted(newest, 16), 'hint')).toEqual({
        found: `${newest} of 16…${newest} (${newest - 15})`,
        asked: ['hint', 'positions 16–34'],
      });
    }
  });

  test('further on, slot by slot, until the position after the newest does not hold its successor', () => {
    expect(find(hinted(36, 16), 'hint')).toEqual({
      found: '36 of 16…36 (21)',
      asked: ['hint', 'positions 16–34', 'position 35', 'position 36', 'position 37'],
    });
  });

  test('round the end of the ring, where older slots lie', () => {
    expect(find(hinted(65, 60), 'hint')).toEqual({
      found: '65 of 2…65 (7)',
      asked: ['hint', 'positions 60–63', 'position 0', 'position 1', 'position 2'],
    });
  });

  test('once round the ring, to where the search began: others may have gone on since', () => {
    const of = new OneLog(
      config({ ringSlots: 4, spillSlots: 2, sharedBytes: 9, soleStreak: 1_000 }),
    );
    of.fill(6);
    of.world = { ...of.world, hint: 2 };
    expect(find(of, 'hint')).toEqual({
      // Slot 2 was read at both ends.
      found: '5 of 2…5 (5)',
      asked: ['hint', 'positions 2–3', 'position 0', 'position 1', 'position 2'],
    });
  });

  test('a hint that is ahead of everything is not trusted: the whole ring is read', () => {
    expect(find(hinted(3, 40), 'hint')).toEqual({
      found: '3 of 0…3 (4)',
      asked: ['hint', 'positions 40–58', 'positions 0–63'],
    });
    expect(find(hinted(-1, 40), 'hint')).toEqual({
      found: 'empty',
      asked: ['hint', 'positions 40–58', 'positions 0–63'],
    });
  });

  test('a hint of an earlier round is a place to begin like any other', () => {
    expect(find(hinted(70, 4), 'hint')).toEqual({
      found: '70 of 7…70 (19)',
      asked: ['hint', 'positions 4–22'],
    });
  });
});

test('the whole ring, in one query', () => {
  expect(find(ringOf(5), 'ring')).toEqual({ found: '5 of 0…5 (6)', asked: ['positions 0–63'] });
  expect(find(ringOf(70), 'ring')).toEqual({ found: '70 of 7…70 (64)', asked: ['positions 0–63'] });
});

describe('near a slot that was the newest a moment ago', () => {
  test('its followers come in one query', () => {
    expect(find(ringOf(17), { near: 10 })).toEqual({
      found: '17 of 10…17 (8)',
      asked: ['positions 10–18'],
    });
  });

  test('the whole ring if they do not reach the newest, or the ring ends there', () => {
    expect(find(ringOf(18), { near: 10 })).toEqual({
      found: '18 of 0…18 (19)',
      asked: ['positions 10–18', 'positions 0–63'],
    });
    expect(find(ringOf(63), { near: 62 })).toMatchObject({
      asked: ['positions 62–63', 'positions 0–63'],
    });
    // A slot of the round before lies where the successor would.
    expect(find(ringOf(70), { near: 69 })).toEqual({
      found: '70 of 7…70 (9)',
      asked: ['positions 5–13'],
    });
  });
});

test('a stub anywhere says that the topic is deleted', () => {
  const of = ringOf(3);
  of.purge();
  expect(find(of, 'hint').found).toBe('closed');
  const late = hinted(36, 16);
  const course: Course = { meanwhile: (n) => n === 3 && late.purge() };
  expect(find(late, 'hint', course)).toMatchObject({
    found: 'closed',
    asked: ['hint', 'positions 16–34', 'position 35', 'position 36'],
  });
});

describe('a read that is refused', () => {
  test('is a reason to wait and to begin anew', () => {
    for (const refused of ['throttled', 'unavailable'] as const) {
      const course: Course = { disturb: (_, n) => (n === 1 ? refused : undefined) };
      expect(find(ringOf(3), 'hint', course)).toEqual({
        found: '3 of 3…3 (1)',
        asked: ['hint', 'positions 3–21', 'wait 50', 'hint', 'positions 3–21'],
      });
    }
  });

  test('ends the search when time is up, but what was read counts', () => {
    const refusing: Course = { disturb: () => 'throttled', expiredFrom: 0 };
    expect(find(ringOf(3), 'hint', refusing)).toEqual({ found: 'expired', asked: ['hint'] });
    expect(find(ringOf(3), 'hint', { expiredFrom: 0 }).found).toBe('3 of 3…3 (1)');
  });
});
