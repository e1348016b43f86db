import { expect, test } from 'vitest';
import { awsPrices, inlineBytesMax } from '../../../lib/core/log/placement.ts';
import { limits } from '../../../lib/std/limits.ts';

test('bytes travel inside the command while that costs less than a PUT', () => {
  // 8 write units of 1 KiB each, less what the command costs anyway.
  const prices = { objectPutUnits: 2, writeUnitBytes: 1_024, overheadBytes: 500 };
  expect(inlineBytesMax(prices)).toBe(1_548);
});

test('and never more than fit: on AWS 7,000 bytes', () => {
  expect(inlineBytesMax(awsPrices)).toBe(7_000);
  expect(inlineBytesMax({ ...awsPrices, objectPutUnits: 1_000 })).toBe(limits.inlineBytesMax);
});
