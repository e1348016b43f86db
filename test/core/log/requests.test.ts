import { expect, test } from 'vitest';
import { backOff, pause } from '../../../lib/core/log/requests.ts';

test('pauses after refusals double, up to 1.6 s', () => {
  const ms = [1, 2, 3, 4, 5, 6, 7, 100].map((refusals) => backOff(refusals).ms);
  expect(ms).toEqual([50, 100, 200, 400, 800, 1_600, 1_600, 1_600]);
  expect(backOff(1)).toEqual(pause);
});
