import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern } from '../../../lib/core/group/pattern.ts';

function matches(pattern: string, name: string): boolean {
  const compiled = compilePattern(pattern);
  if (compiled.kind === 'malformed') throw new Error(`${compiled.message} pattern=${pattern}`);
  return compiled.matches(name);
}

/** Patterns that JavaScript understands in the same way. */
const patterns = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      '-',
      '\\.',
      '.',
      '\\d',
      '\\w',
      '\\S',
      '[ab]',
      '[^a]',
      '[a-c1-3]',
      '^',
      '$',
    ),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
  pattern: fc
    .array(
      fc.tuple(
        tie('atom'),
        fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?'),
      ),
      {
        maxLength: 4,
      },
    )
    .map((parts) =>
      parts.map(([atom, times]) => (/^[\^$]$/.test(atom) ? atom : atom + times)).join(''),
    )
    .chain((one) => fc.constantFrom(one, `${one}|b`, `|${one}`)),
})).pattern;

const names = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', '-', '_'), maxLength: 8 });

test('matches what a backtracking matcher does, the whole name', () => {
  fc.assert(
    fc.property(patterns, names, (pattern, name) => {
      expect(matches(pattern, name)).toBe(new RegExp(`^(?:${pattern})$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['orders\\..*', 'orders.v1', true],
  ['orders', 'orders.v1', false],
  ['(a|b)+-x', 'abba-x', true],
  ['[\\d_]{2,3}', '1_2', true],
  ['[\\]a-]', ']', true],
  ['a{2,1', 'a{2,1', true],
])('%s on %s: %s', (pattern, name, expected) => {
  expect(matches(pattern, name)).toBe(expected);
});

test.each([
  '(',
  ')',
  '[a',
  '[b-a]',
  '*',
  'a**',
  'a{2}{3}*+',
  '\\1',
  '\\b',
  '\\',
  '(?=a)',
  '(?i)a',
  '(?P<n>a)',
  'a{1001}',
  'a{3,2}',
  '(((a{1000}){1000}){1000}){1000}',
  'a'.repeat(1_025),
  '('.repeat(200) + ')'.repeat(200),
])('%s is refused', (pattern) => {
  expect(compilePattern(pattern).kind).toBe('malformed');
});

test('no pattern throws, or takes long', () => {
  const marks = fc.string({
    unit: fc.constantFrom(...Array.from('ab()[]{}*+?|^$\\.-,01')),
    maxLength: 30,
  });
  fc.assert(
    fc.property(marks, names, (pattern, name) => {
      const compiled = compilePattern(pattern);
      expect(() => compiled.kind === 'pattern' && compiled.matches(name)).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
  // Exponential for a matcher that tries one way after the other.
  expect(matches(`${'(a|a)*'.repeat(20)}b`, 'a'.repeat(249))).toBe(false);
});
