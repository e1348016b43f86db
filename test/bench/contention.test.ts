import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../bench/contention/figures.ts';
import { observe } from '../../bench/contention/load.ts';
import type { Load } from '../../bench/contention/load.ts';
import { casWriter, engineWriter } from '../../bench/contention/writers.ts';

// Small runs of `npm run bench:contention`, all in virtual time: what docs/adr/0009-contention.md
// was decided for stays so.

async function measure(load: Partial<Load>, start = engineWriter, measureMs = 4_000) {
  const whole = { writers: 8, partitions: 1, valueBytes: 100, ...load };
  const run = { load: whole, seed: 1, start, warmUpMs: 1_000, measureMs };
  const observed = await observe(run);
  return { observed, figures: figuresOf(observed, run) };
}

test('the same run always makes the same calls', async () => {
  const [one, two] = [await measure({ perSecond: 50 }), await measure({ perSecond: 50 })];
  expect(one.observed.served.length).toBeGreaterThan(100);
  expect(two.observed).toEqual(one.observed);
});

test('who is alone tries once, at little more than a unit', async () => {
  const { figures, observed } = await measure({ writers: 1 });
  expect(observed.served.length).toBeGreaterThan(200);
  expect(figures.failed).toBe(0);
  expect(figures.attempts).toBeLessThan(1.25);
  expect(figures.writeUnits).toBeLessThan(2);
});

describe('300 commits a second of one partition', () => {
  test.each([8, 40])('by %i warm environments: at most 3.3 units, none fails', async (writers) => {
    const { figures } = await measure({ writers, perSecond: 300 });
    expect(figures.failed).toBe(0);
    expect(figures.commitsPerSecond).toBeGreaterThan(270);
    expect(figures.writeUnits).toBeLessThanOrEqual(3.3);
  });

  test('are dearer, if they come at all, by plain compare-and-set', async () => {
    const load = { writers: 40, perSecond: 300 };
    const { figures: ours } = await measure(load);
    const { figures: plain } = await measure(load, casWriter);
    expect(plain.writeUnits + plain.throttled).toBeGreaterThan(ours.writeUnits + ours.throttled);
    expect(plain.p99Ms).toBeGreaterThan(ours.p99Ms);
  });
});

test('beyond the capacity it throttles, and does not collapse', async () => {
  const { figures } = await measure(
    { writers: 40, perSecond: 450, valueBytes: 1_000 },
    engineWriter,
  );
  expect(figures.throttled).toBeGreaterThan(0);
  // 1,000 units a second, and about 8.5 for a commit that nobody shares.
  expect(figures.commitsPerSecond).toBeGreaterThan(60);
});
