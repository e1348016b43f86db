import { constants, zstdCompressSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { decompress } from '../../lib/protocol/compression.ts';
import { refusal } from './batches.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (frames: Buffer, max = 1_000): string =>
  Buffer.from(decompress('zstd', frames, max)).toString();
const refused = (frames: Buffer): string => refusal(() => read(frames));

describe('skippable frames', () => {
  test('alone are a stream of nothing', () => {
    expect(read(hex('502a4d18 00000000'))).toBe('');
    expect(read(hex('5f2a4d18 01000000 ff'))).toBe('');
  });

  test.each([
    ['below their magics', '4f2a4d18 00000000'],
    ['above their magics', '602a4d18 00000000'],
    ['cut short', '5f2a4d18 02000000 ff'],
  ])('%s are corrupt', (_, bytes) => {
    expect(refused(hex(bytes))).toBe('CORRUPT_MESSAGE');
  });
});

// One segment, which declares 1 byte; the id's length is in the lowest two bits, and 0 means none.
test.each([
  ['no', '28b52ffd 20 01'],
  ['1 byte of', '28b52ffd 21 00 01'],
  ['2 bytes of', '28b52ffd 22 0000 01'],
  ['4 bytes of', '28b52ffd 23 00000000 01'],
])('a frame with %s dictionary id is read, and what follows it', (_, header) => {
  const frame = Buffer.concat([hex(header), hex('090000 61')]);
  expect(read(Buffer.concat([frame, frame]))).toBe('aa');
});

test('frames with checksums are told apart', () => {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  const frames = ['one, ', 'two'].map((text) => zstdCompressSync(text, { params }));
  expect(read(Buffer.concat(frames))).toBe('one, two');
});

test('a stream has as many frames as are allowed', () => {
  const frame = zstdCompressSync('a');
  expect(read(Buffer.concat(Array.from({ length: 256 }, () => frame)))).toBe('a'.repeat(256));
});
