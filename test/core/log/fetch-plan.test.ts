import { expect, test } from 'vitest';
import { planFetch } from '../../../lib/core/log/fetch-plan.ts';
import { genesis } from '../../../lib/core/log/head.ts';
import type { Head } from '../../../lib/core/log/head.ts';
import { offset } from '../../../lib/std/brands.ts';

const at = (seq: number, of: number) => ({ seq, offset: offset(BigInt(of)) });

/** Start 2, sealed 4, spilled 6, end 8. */
const head: Head = {
  ...genesis,
  start: offset(2n),
  sealed: at(1, 4),
  spilled: at(2, 6),
  end: at(3, 8),
};

test('the bounds of the head say where an offset lies, each bound belonging to what follows it', () => {
  const levels = Array.from({ length: 10 }, (_, i) => planFetch(head, offset(BigInt(i))).level);
  const names =
    'out-of-range out-of-range segments segments groups groups ring ring end out-of-range';
  expect(levels.join(' ')).toBe(names);
});

test('without a head the log is empty', () => {
  expect(planFetch(undefined, offset(0n))).toEqual({ level: 'end', head: genesis });
  expect(planFetch(undefined, offset(1n)).level).toBe('out-of-range');
});
