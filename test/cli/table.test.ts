import { expect, test } from 'vitest';
import { bytesText, counted } from '../../lib/cli/text.ts';
import { tableLines } from '../../lib/cli/table.ts';

const columns = [
  { title: 'NAME' },
  { title: 'COUNT', align: 'right' },
  { title: 'ABOUT' },
] as const;
const rows = [
  ['a', '1', 'x'.repeat(30)],
  ['b'.repeat(20), '12345678', ''],
];
const options = { heading: (text: string) => `<${text}>`, width: undefined };

test('a table is as wide as what it holds', () => {
  expect(tableLines(columns, rows, options)).toEqual([
    '<NAME                     COUNT  ABOUT>',
    `a                            1  ${'x'.repeat(30)}`,
    `${'b'.repeat(20)}  12345678`,
  ]);
});

test('a table without rows is its heading', () => {
  expect(tableLines(columns, [], options)).toEqual(['<NAME  COUNT  ABOUT>']);
});

test('the widest columns give way to the width of a terminal, and say so', () => {
  const lines = tableLines(columns, rows, { ...options, width: 40 });
  expect(lines.slice(1)).toEqual([
    `a                      1  ${'x'.repeat(13)}…`,
    `${'b'.repeat(13)}…  12345678`,
  ]);
});

test.each([20, 26, 40, 62, 64, 80])('no line is wider than %i, down to eight each', (width) => {
  const lines = tableLines(columns, rows, { heading: (text) => text, width });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 28));
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [999_949, '999.9 kB'],
  [999_960, '1.0 MB'],
  [5e15, '5000.0 TB'],
])('%i bytes', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('one and many', () => {
  expect([counted(0, 'byte'), counted(1, 'byte'), counted(2, 'byte')]).toEqual([
    '0 bytes',
    '1 byte',
    '2 bytes',
  ]);
});
