import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Line } from '../../../lib/client/producer/line.ts';

test('is a list from which anybody may leave', () => {
  const steps = fc.array(
    fc.record({
      add: fc.nat(3_000),
      leave: fc.nat(3_000),
      from: fc.double({ min: 0, max: 0.99, noNaN: true }),
    }),
    { maxLength: 8 },
  );
  const run = fc.property(steps, (all) => {
    const line = new Line<number>();
    let expected: number[] = [];
    let next = 0;
    for (const { add, leave, from } of all) {
      for (let i = 0; i < add; i += 1) {
        expected.push(next);
        line.add(next);
        next += 1;
      }
      expect(line.first).toBe(expected[0]);
      const start = Math.floor(from * expected.length);
      for (const one of expected.slice(start, start + leave)) expect(line.delete(one)).toBe(true);
      expected = [...expected.slice(0, start), ...expected.slice(start + leave)];
      expect(line.delete(-1)).toBe(false);
      expect(line.first).toBe(expected[0]);
      expect(line.size).toBe(expected.length);
    }
    for (const one of expected) {
      expect(line.first).toBe(one);
      line.delete(one);
    }
    expect(line.first).toBeUndefined();
  });
  fc.assert(run, { numRuns: 30 });
});
