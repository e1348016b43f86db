import { expect, test } from 'vitest';
import { Entry } from '../../../lib/client/producer/entry.ts';
import { Lane } from '../../../lib/client/producer/lane.ts';
import { Seeded } from '../../engine/seeded.ts';

const entry = (number: number, bytes = 10): Entry =>
  new Entry({
    number,
    topic: 't',
    partition: 0,
    record: { key: null, value: null, headers: [], timestamp: 0n },
    bytes,
    sentAt: number,
  });

const lane = (batchBytes = 100): Lane => new Lane('t', 0, batchBytes, new Seeded(1));

const numbers = (entries: readonly Entry[]): number[] => entries.map(({ number }) => number);

test('sequences go from 2^31−1 on to 0', () => {
  const wrapping = lane();
  wrapping.sequence = 2 ** 31 - 3;
  wrapping.appended(2);
  expect(wrapping.sequence).toBe(2 ** 31 - 1);
  wrapping.appended(2);
  expect(wrapping.sequence).toBe(1);
});

test('producer ids have 63 bits', () => {
  const ids = Array.from(
    { length: 2_000 },
    (_, i) => new Lane('t', 0, 1, new Seeded(i)).producerId,
  );
  expect(new Set(ids).size).toBe(ids.length);
  const all = ids.reduce((bits, id) => bits | id, 0n);
  expect(all).toBe(2n ** 63n - 1n);
});

test('a cut takes what fits, one at the least, in order', () => {
  const cutting = lane(25);
  for (const [number, bytes] of [10, 10, 10, 30, 10].entries()) cutting.add(entry(number, bytes));
  expect(cutting.isFull).toBe(true);
  const cuts = [];
  while (!cutting.isEmpty) cuts.push(numbers(cutting.cut()));
  expect(cuts).toEqual([[0, 1], [2], [3], [4]]);
  expect(cutting.isFull).toBe(false);
});

test('halves go before the queue, and may be taken back', () => {
  const splitting = lane();
  const entries = [0, 1, 2, 3, 4].map((number) => entry(number));
  for (const one of entries) splitting.add(one);
  splitting.add(entry(9));
  const cut = splitting.cut();
  expect(numbers(cut)).toEqual([0, 1, 2, 3, 4, 9]);
  splitting.add(entry(10));
  splitting.split(cut);
  expect(splitting.isFull).toBe(true);
  for (const taken of [entries[1], entries[3], entries[4], cut[5]]) {
    expect(taken?.stage).toBe('queued');
    if (taken !== undefined) splitting.remove(taken);
  }
  expect([splitting.cut(), splitting.cut()].map(numbers)).toEqual([[0, 2], [10]]);
  expect(splitting.isEmpty).toBe(true);
});
