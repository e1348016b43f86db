import { expect, test } from 'vitest';
import { durationMs } from '../../lib/cli/arguments.ts';
import { lookUp, position } from '../../lib/cli/position.ts';

const clock = { now: () => 10_000_000 };

test.each([
  ['beginning', 'beginning'],
  ['earliest', 'beginning'],
  ['end', 'end'],
  ['latest', 'end'],
  ['0', { offset: 0n }],
  ['9223372036854775807', { offset: 2n ** 63n - 1n }],
  ['-5', { last: 5 }],
  ['-0', { last: 0 }],
  ['-1s', { timestamp: 9_999_000n }],
  ['-2h', { timestamp: 2_800_000n }],
  ['-500ms', { timestamp: 9_999_500n }],
  ['-100d', { timestamp: 0n }],
  ['s@1700000000000', { timestamp: 1_700_000_000_000n }],
  ['1970-01-01T00:00:01Z', { timestamp: 1_000n }],
  ['1970-01-01T01:00:01.5+01:00', { timestamp: 1_500n }],
  ['1970-01-02', { timestamp: 86_400_000n }],
])('the position %s', (text, expected) => {
  expect(position(clock)(text)).toEqual(expected);
});

test.each([
  '',
  'begin',
  '1.5',
  '1e3',
  '+5',
  '--5',
  '-1x',
  '1h',
  '9223372036854775808',
  's@',
  's@x',
])('no position: %s', (text) => {
  expect(() => position(clock)(text)).toThrow('expected beginning, end, an offset');
});

test.each(['1969-12-31T23:59:59Z', '2026-02-30', '2026-11-20T10:00:00', '2026-11-20T25:00:00Z'])(
  'no time: %s',
  (text) => {
    expect(() => position(clock)(text)).toThrow('expected beginning');
    expect(() => lookUp(clock)(text)).toThrow('expected beginning');
  },
);

test.each([
  ['max-timestamp', 'max-timestamp'],
  ['latest', 'end'],
  ['-1s', 9_999_000n],
  ['1970-01-02', 86_400_000n],
])('looked up: %s', (text, expected) => {
  expect(lookUp(clock)(text)).toBe(expected);
});

test('an offset is nothing to look up', () => {
  expect(() => lookUp(clock)('5')).toThrow('expected beginning, end, max-timestamp');
});

test.each([
  ['7d', 604_800_000],
  ['0s', 0],
  ['s', undefined],
  ['1', undefined],
  ['1 s', undefined],
  ['-1s', undefined],
  ['9999999999d', undefined],
])('the duration %s', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});
