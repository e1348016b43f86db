import { describe, expect, test } from 'vitest';
import { isFull } from '../../../lib/core/log/slot.ts';
import { append, at, logOf, room, shape, sightOf, told } from './appends.ts';
import { config } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

describe('where the newest slot is not known', () => {
  test('an empty log is begun with slot 0 and a hint', () => {
    expect(told(append(new OneLog(shape)))).toEqual([
      'accepted 0, opened',
      'hint',
      'positions 0–7',
      'put 0 (data) over nothing',
      'put hint 0',
    ]);
  });

  test('it is looked for by the hint', () => {
    expect(told(append(logOf(5)))).toEqual(['accepted 5', 'hint', 'positions 2–7', 'append to 2']);
    expect(told(append(logOf(6)))).toEqual([
      'accepted 6, opened',
      'hint',
      'positions 2–7',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
  });
});

describe('where a slot was seen', () => {
  test('one call commits to it, or opens the next', () => {
    const of = logOf(5);
    expect(told(append(of, { sight: sightOf(of) }))).toEqual(['accepted 5', 'append to 2']);
    expect(told(append(of, { sight: sightOf(of) }))).toEqual([
      'accepted 6, opened',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
  });

  test('what is told is seen anew', () => {
    const of = logOf(5);
    const { result } = append(of, { sight: sightOf(of) });
    expect(result).toMatchObject({ sight: { replayed: of.newest } });
  });

  test('an old sight costs a read, and no more where others went on', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    of.fill(2);
    expect(told(append(of, { sight }))).toEqual([
      'accepted 7',
      'append to 2',
      'position 3',
      'append to 3',
    ]);
  });

  test('one that may be stale is read first', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    expect(told(append(of, { sight, stale: true }))).toEqual([
      'accepted 5',
      'position 2',
      'append to 2',
    ]);
    of.fill(1);
    expect(told(append(of, { sight, stale: true }))).toEqual([
      'accepted 7',
      'position 2',
      'position 3',
      'append to 3',
    ]);
    const full = logOf(6);
    expect(told(append(full, { sight: sightOf(full), stale: true }))).toEqual([
      'accepted 6, opened',
      'position 2',
      'position 3',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
  });

  test('three slots are walked, then the hint is asked', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    of.fill(5);
    expect(told(append(of, { sight, stale: true }))).toEqual([
      'accepted 10, opened',
      'position 2',
      'position 3',
      'position 4',
      'hint',
      'positions 4–7',
      'put 5 (data) over nothing',
      'put hint 5',
    ]);
    const other = logOf(5);
    const seen = sightOf(other);
    other.fill(4);
    expect(told(append(other, { sight: seen, stale: true }))).toEqual([
      'accepted 9',
      'position 2',
      'position 3',
      'position 4',
      'append to 4',
    ]);
  });

  test('the walk ends where older slots of the ring lie', () => {
    const of = logOf(23);
    const { seq } = of.newest.slot;
    expect([seq, isFull(of.newest.slot)]).toEqual([11, true]);
    expect(told(append(of, { sight: sightOf(of), stale: true }))).toEqual([
      'accepted 23, opened',
      'position 3',
      'position 4',
      ...room(2, 'positions 4–7', 'put group 4–8'),
      'put 12 (spill+data) over 4',
      'put hint 12',
    ]);
  });
});

describe('lost races', () => {
  test('the first who opens a slot wins it, the others append to what it wrote', () => {
    const of = logOf(6);
    const sight = sightOf(of);
    of.append(of.command(), { sight });
    expect(told(append(of, { sight }))).toEqual([
      'accepted 7',
      'put 3 (data) over nothing',
      'put hint 3',
      'append to 3',
    ]);
  });

  test('where others open slot after slot, a read comes before the next try, after every third a wait', () => {
    const of = new OneLog(config({ ...shape, sharedBytes: 9 }));
    logOf(1, of);
    const sight = sightOf(of);
    let others = 6;
    const course: Course = {
      disturb: (what) => {
        if (what.endsWith('over nothing') && others > 0) of.fill(1);
        if (what.endsWith('over nothing')) others -= 1;
        return undefined;
      },
    };
    const tries = [2, 3, 4, 5, 6, 7].flatMap((seq) => [
      `put ${seq - 1} (data) over nothing`,
      `put hint ${seq - 1}`,
      ...(seq === 4 || seq === 7 ? ['wait 50'] : []),
      `position ${seq}`,
    ]);
    expect(told(append(of, { sight }, course))).toEqual([
      'accepted 7, opened',
      ...tries,
      'put 7 (data) over nothing',
      'put hint 7',
    ]);
  });

  test('that go on until time is up end with the promise that it was not committed', () => {
    const of = logOf(6);
    const sight = sightOf(of);
    of.fill(2);
    expect(told(append(of, { sight }, { expiredFrom: 0 }))).toEqual([
      'not-committed',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
  });
});

describe('an answer that is lost', () => {
  test('of an append: its slot is read', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    expect(told(append(of, { sight }, { disturb: at(0, 'answer lost') }))).toEqual([
      'accepted 5',
      'append to 2',
      'position 2',
    ]);
    expect(of.newest.slot.commands).toHaveLength(2);
  });

  test('of an append that never arrived: it is sent again, under the same id', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    const command = of.command('own');
    expect(told(append(of, { sight, command }, { disturb: at(0, 'lost') }))).toEqual([
      'accepted 5',
      'append to 2',
      'position 2',
      'append to 2',
    ]);
    expect(of.newest.slot.commands.at(-1)).toEqual(command);
  });

  test('of an opening: it opened the slot, and is told so', () => {
    // Now that slot 2 has a successor, it is read once more for a copy that came late.
    const put = ['put 3 (data) over nothing', 'put hint 3', 'position 3'];
    for (const [how, asks] of [
      ['answer lost', []],
      ['lost', put.slice(0, 2)],
    ] as const) {
      const of = logOf(6);
      const found = append(of, { sight: sightOf(of) }, { disturb: at(0, how) });
      expect(told(found)).toEqual(['accepted 6, opened', ...put, ...asks, 'position 2']);
    }
  });

  test('is unknown when time is up, unless a read shows it there', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    for (const how of ['lost', 'answer lost'] as const) {
      const found = append(of, { sight }, { disturb: at(0, how), expiredFrom: 0 });
      expect(found.told).toBe(how === 'lost' ? 'unknown' : 'accepted 5');
      expect(found.asked).toEqual(['append to 2', 'position 2']);
    }
  });

  test('is dead once its slot was read full without it, or exists without it', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    const full: Course = {
      disturb: at(0, 'lost'),
      meanwhile: (n) => {
        if (n === 1) of.fill(1);
      },
      expiredFrom: 0,
    };
    expect(append(of, { sight }, full).told).toBe('not-committed');
    for (const [expiredFrom, what] of [
      [1, 'unknown'],
      [2, 'not-committed'],
    ] as const) {
      const open = logOf(6);
      const taken: Course = {
        disturb: at(0, 'lost'),
        meanwhile: (n) => {
          if (n === 2) open.fill(1);
        },
        expiredFrom,
      };
      const found = append(open, { sight: sightOf(open) }, taken);
      // The slot before the one that others opened must be seen without it as well.
      expect(told(found).slice(0, 4)).toEqual([
        what,
        'put 3 (data) over nothing',
        'put hint 3',
        'position 3',
      ]);
      expect(found.asked.slice(3)).toEqual(what === 'unknown' ? [] : ['position 2']);
    }
  });

  test('a read that is refused is a reason to wait, and changes nothing about what is known', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    const course: Course = {
      disturb: (_, n) => (n === 0 ? 'lost' : n === 1 ? 'throttled' : undefined),
    };
    expect(told(append(of, { sight }, course))).toEqual([
      'accepted 5',
      'append to 2',
      'position 2',
      'wait 50',
      'position 2',
      'append to 2',
    ]);
    const other = logOf(5);
    expect(append(other, { sight: sightOf(other) }, { ...course, expiredFrom: 0 }).told).toBe(
      'unknown',
    );
  });
});

