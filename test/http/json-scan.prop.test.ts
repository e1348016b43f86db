import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanJson, skipSpace } from '../../lib/http/json-scan.ts';

const jsonText = fc.oneof(
  fc.json(),
  fc.jsonValue().map((value) => JSON.stringify(value, undefined, 2)),
);

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('finds the end of every value, whatever follows', () => {
  fc.assert(
    fc.property(jsonText, fc.constantFrom('', ' ', '\n{}', '{"a":1}', ',', ']x'), (text, rest) => {
      // A number goes on if digits follow; nothing here does.
      expect(scanJson(text + rest, 0)).toEqual({ ok: true, end: text.length });
    }),
    { numRuns: 300 },
  );
});

test('agrees with JSON.parse on what is JSON', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u00e9"',
    '"\\x"',
    '1',
    '-',
    '0',
    '.5',
    'e3',
    'true',
    'null',
    ' ',
    '"',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 9 }), (parts) => {
      const text = parts.join('');
      const scan = scanJson(text, 0);
      const whole = scan.ok && skipSpace(text, scan.end) === text.length;
      expect(whole).toBe(parses(text));
    }),
    { numRuns: 3_000 },
  );
});
