import { describe, expect, test } from 'vitest';
import { subjects } from './explorer/systems.ts';
import { logMutants } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

describe.concurrent('a protection that is removed is missed', () => {
  test.each(logMutants)('$name: $about', { timeout: 120_000 }, async (mutant) => {
    expect(subjects.map(({ name }) => name)).toContain(mutant.scenario);
    const { rule, steps } = await runMutant(mutant);
    expect(rule).toBeTypeOf('string');
    expect(steps).toBeGreaterThan(0);
  });
});

test('each mutant has a name of its own', () => {
  expect(new Set(logMutants.map(({ name }) => name)).size).toBe(logMutants.length);
});
