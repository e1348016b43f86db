import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';
import { summaryText, traceText } from './print.ts';
import { scenarios } from './scenarios.ts';

describe('every interleaving keeps the promises of the log', () => {
  test.each(scenarios)('$name: $about', { timeout: 120_000 }, (scenario) => {
    const explored = explore(scenario);
    console.info(summaryText(explored));
    if (explored.violation !== undefined) console.error(traceText(explored));
    expect(explored.violation?.rule).toBeUndefined();
    // What was cut short proves nothing; every scenario here is visited whole.
    expect(explored.cut).toBe(false);
    expect(explored.states).toBeGreaterThan(100);
  });
});
