import { describe, expect, test } from 'vitest';
import { summaryText, traceText } from './print.ts';
import { subjects } from './systems.ts';

describe('every interleaving keeps the promises of the log', () => {
  test.each(subjects)('$name: $about', { timeout: 240_000 }, (subject) => {
    const explored = subject.explore();
    const { violation, cut, states } = explored;
    console.info(summaryText(subject, explored));
    expect(violation === undefined ? '' : traceText(violation)).toBe('');
    // What was cut short proves nothing; every scenario here is visited whole.
    expect(cut).toBe(false);
    expect(states).toBeGreaterThan(100);
  });
});
