import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime, parseIsoTime } from '../../lib/http/iso-time.ts';

test('writes and reads times as Date does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      const text = new Date(ms).toISOString();
      expect(isoTime(BigInt(ms))).toBe(text);
      expect(parseIsoTime(text)).toBe(BigInt(ms));
    }),
  );
});

test('writes years above 9999, up to the last time there is', () => {
  expect(isoTime(253_402_300_800_000n)).toBe('+10000-01-01T00:00:00.000Z');
  expect(isoTime(2n ** 63n - 1n)).toBe('+292278994-08-17T07:12:55.807Z');
});

test.each([
  ['2021-02-05T19:14:42Z', '2021-02-05T19:14:42.000Z'],
  ['2021-02-05T19:14Z', '2021-02-05T19:14:00.000Z'],
  ['2021-02-05T19:14:42.123456789Z', '2021-02-05T19:14:42.123Z'],
  ['2021-02-05T19:14:42.1+01:30', '2021-02-05T17:44:42.100Z'],
  ['2020-02-29T00:00:00-00:30', '2020-02-29T00:30:00.000Z'],
])('reads %s', (text, expected) => {
  expect(isoTime(parseIsoTime(text) ?? 0n)).toBe(expected);
});

test.each([
  '2021-02-29T00:00:00Z',
  '2021-13-01T00:00:00Z',
  '2021-00-01T00:00:00Z',
  '2021-01-01T24:00:00Z',
  '2021-01-01T00:60:00Z',
  '2021-01-01T00:00:00',
  '2021-01-01',
  'yesterday',
])('refuses %s', (text) => {
  expect(parseIsoTime(text)).toBeUndefined();
});
