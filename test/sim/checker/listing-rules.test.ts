import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { tale } from './tale.ts';
import type { Tale } from './tale.ts';

const silent = (title: string, of: Tale): void =>
  test(`silent: ${title}`, () => expect(check(of.told())).toEqual([]));

/** Timestamps 50, 70, 60, 70, 90, committed at 2, 4, 6, 8, 10. */
const five = (): Tale =>
  ['a+50', 'b+70', 'c+60', 'd+70', 'e+90'].reduce(
    (of, value, i) => of.unknown(value.slice(0, 1), 1).put(value, 2 * i + 2),
    tale(),
  );

describe('wrong listing', () => {
  test.each([
    [
      'a later record of the timestamp',
      five().listed([11, 12], 70n, 3, 70),
      '70 of T/0 is 3 (70), expected 1 (70)',
    ],
    [
      'a record of a higher timestamp that lies before',
      five().listed([11, 12], 60n, 2, 60),
      '60 of T/0 is 2 (60), expected 1 (70)',
    ],
    [
      'none, although there is one',
      five().listed([11, 12], 60n, -1),
      '60 of T/0 is -1 (-1), expected 1 (70)',
    ],
    [
      'one, although none is so late',
      five().listed([11, 12], 91n, 4, 90),
      '91 of T/0 is 4 (90), expected -1 (-1)',
    ],
    [
      'one that came only later',
      five().listed([7, 9], 80n, 4, 90),
      '80 of T/0 is 4 (90), expected -1 (-1)',
    ],
    [
      'another timestamp than is stored',
      five().listed([11, 12], 60n, 1, 60),
      '60 of T/0 is 1 (60), expected 1 (70)',
    ],
    [
      'the later of two highest',
      five().listed([9, 9.5], 'max-timestamp', 3, 70),
      'max-timestamp of T/0 is 3 (70), expected 1 (70)',
    ],
    [
      'a highest that was one before',
      five().listed([11, 12], 'max-timestamp', 1, 70),
      'max-timestamp of T/0 is 1 (70), expected 4 (90)',
    ],
    [
      'no highest, although there was one',
      five().listed([3, 5], 'max-timestamp', -1),
      'max-timestamp of T/0 is -1 (-1), expected 0 (50) or 1 (70)',
    ],
    [
      'an earliest that is not the start',
      five().listed([11, 12], 'earliest', 1),
      'earliest of T/0 is 1 (-1), expected 0 (-1)',
    ],
    [
      'a latest that was not reached yet',
      five().listed([7, 7.5], 'latest', 4),
      'latest of T/0 is 4 (-1), expected at most 3 (-1)',
    ],
  ])('%s', (_what, of, detail) => {
    expect(check(of.told())).toEqual([{ rule: 'wrong listing', detail: `l: ${detail}` }]);
  });

  silent(
    'the first at or after it',
    five().listed([11, 12], 51n, 1, 70).listed([11, 12], 0n, 0, 50),
  );
  silent(
    'committed during the call: seen or not',
    five().listed([9, 11], 80n, 4, 90).listed([9, 11], 80n, -1),
  );
  silent(
    'the highest of any state during the call',
    five()
      .listed([3, 11], 'max-timestamp', 0, 50)
      .listed([3, 11], 'max-timestamp', 1, 70)
      .listed([3, 11], 'max-timestamp', 4, 90),
  );
  silent('the highest of what was perhaps still empty', five().listed([1, 3], 'max-timestamp', -1));
  silent(
    'of an empty log',
    tale().listed([1, 2], 5n, -1).listed([1, 2], 'max-timestamp', -1).listed([1, 2], 'earliest', 0),
  );
  silent(
    'earliest and latest',
    five().listed([11, 12], 'earliest', 0).listed([11, 12], 'latest', 5),
  );
  test('silent: of a log that cannot be known', () => {
    const { listings, ...rest } = five().listed([11, 12], 70n, 3, 70).told();
    const unknown = listings.map((listing) => ({ ...listing, log: undefined }));
    expect(check({ ...rest, listings: unknown })).toEqual([]);
  });
});
