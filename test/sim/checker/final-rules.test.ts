import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { tale } from './tale.ts';
import type { Tale } from './tale.ts';

const silent = (title: string, of: Tale): void =>
  test(`silent: ${title}`, () => expect(check(of.told())).toEqual([]));

/** `a` at 0 acknowledged, `b` at 1 unknown; committed at 2 and 5. */
const two = (): Tale => tale().ok('a', [1, 3], 0).put('a', 2).unknown('b', 4).put('b', 5);

describe('unseen', () => {
  test('one of two readers does not see what was acknowledged', () => {
    const of = two().final(['a', 'b']).final([], 'T/0', 0, 'g').told();
    expect(check(of)).toEqual([{ rule: 'unseen', detail: 'a at T/0@0 by g, who saw undefined' }]);
  });

  test('nobody acknowledged it, but somebody read it', () => {
    const of = two().read([6, 7], 0, ['a', 'b']).final(['a']).told();
    const detail = 'b at T/0@1 by f, who saw undefined';
    expect(check(of)).toEqual([{ rule: 'unseen', detail }]);
  });

  test('a log that holds what was acknowledged is not there any more', () => {
    const of = two().final([], 'T/1').told();
    const detail = 'T/0, known by a, by anybody';
    expect(check(of)).toEqual([{ rule: 'unseen', detail }]);
  });

  test('a deletion that nobody asked for excuses nothing', () => {
    const rules = ['unseen', 'deletion of another'];
    const of = two().marked('T', 6).final([], 'U/0').told();
    expect(check(of).map(({ rule }) => rule)).toEqual(rules);
    const later = two().marked('T', 6).deletion([7, 9]).final([], 'U/0').told();
    expect(check(later).map(({ rule }) => rule)).toEqual(rules);
    const other = two().marked('T', 6).deletion([4, 9], { topic: 'u' }).final([], 'U/0').told();
    expect(check(other).map(({ rule }) => rule)).toEqual(rules);
  });

  silent('nobody heard of it, and it landed after all was read', two().final(['a']));
  silent(
    'nobody heard of it, and it landed between two readers',
    two().final(['a']).final(['a', 'b'], 'T/0', 2, 'g'),
  );
  silent(
    'the topic was deleted, as far as is known',
    two().deletion([5, Infinity], { outcome: 'unknown' }).marked('T', 6).final([], 'U/0'),
  );
  silent(
    'a log in which nothing was acknowledged is not read',
    tale().unknown('b', 1).put('b', 2).final([], 'T/1'),
  );
  silent(
    'acknowledged in a topic deleted since, and landed late in the next one',
    tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .deletion([4, 6])
      .marked('T', 5)
      .unknown('a', 7)
      .put('a', 900, 'U/0')
      .final([], 'U/0'),
  );
  silent('nothing was read at the end', two());
});
