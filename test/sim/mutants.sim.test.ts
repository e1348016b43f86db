import { afterAll, describe, expect, test } from 'vitest';
import { subjects } from './explorer/systems.ts';
import { logMutants, simMutants } from './mutants.ts';
import { exploreMutant, simulateMutant } from './run-mutant.ts';

/** Mutant, who found it, what that took, and the rule that fired. */
const found: string[] = [];
const note = (...columns: readonly [string, string, string, string]): void => {
  found.push(columns.map((column, i) => column.padEnd([41, 12, 11][i] ?? 0)).join(' '));
};

afterAll(() => console.log(found.toSorted().join('\n')));

describe.concurrent('a protection that is removed is missed', { timeout: 240_000 }, () => {
  test.each(logMutants)('$name: $about', async (mutant) => {
    expect(subjects.map(({ name }) => name)).toContain(mutant.scenario);
    const { rule, steps = 0 } = await exploreMutant(mutant);
    expect(rule).toBeTypeOf('string');
    expect(steps).toBeGreaterThan(0);
    note(mutant.name, `explorer ${mutant.scenario}`, `steps=${steps}`, String(rule));
  });

  test.each(simMutants)('$name: $about', async (mutant) => {
    const { rule, seed = 0 } = await simulateMutant(mutant);
    expect(rule).toBeTypeOf('string');
    expect(seed).toBeGreaterThan(0);
    note(mutant.name, `world ${mutant.world}`, `seeds=${seed}`, String(rule));
  });
});

test('each mutant has a name of its own', () => {
  const all = [...logMutants, ...simMutants];
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});
