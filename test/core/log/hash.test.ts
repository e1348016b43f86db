import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chainHash } from '../../../lib/core/log/hash.ts';
import { offset } from '../../../lib/std/brands.ts';

test('the hash is the first half of SHA-256 over the one before, the offset and the CRC (I11)', () => {
  const before = '00112233445566778899aabbccddeeff';
  const input = Buffer.concat([
    Buffer.from(before, 'hex'),
    Buffer.from('0000000123456789', 'hex'),
    Buffer.from('fedcba98', 'hex'),
  ]);
  const expected = createHash('sha256').update(input).digest('hex').slice(0, 32);
  expect(chainHash(before, offset(0x123456789n), 0xfedcba98)).toBe(expected);
});
