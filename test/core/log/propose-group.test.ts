import { describe, expect, test } from 'vitest';
import { proposeGroup } from '../../../lib/core/log/propose-group.ts';
import { opening } from '../../../lib/core/log/slot.ts';
import { log } from '../../sim/explorer/commands.ts';
import { config, data, newId, run } from './build.ts';
import { OneLog } from './one-log.ts';
import type { Course } from './one-log.ts';

const shape = config({ ringSlots: 4, spillSlots: 3, sharedBytes: 9, soleStreak: 1_000 });

/** One command per slot, four to the ring, three to a group; slots 0 … `newest` were opened. */
function ringOf(newest: number): OneLog {
  const of = new OneLog(shape);
  of.fill(newest + 1);
  return of;
}

/** Proposes the next group of the head with which the slot after the newest would open. */
function propose(of: OneLog, course?: Course, from = of.newest) {
  const head = opening(from, shape).snapshot;
  return of.run(proposeGroup, { log, config: shape, head }, course);
}

const plain = ['names from 0', 'positions 0–2', 'put object 0/o1', 'put group 0–3'];

test('reads the slots, puts the object, then the proposal; the command publishes exactly that', () => {
  const of = ringOf(2);
  const { result, asked } = propose(of);
  expect(asked).toEqual(plain);
  expect(result).toEqual({
    kind: 'proposed',
    command: {
      kind: 'spill',
      id: 'spill1',
      from: { seq: 0, offset: 0n },
      to: { seq: 3, offset: 3n },
      epoch: 0,
    },
  });
  expect(of.world.groups).toMatchObject([{ object: '0/o1', from: { seq: 0 }, to: { seq: 3 } }]);
  expect(of.world.objects.get('0/o1')?.bytes.toString()).toBe('datadatadata');
});

test('a group that goes round the end of the ring is read in two queries', () => {
  const of = ringOf(5);
  expect(propose(of)).toMatchObject({
    result: { kind: 'proposed', command: { from: { seq: 3 }, to: { seq: 6 } } },
    asked: ['names from 0', 'positions 3–3', 'positions 0–1', 'put object 0/o2', 'put group 3–6'],
  });
});

test('where nothing was inline there is no object', () => {
  const of = new OneLog(shape);
  const place = { kind: 'object', key: '0/large', from: 0, length: 9 } as const;
  let sight;
  for (let i = 0; i < 3; i += 1) {
    const command = data([{ ...run(), place }], { id: newId(), epoch: 0 });
    const { result } = of.append(command, sight === undefined ? {} : { sight });
    ({ sight } = result);
  }
  expect(propose(of).asked).toEqual(['names from 0', 'positions 0–2', 'put group 0–3']);
  expect(of.world.groups).toMatchObject([{ object: '' }]);
});

describe('a proposal that stands', () => {
  test('is published as it is, with its own epoch', () => {
    const of = ringOf(2);
    propose(of);
    const second = propose(of);
    expect(second.asked).toEqual([
      'names from 0',
      'positions 0–2',
      'put object 0/o2',
      'put group 0–3',
    ]);
    expect(second.result).toMatchObject({ command: { id: 'spill2', epoch: 0 } });
    expect(of.world.groups).toMatchObject([{ object: '0/o1' }]);
  });

  test('keeps the epoch of its object, whatever the stage is now', () => {
    const of = ringOf(2);
    of.world = { ...of.world, stage: 1 };
    propose(of);
    of.world = { ...of.world, stage: 3 };
    expect(propose(of).result).toMatchObject({ kind: 'proposed', command: { epoch: 1 } });
  });

  test('and is below the floor is replaced, under the epoch that is current', () => {
    const of = ringOf(2);
    propose(of);
    const raised = opening(of.newest, shape).snapshot;
    const head = { ...raised, floor: 2 };
    const { result, asked } = of.run(proposeGroup, { log, config: shape, head });
    expect(asked[0]).toBe('names from 2');
    expect(result).toMatchObject({ kind: 'proposed', command: { epoch: 2 } });
    expect(of.world.groups).toMatchObject([{ object: '2/o2', epoch: 2 }]);
  });
});

describe('is gone', () => {
  test('once a slot of it is overwritten', () => {
    const of = ringOf(2);
    const before = of.newest;
    of.fill(4);
    expect(propose(of, {}, before)).toMatchObject({
      result: { kind: 'gone' },
      asked: ['names from 0', 'positions 0–2'],
    });
  });

  test('once slots are stubs', () => {
    const of = ringOf(2);
    of.purge();
    expect(propose(of).result).toEqual({ kind: 'gone' });
  });

  test('where a slot is read before it was full', () => {
    const of = ringOf(2);
    const ring = of.world.ring.map((slot) =>
      slot !== undefined && slot !== 'stub' && slot.seq === 1 ? { ...slot, limit: 10 } : slot,
    );
    of.world = { ...of.world, ring };
    expect(propose(of).result).toEqual({ kind: 'gone' });
  });
});

describe('what is refused is asked for again after a wait', () => {
  test.each([
    ['names', ['names from 0', 'wait 50', 'names from 0', ...plain.slice(1)]],
    ['positions', ['names from 0', 'positions 0–2', 'wait 50', ...plain.slice(1)]],
    ['put object', [...plain.slice(0, 3), 'wait 50', ...plain.slice(1)]],
    ['put group', [...plain, 'wait 50', ...plain.slice(1)]],
  ])('%s', (what, asks) => {
    for (const how of ['throttled', 'unavailable'] as const) {
      let times = 0;
      const disturb: Course['disturb'] = (asked) => {
        if (!asked.startsWith(what) || times > 0) return undefined;
        times += 1;
        return how;
      };
      const { result, asked } = propose(ringOf(2), { disturb });
      expect(result.kind).toBe('proposed');
      expect(asked).toEqual(asks);
    }
  });
});

describe('a put whose answer is lost', () => {
  test.each(['answer lost', 'lost'] as const)('%s: is sent again, without a wait', (how) => {
    for (const [what, at] of [
      ['put object', 2],
      ['put group', 3],
    ] as const) {
      const of = ringOf(2);
      const disturb: Course['disturb'] = (_, n) => (n === at ? how : undefined);
      const { result, asked } = propose(of, { disturb });
      expect(asked.filter((text) => text.startsWith(what))).toHaveLength(2);
      expect(asked).toHaveLength(5);
      expect(result).toMatchObject({ kind: 'proposed', command: { epoch: 0 } });
      expect(of.world.objects.size).toBe(1);
    }
  });
});

describe('when time is up', () => {
  test('nothing is tried again', () => {
    for (const [at, how] of [
      [0, 'throttled'],
      [1, 'unavailable'],
      [2, 'throttled'],
      [2, 'lost'],
      [3, 'lost'],
    ] as const) {
      const disturb: Course['disturb'] = (_, n) => (n === at ? how : undefined);
      const { result, asked } = propose(ringOf(2), { disturb, expiredFrom: 0 });
      expect(result).toEqual({ kind: 'expired' });
      expect(asked).toHaveLength(at + 1);
    }
  });

  test('nor where one of two queries was refused', () => {
    for (const at of [1, 2]) {
      const disturb: Course['disturb'] = (_, n) => (n === at ? 'throttled' : undefined);
      expect(propose(ringOf(5), { disturb, expiredFrom: 0 }).result).toEqual({ kind: 'expired' });
    }
  });

  test('what succeeds goes on: the room is needed all the same', () => {
    expect(propose(ringOf(2), { expiredFrom: 0 }).result.kind).toBe('proposed');
  });
});
