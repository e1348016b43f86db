import { describe, expect, test } from 'vitest';
import { subjects } from '../sim/explorer/systems.ts';
import { traceText } from '../sim/explorer/print.ts';

/** The explorer's scenarios that take less than a second: the ring, walks, producers, sweeps, reads. */
const quick = ['B1', 'B3', 'C2', 'D2', 'D3', 'E1', 'E2', 'F1', 'F2', 'F4', 'G1', 'G2'];

describe('the explorer misses what a mutant takes away', () => {
  test.each(subjects.filter(({ name }) => quick.includes(name)))('$name', (subject) => {
    const { violation, cut } = subject.explore();
    expect(violation === undefined ? '' : traceText(violation)).toBe('');
    expect(cut).toBe(false);
  });
});
