import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Seeded } from '../../engine/seeded.ts';
import { check } from './check.ts';
import { blackBox, partitionOf, topicOf } from './history.ts';
import type { History } from './history.ts';
import { Model } from './model.ts';
import { renamed } from './mutate.ts';
import { readMutations } from './read-mutations.ts';
import { writeMutations } from './write-mutations.ts';

/** The same, without what only the world can see. */
function outside({ sends, polls, listings, finals }: History): History {
  return blackBox({
    sends,
    polls,
    listings: listings.map((each) => ({ ...each, partition: partitionOf(each.log ?? '') })),
    finals: finals.map(({ log, ...final }) => {
      return { ...final, topic: topicOf(log), partition: partitionOf(log) };
    }),
  });
}

const seeds = fc.integer();
const operations = fc.nat(120);

test('a history in which nothing is wrong is silent', () => {
  fc.assert(
    fc.property(seeds, operations, fc.boolean(), (seed, count, deletes) => {
      expect(check(new Model(seed, { deletes }).run(count))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('and so it is from outside', () => {
  fc.assert(
    fc.property(seeds, operations, (seed, count) => {
      expect(check(outside(new Model(seed, { deletes: false }).run(count)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const valid = Array.from({ length: 80 }, (_, seed) => {
  return new Model(seed, { deletes: seed % 2 === 0 }).run(80);
});

test('valid histories hold what makes it hard', () => {
  const count = (fits: (history: History) => boolean): number => valid.filter(fits).length;
  const later = count(({ sends, commits }) =>
    sends.some(({ outcome, value, invoked }) => {
      const place = commits.find((commit) => commit.value === value);
      const next = sends.find((send) => send.client === value.charAt(0) && send.invoked > invoked);
      return outcome === 'unknown' && place !== undefined && place.moment > (next?.invoked ?? 0);
    }),
  );
  const twice = count(({ sends, commits }) =>
    commits.some(
      ({ value }) =>
        sends.filter((send) => send.value === value && send.outcome === 'ok').length > 1,
    ),
  );
  const again = count(
    ({ commits }) => new Set(commits.map(({ value }) => value)).size < commits.length,
  );
  const between = count(({ finals, commits }) =>
    finals.some(
      ({ log, end }) => commits.filter((commit) => commit.log === log).length > Number(end),
    ),
  );
  const outOfRange = count(({ polls }) => polls.some(({ outcome }) => outcome === 'out-of-range'));
  const empty = count(({ polls }) =>
    polls.some(({ outcome, records }) => outcome === 'ok' && records.length === 0),
  );
  expect(Math.min(later, twice, again, between, outOfRange, empty)).toBeGreaterThan(9);
});

describe('one thing made wrong in a valid history', () => {
  test.each([...writeMutations, ...readMutations])('%s', (_what, rules, mutate) => {
    const random = new Seeded(7);
    let done = 0;
    for (const history of valid) {
      const wrong = mutate(history, random);
      if (wrong === undefined) continue;
      done += 1;
      const found = check(wrong).map(({ rule }) => rule);
      expect(
        rules.some((rule) => found.includes(rule)),
        `${rules.join()} in ${found.join()}`,
      ).toBe(true);
    }
    expect(done).toBeGreaterThan(9);
  });

  test('from outside: two acknowledged one after the other change places', () => {
    let done = 0;
    for (const history of valid) {
      const { sends, closings, commits } = history;
      if (closings.length > 0) continue;
      const once = sends.filter(
        ({ value, outcome }) =>
          outcome === 'ok' && sends.filter((send) => send.value === value).length === 1,
      );
      const logs = new Map(commits.map(({ value, log }) => [value, log]));
      const [a, b] =
        once.flatMap((first) => {
          const then = once.find(
            (each) =>
              each.invoked > first.completed && logs.get(each.value) === logs.get(first.value),
          );
          return then === undefined ? [] : [[first, then]];
        })[0] ?? [];
      if (a === undefined || b === undefined) continue;
      done += 1;
      const found = check(outside(renamed(history, a.value, b.value))).map(({ rule }) => rule);
      expect(found).toContain('non-monotonic send');
    }
    expect(done).toBeGreaterThan(9);
  });
});
