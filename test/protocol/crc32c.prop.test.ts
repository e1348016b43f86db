import { crc32c as oracle } from '@node-rs/crc32';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { crc32c } from '../../lib/protocol/crc32c.ts';

test.for([
  ['', 0],
  ['123456789', 0xe3069283],
  ['a', 0xc1d04330],
] as const)('of %o is the published value', ([text, crc]) => {
  expect(crc32c(Buffer.from(text))).toBe(crc);
});

test('of 32 bytes is that of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

test('is that of @node-rs/crc32 for every length and alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(9), (bytes, from) => {
      const part = bytes.subarray(Math.min(from, bytes.length));
      expect(crc32c(part)).toBe(oracle(Buffer.from(part)));
    }),
    { numRuns: 300 },
  );
});

test('of parts in a chain is that of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }),
  );
});
