import { expect, test } from 'vitest';
import { backOff, outcomeOf, pause } from '../../../lib/core/log/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { InvariantError } from '../../../lib/std/assert.ts';

test('a reply to another request, or none, is a bug and not an outcome', () => {
  const replies = [{ kind: 'get-hint', outcome: done(3) }] as const;
  expect(outcomeOf(replies, 0, 'get-hint')).toEqual(done(3));
  expect(() => outcomeOf(replies, 0, 'get-slot')).toThrow(InvariantError);
  expect(() => outcomeOf(replies, 1, 'get-hint')).toThrow(InvariantError);
});

test('pauses after refusals double, up to 1.6 s', () => {
  const ms = [1, 2, 3, 4, 5, 6, 7, 100].map((refusals) => backOff(refusals).ms);
  expect(ms).toEqual([50, 100, 200, 400, 800, 1_600, 1_600, 1_600]);
  expect(backOff(1)).toEqual(pause);
});
