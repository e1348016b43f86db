import { expect, test } from 'vitest';
import { Seeded } from '../../engine/seeded.ts';
import { check } from '../checker/check.ts';
import { groupMutations } from '../checker/group-mutations.ts';
import { simulate } from './simulate.ts';

/** Histories of the world in which nothing is wrong. */
const histories = await Promise.all(
  Array.from({ length: 30 }, async (_, i) => (await simulate('groups', 10_000 + i)).history),
);

test('nothing is wrong before', () => {
  expect(histories.flatMap((history) => check(history))).toEqual([]);
});

test.each(groupMutations)('one thing made wrong in a valid history: %s', (_what, rules, mutate) => {
  const random = new Seeded(7);
  let done = 0;
  for (const history of histories) {
    const wrong = mutate(history, random);
    if (wrong === undefined) continue;
    done += 1;
    const found = check(wrong).map(({ rule }) => rule);
    const text = `${rules.join()} in ${found.join()}`;
    expect(
      rules.some((rule) => found.includes(rule)),
      text,
    ).toBe(true);
  }
  expect(done).toBeGreaterThan(0);
});
