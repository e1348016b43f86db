import type { Load } from './load.ts';

const second = 1_000;

/** A load with its name in the table. */
export interface Row {
  readonly name: string;
  readonly load: Load;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const closedLoops = [1, 4, 16, 64];
const rates: Readonly<Record<number, readonly number[]>> = {
  100: [5, 50, 150, 300, 450],
  1_000: [5, 50, 100, 150, 300],
};
const warm = [8, 40];

/** Fewer commits than this say little of the slowest in a hundred. */
const commitsMin = 1_000;

/** Every load of the table for batches with one record of so many bytes. */
export function rowsOf(valueBytes: number, seconds: number): readonly Row[] {
  const row = (name: string, load: Omit<Load, 'valueBytes'>, warmUpMs = 2 * second): Row => {
    const enough = ((load.perSecond ?? Infinity) ** -1 * commitsMin + seconds / 2) * second;
    const measureMs = Math.max(seconds * second, enough);
    return { name, load: { ...load, valueBytes }, warmUpMs, measureMs };
  };
  return [
    ...closedLoops.map((writers) => row(`${writers} in a loop`, { writers, partitions: 1 })),
    ...warm.flatMap((writers) =>
      (rates[valueBytes] ?? []).map((perSecond) =>
        row(`${writers} warm, ${perSecond}/s`, { writers, perSecond, partitions: 1 }),
      ),
    ),
    // Each process meets each partition once in 13 s: what it knew of it is old.
    row('40, 300/s on 100', { writers: 40, perSecond: 300, partitions: 100 }, 20 * second),
  ];
}
