import { expect, test } from 'vitest';
import { systemClock } from '../../lib/adapters/system/clock.ts';
import { createIds, systemRandom } from '../../lib/adapters/system/ids.ts';
import { range } from './items.ts';

test('names have their shapes and do not repeat', () => {
  const ids = createIds();
  expect(ids.processPrefix).toMatch(/^[0-9a-f]{6}$/u);
  const names = range(1_000).flatMap(() => [ids.command(), ids.topic(), ids.object()]);
  expect(new Set(names).size).toBe(3_000);
  expect(ids.command()).toMatch(new RegExp(`^${ids.processPrefix}[0-9a-f]{10}$`, 'u'));
  expect(ids.topic()).toMatch(/^[\w-]{22}$/u);
  expect(ids.object()).toMatch(/^[0-9a-f]{16}$/u);
});

test('random numbers lie in [0, 1)', () => {
  const drawn = range(1_000).map(() => systemRandom.next());
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
});

test('a sleep ends by its signal without rejecting, before it or during it', async () => {
  const clock = systemClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(1_000_000, controller.signal);
  controller.abort();
  expect(await sleeping).toBeUndefined();
  expect(await clock.sleep(1_000_000, controller.signal)).toBeUndefined();
  const before = clock.monotonic();
  expect(await clock.sleep(0)).toBeUndefined();
  expect(clock.monotonic()).toBeGreaterThanOrEqual(before);
});
