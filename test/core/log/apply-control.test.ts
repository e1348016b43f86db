import { describe, expect, test } from 'vitest';
import { genesis } from '../../../lib/core/log/head.ts';
import type { Head, Position } from '../../../lib/core/log/head.ts';
import type { ControlCommand } from '../../../lib/core/log/command.ts';
import { leaderEpoch, offset } from '../../../lib/std/brands.ts';
import { InvariantError } from '../../../lib/std/assert.ts';
import { applyAll, newId } from './build.ts';

const at = (seq: number, of: number): Position => ({ seq, offset: offset(BigInt(of)) });

/** Slots 0 and 1 are one complete group of ten offsets, slot 2 another; slot 3 is open. */
const head: Head = { ...genesis, end: at(3, 20), groups: [at(2, 10), at(3, 15)], floor: 2 };
const spilled: Head = { ...head, spilled: at(3, 15), groups: [] };

type Shape<Kind> = Omit<Extract<ControlCommand, { kind: Kind }>, 'kind' | 'id'>;
const spill = (shape: Shape<'spill'>) => ({ kind: 'spill', id: newId(), ...shape }) as const;
const seal = (shape: Shape<'seal'>) => ({ kind: 'seal', id: newId(), ...shape }) as const;
const start = (of: number) => ({ kind: 'start', id: newId(), offset: offset(BigInt(of)) }) as const;

describe('spill', () => {
  test('publishes the next group, and the one after it', () => {
    const first = spill({ from: at(0, 0), to: at(2, 10), epoch: 2 });
    const second = spill({ from: at(2, 10), to: at(3, 15), epoch: 3 });
    const applied = applyAll(head, [first, second]);
    expect(applied.told).toEqual(['done', 'done']);
    expect([applied.head.spilled, applied.head.groups]).toEqual([at(3, 15), []]);
  });

  test.each([
    ['one that is published', at(0, 0), at(0, 0)],
    ['one that is not complete', at(0, 0), at(1, 5)],
    ['two at once', at(0, 0), at(3, 15)],
    ['the one after the next', at(2, 10), at(3, 15)],
    ['one with another beginning', at(0, 1), at(2, 10)],
    ['one with another end', at(0, 0), at(2, 11)],
  ])('refuses %s', (_, from, to) => {
    expect(applyAll(head, [spill({ from, to, epoch: 2 })])).toEqual({
      head,
      told: ['refused not-next'],
    });
  });

  test('refuses all where no group is complete', () => {
    const early = spill({ from: at(3, 15), to: at(3, 20), epoch: 2 });
    expect(applyAll(spilled, [early])).toEqual({ head: spilled, told: ['refused not-next'] });
  });

  test('refuses a proposal below the floor', () => {
    const late = spill({ from: at(0, 0), to: at(2, 10), epoch: 1 });
    expect(applyAll(head, [late])).toEqual({ head, told: ['refused floor'] });
  });
});

describe('seal', () => {
  test('moves from where segments end up to what is spilled at most', () => {
    const whole = seal({ from: at(0, 0), to: at(3, 15), epoch: 2 });
    expect(applyAll(spilled, [whole]).head.sealed).toEqual(at(3, 15));
    expect(applyAll(head, [whole])).toEqual({ head, told: ['refused not-next'] });
  });

  test.each([
    ['from elsewhere', at(2, 10), at(3, 15)],
    ['nothing', at(0, 0), at(0, 0)],
    ['beyond what is spilled', at(0, 0), at(4, 20)],
    ['a slot beyond what is spilled', at(0, 0), at(4, 15)],
    ['an offset beyond what is spilled', at(0, 0), at(3, 16)],
  ])('refuses %s', (_, from, to) => {
    expect(applyAll(spilled, [seal({ from, to, epoch: 2 })]).told).toEqual(['refused not-next']);
  });

  test('without a segment forgets only what lies below start', () => {
    const bare = seal({ from: at(0, 0), to: at(2, 10) });
    expect(applyAll(spilled, [bare]).told).toEqual(['refused offset-out-of-range']);
    expect(applyAll(spilled, [start(10), bare]).told).toEqual(['done', 'done']);
  });

  test('refuses a segment below the floor', () => {
    const late = seal({ from: at(0, 0), to: at(2, 10), epoch: 1 });
    expect(applyAll(spilled, [late]).told).toEqual(['refused floor']);
  });
});

describe('bounds that only rise', () => {
  test('start, up to the high watermark', () => {
    const applied = applyAll(head, [start(12), start(7), start(20), start(21)]);
    expect(applied.told).toEqual(['done', 'done', 'done', 'refused offset-out-of-range']);
    expect(applied.head.start).toBe(20n);
  });

  test('floor', () => {
    const floors = [1, 5, 4].map((epoch) => ({ kind: 'floor', id: newId(), epoch }) as const);
    const applied = applyAll(head, floors);
    expect([applied.told, applied.head.floor]).toEqual([['done', 'done', 'done'], 5]);
  });

  test('leader epoch', () => {
    const raises = [3, 1].map(
      (epoch) => ({ kind: 'raise', id: newId(), leaderEpoch: leaderEpoch(epoch) }) as const,
    );
    const applied = applyAll(head, raises);
    expect([applied.told, applied.head.leaderEpoch]).toEqual([['done', 'done'], 3]);
  });
});

test('a close is for ever: only another close passes', () => {
  const close = { kind: 'close', id: newId() } as const;
  const applied = applyAll(head, [close, start(3), { ...close, id: newId() }]);
  expect(applied.told).toEqual(['done', 'refused closed', 'done']);
  expect(applied.head).toEqual({ ...head, closed: true });
});

test('a head whose bounds are out of order is a bug, and is not built upon', () => {
  const broken: Head = { ...head, spilled: at(4, 21) };
  expect(() => applyAll(broken, [start(3)])).toThrow(InvariantError);
});