describe('a call that is refused', () => {
  test.each(['throttled', 'unavailable'] as const)('%s: is made again after a wait', (how) => {
    const of = logOf(5);
    const sight = sightOf(of);
    expect(told(append(of, { sight }, { disturb: at(0, how) }))).toEqual([
      'accepted 5',
      'append to 2',
      'wait 50',
      'position 2',
      'append to 2',
    ]);
    const full = { sight: sightOf(of) };
    expect(told(append(of, full, { disturb: at(0, how) }))).toEqual([
      'accepted 6, opened',
      'put 3 (data) over nothing',
      'put hint 3',
      'wait 50',
      'position 3',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
    expect(told(append(of, {}, { disturb: at(0, how) }))).toEqual([
      'accepted 7',
      'hint',
      'wait 50',
      'hint',
      'positions 3–7',
      'append to 3',
    ]);
  });

  test('again and again is asked less and less, until the store answers with a lost race', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    const course: Course = {
      disturb: (_, n) => ([0, 3, 8].includes(n) ? 'throttled' : undefined),
      meanwhile: (n) => {
        if (n === 6) of.fill(1);
      },
    };
    expect(told(append(of, { sight }, course))).toEqual([
      'accepted 6, opened',
      'append to 2',
      'wait 50',
      'position 2',
      'append to 2',
      'wait 100',
      'position 2',
      'append to 2',
      'position 3',
      'put 3 (data) over nothing',
      'put hint 3',
      'wait 50',
      'position 3',
      'put 3 (data) over nothing',
      'put hint 3',
    ]);
  });

  test('of a read that comes first: nothing is sent before it was answered', () => {
    const of = logOf(5);
    expect(
      told(append(of, { sight: sightOf(of), stale: true }, { disturb: at(0, 'throttled') })),
    ).toEqual(['accepted 5', 'position 2', 'wait 50', 'position 2', 'append to 2']);
  });

  test('of the first put of an empty log', () => {
    const put = ['put 0 (data) over nothing', 'put hint 0'];
    expect(told(append(new OneLog(shape), {}, { disturb: at(2, 'throttled') }))).toEqual([
      'accepted 0, opened',
      'hint',
      'positions 0–7',
      ...put,
      'wait 50',
      ...put,
    ]);
  });

  test('is not made again if time runs out while one waits', () => {
    for (const commands of [5, 6]) {
      const of = logOf(commands);
      const course: Course = { disturb: at(0, 'throttled'), expiredFrom: 1 };
      const { told: what, asked } = append(of, { sight: sightOf(of) }, course);
      expect([what, asked.at(-1)]).toEqual(['not-committed', 'wait 50']);
    }
  });

  test('is no reason to go on when time is up: nothing was committed', () => {
    const of = logOf(5);
    const sight = sightOf(of);
    for (const more of [{ sight }, {}, { sight, stale: true }]) {
      const { told: what, asked } = append(of, more, {
        disturb: at(0, 'throttled'),
        expiredFrom: 0,
      });
      expect([what, asked.length]).toEqual(['not-committed', 1]);
    }
  });

  test('a search whose time is up before anything was sent ends so too', () => {
    expect(told(append(logOf(5), {}, { expiredFrom: 0 }))).toEqual([
      'not-committed',
      'hint',
      'positions 2–7',
    ]);
    expect(told(append(new OneLog(shape), {}, { expiredFrom: 0 }))).toEqual([
      'not-committed',
      'hint',
      'positions 0–7',
    ]);
  });
});
