import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../lib/http/json.ts';
import { scanJson, skipSpace } from '../../lib/http/json-scan.ts';
import { JsonStream } from '../../lib/http/json-stream.ts';
import { limits } from '../../lib/std/limits.ts';

/** What a stream says of pieces, as the values' own words, and where it broke. */
function readAll(pieces: readonly Uint8Array[]): unknown[] {
  const stream = new JsonStream();
  const read = [...pieces.flatMap((piece) => [...stream.push(piece)]), ...stream.end()];
  return read.map((each) => (each.ok ? { value: each.value() } : { at: each.at, got: each.got }));
}

/** The same of a whole text, by the scanner alone. */
function scanAll(text: string): unknown[] {
  const read: unknown[] = [];
  for (let at = skipSpace(text, 0); at < text.length;) {
    const scan = scanJson(text, at);
    if (!scan.ok) {
      const got = scan.at === text.length ? 'the end' : JSON.stringify(text[scan.at]);
      return [...read, { at: scan.at, got }];
    }
    read.push({ value: parseJson(text.slice(at, scan.end)) });
    at = skipSpace(text, scan.end);
  }
  return read;
}

// One a word, and white space.
const words = String.raw`{ } [ ] , : "a" " \ \" \u00e9 é 😀 1 - .5 e3 null tru true x {"a":[1,{"b":"}{"}]} "\\"`;
const parts = fc.constantFrom(' ', '\n', ...words.split(' '));
const texts = fc.oneof(
  fc.array(parts, { maxLength: 20 }).map((each) => each.join('')),
  fc
    .array(fc.tuple(fc.json(), fc.constantFrom('', ' ', '\n')), { maxLength: 5 })
    .map((each) => each.flat().join('')),
);

test('reads what the whole would say, wherever it is cut', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat({ max: 60 })), (text, cuts) => {
      const bytes = Buffer.from(text);
      const ends = [...new Set(cuts.filter((at) => at < bytes.length))].toSorted((a, b) => a - b);
      const pieces = [0, ...ends].map((at, index) => bytes.subarray(at, ends[index]));
      expect(readAll(pieces)).toEqual(scanAll(text));
    }),
    { numRuns: 2_000 },
  );
});

test('hands on an object as soon as it is there', () => {
  const stream = new JsonStream();
  const counts = ['{"a":', '"}"', '}', ' {"b":{', '}}{', '}', '[1]2'].map(
    (piece) => [...stream.push(Buffer.from(piece))].length,
  );
  expect(counts).toEqual([0, 0, 1, 0, 1, 1, 1]);
  expect([...stream.end()]).toHaveLength(1);
});

test('what begins no value breaks at once, and nothing follows', () => {
  const stream = new JsonStream();
  expect([...stream.push(Buffer.from('{} }'))]).toMatchObject([
    { ok: true },
    { ok: false, at: 3, got: '"}"' },
  ]);
  expect([...stream.push(Buffer.from('{}{}'))]).toEqual([]);
  expect([...stream.end()]).toEqual([]);
});

test('bytes that are no UTF-8 are refused, a cut character is not', () => {
  const euro = Buffer.from('"€"');
  expect(readAll([euro.subarray(0, 2), euro.subarray(2)])).toEqual([{ value: '€' }]);
  expect(() => readAll([Buffer.from([0x22, 0xff, 0x22])])).toThrow('UTF-8');
  expect(() => readAll([euro.subarray(0, 2)])).toThrow('UTF-8');
});

test('holds one value that is not complete, and no more of it than a request may have', () => {
  const stream = new JsonStream();
  const piece = Buffer.alloc(65_536, 'x');
  const push = (): void => void [...stream.push(piece)];
  expect([...stream.push(Buffer.from('{"a":"'))]).toEqual([]);
  for (let bytes = 6; bytes <= limits.requestBytesMax; bytes += piece.length) push();
  expect(push).toThrow(expect.objectContaining({ errorCode: 413 }));
});

test('reads on for ever where every piece ends within a value', () => {
  const stream = new JsonStream();
  const piece = Buffer.from(`${'x'.repeat(50_000)}"}{"a":"${'y'.repeat(50_000)}`);
  expect([...stream.push(Buffer.from('{"a":"'))]).toEqual([]);
  for (let bytes = 0; bytes < 3 * limits.requestBytesMax; bytes += piece.length) {
    expect([...stream.push(piece)]).toHaveLength(1);
  }
});

test('the work does not grow with the number of pieces', () => {
  const stream = new JsonStream();
  const one = Buffer.from('[');
  for (let count = 0; count < 300_000; count += 1) stream.push(one).next();
  expect([...stream.end()]).toMatchObject([{ ok: false, got: 'the end' }]);
});
