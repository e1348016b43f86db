import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern } from '../../../lib/core/group/pattern.ts';

function matches(pattern: string, name: string): boolean {
  const compiled = compilePattern(pattern);
  if (compiled.kind === 'malformed') throw new Error(`${compiled.message} pattern=${pattern}`);
  return compiled.matches(name);
}

/** A pattern, and where in a name it may end if it begins at one of these places. */
interface Known {
  readonly text: string;
  readonly ends: (name: string, from: ReadonlySet<number>) => ReadonlySet<number>;
}

const one = (text: string, mark: RegExp): Known => ({
  text,
  ends: (name, from) =>
    new Set([...from].filter((at) => mark.test(name.charAt(at))).map((at) => at + 1)),
});
const place = (text: string, isIt: (at: number, length: number) => boolean): Known => ({
  text,
  ends: (name, from) => new Set([...from].filter((at) => isIt(at, name.length))),
});
const within = (text: string, { ends }: Known): Known => ({ text, ends });

function repeated(known: Known, times: string, min: number, max: number): Known {
  const ends: Known['ends'] = (name, from) => {
    let at = from;
    const all = new Set(min === 0 ? from : []);
    // More rounds than the name has characters end nowhere else.
    for (let round = 1; round <= Math.min(max, min + name.length); round += 1) {
      at = known.ends(name, at);
      if (round >= min) for (const end of at) all.add(end);
    }
    return all;
  };
  return { text: `${known.text}${times}`, ends };
}

const inTurn = (parts: readonly Known[]): Known => ({
  text: parts.map(({ text }) => text).join(''),
  ends: (name, from) => parts.reduce((at, { ends }) => ends(name, at), from),
});
const either = (a: Known, b: Known): Known => ({
  text: `${a.text}|${b.text}`,
  ends: (name, from) => new Set([...a.ends(name, from), ...b.ends(name, from)]),
});

const single = fc.constantFrom(
  one('a', /a/),
  one('b', /b/),
  one('-', /-/),
  one('\\.', /\./),
  one('.', /./),
  one('\\d', /\d/),
  one('\\w', /\w/),
  one('\\S', /\S/),
  one('[ab]', /[ab]/),
  one('[^a]', /[^a]/),
  one('[a-c1-3]', /[a-c1-3]/),
);
const edge = fc.constantFrom(
  place('^', (at) => at === 0),
  place('$', (at, length) => at === length),
);

const patterns = fc.letrec<{ pattern: Known; part: Known; atom: Known }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    single,
    tie('pattern').map((inner) => within(`(${inner.text})`, inner)),
    tie('pattern').map((inner) => within(`(?:${inner.text})`, inner)),
  ),
  part: fc.oneof(
    { weight: 1, arbitrary: edge },
    { weight: 4, arbitrary: tie('atom') },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          tie('atom'),
          fc.constantFrom(
            ['*', 0, Infinity] as const,
            ['+', 1, Infinity] as const,
            ['?', 0, 1] as const,
            ['{2}', 2, 2] as const,
            ['{1,}', 1, Infinity] as const,
            ['{0,2}', 0, 2] as const,
            ['*?', 0, Infinity] as const,
          ),
        )
        .map(([atom, [times, min, max]]) => repeated(atom, times, min, max)),
    },
  ),
  pattern: fc
    .tuple(fc.array(tie('part'), { maxLength: 4 }), fc.boolean())
    .map(([parts, more]) => (more ? either(inTurn(parts), one('b', /b/)) : inTurn(parts))),
})).pattern;

const names = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', '-', '_'), maxLength: 8 });

test('matches what its parts match, the whole name', () => {
  fc.assert(
    fc.property(patterns, names, ({ text, ends }, name) => {
      expect(matches(text, name)).toBe(ends(name, new Set([0])).has(name.length));
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
