import { expect, test } from 'vitest';
import { outcomeOf } from '../../../lib/core/log/requests.ts';
import { done } from '../../../lib/ports/outcome.ts';
import { InvariantError } from '../../../lib/std/assert.ts';

test('a reply to another request, or none, is a bug and not an outcome', () => {
  const replies = [{ kind: 'get-hint', outcome: done(3) }] as const;
  expect(outcomeOf(replies, 0, 'get-hint')).toEqual(done(3));
  expect(() => outcomeOf(replies, 0, 'get-slot')).toThrow(InvariantError);
  expect(() => outcomeOf(replies, 1, 'get-hint')).toThrow(InvariantError);
});
