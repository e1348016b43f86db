import { expect, test } from 'vitest';
import { outcomeAt } from '../../lib/core/machine.ts';
import type { LogReply } from '../../lib/core/log/requests.ts';
import { done } from '../../lib/ports/outcome.ts';
import { InvariantError } from '../../lib/std/assert.ts';

test('a reply to another request, or none, is a bug and not an outcome', () => {
  const replies: readonly LogReply[] = [{ kind: 'get-hint', outcome: done(3) }];
  expect(outcomeAt(replies, 0, 'get-hint')).toEqual(done(3));
  expect(() => outcomeAt(replies, 0, 'get-slot')).toThrow(InvariantError);
  expect(() => outcomeAt(replies, 1, 'get-hint')).toThrow(InvariantError);
});
