import { expect, test } from 'vitest';

import { xxHash32 } from '../../lib/protocol/xxhash32.ts';

/** Computed with lz4-java, which Kafka's clients use. */
const vectors: readonly (readonly [string, number])[] = [
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['abcd', 0xa3643705],
  ['0123456789abcde', 0x1dbdfa0f],
  ['0123456789abcdef', 0xc2c45b69],
  ['0123456789abcdefg', 0xcc79b217],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ['0123456789abcdef0123456789abcdef0123456789abcdef~~~~!', 0x96a1a508],
];

test.each(vectors)('xxHash32 of %j', (text, hash) => {
  expect(xxHash32(Buffer.from(text))).toBe(hash);
});

test('xxHash32 of a view that begins inside its memory', () => {
  expect(xxHash32(Buffer.from('..abc').subarray(2))).toBe(0x32d153ff);
});
