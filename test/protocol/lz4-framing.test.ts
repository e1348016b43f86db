import { describe, expect, test } from 'vitest';

import { decompress } from '../../lib/protocol/compression.ts';
import { refusal } from './batches.ts';

const KiB = 1024;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (frame: Buffer, max = 1 << 20): Buffer => Buffer.from(decompress('lz4', frame, max));

const u32le = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** One compressed block in a frame of blocks of 64 KiB. */
const framed = (block: Buffer): Buffer =>
  Buffer.concat([hex('04224d18 604082'), u32le(block.length), block, u32le(0)]);

/** One literal, then a match that repeats it `length` times, then the literals `last`. */
function repeats(length: number, last: string): Buffer {
  const more = length - 19;
  const lengths = Buffer.concat([
    Buffer.alloc(Math.floor(more / 255), 255),
    Buffer.from([more % 255]),
  ]);
  const token = Buffer.from([last.length << 4]);
  return Buffer.concat([hex('1f 61 0100'), lengths, token, Buffer.from(last)]);
}

// Written by the lz4 command, version 1.9.4, with both checksums and the size of the content.
const whole = hex(
  '04224d187c401f00000000000000c40d0000003f61626303000450636162632199fa9edd000000006a63a5f4',
);

test('every truncation of a frame with checksums and content size is corrupt', () => {
  expect(read(whole)).toHaveLength(31);
  for (let length = 0; length < whole.length; length += 1) {
    expect(refusal(() => read(whole.subarray(0, length)))).toBe('CORRUPT_MESSAGE');
  }
});

test('a block that is cut short is corrupt, however much it says it holds', () => {
  const frame = Buffer.concat([hex('04224d18 604082'), u32le(0x8000_ffff), hex('61')]);
  expect(refusal(() => read(frame, 10))).toBe('CORRUPT_MESSAGE');
});

describe('a block', () => {
  test('unfolds to the size that the frame allows, by a match or by literals', () => {
    expect(read(framed(repeats(64 * KiB - 1, '')))).toHaveLength(64 * KiB);
    expect(read(framed(repeats(64 * KiB - 2, 'b')))).toHaveLength(64 * KiB);
  });

  test.each([
    ['a match beyond that', repeats(64 * KiB, '')],
    ['literals beyond that', repeats(64 * KiB - 2, 'bb')],
    ['literals beyond its end', hex('50 61')],
    ['a length cut short', hex('f0')],
    ['a length cut short after a byte of 255', hex('f0 ff')],
    ['half an offset', hex('10 61 01')],
  ])('with %s is corrupt', (_, block) => {
    expect(refusal(() => read(framed(block)))).toBe('CORRUPT_MESSAGE');
  });
});

describe('memory', () => {
  // 64 KiB of zeros a block: a literal, a match, no literals.
  const blocks = Array.from({ length: 8 }, () => repeats(64 * KiB - 1, ''));
  const frame = Buffer.concat([
    hex('04224d18 604082'),
    ...blocks.flatMap((block) => [u32le(block.length), block]),
    u32le(0),
  ]);
  const heldFor = (bytes: Buffer, max: number): number =>
    decompress('lz4', bytes, max).buffer.byteLength;

  test('is never more than the bound, and grows with what arrives', () => {
    expect(heldFor(frame, 512 * KiB)).toBe(512 * KiB);
    expect(heldFor(frame, 600 * KiB)).toBeLessThanOrEqual(600 * KiB);
    expect(heldFor(frame, 1 << 30)).toBeLessThanOrEqual(1024 * KiB);
  });

  test('is not taken for a guess that is above the bound', () => {
    const stored = Buffer.concat([
      hex('04224d18 604082'),
      u32le(0x8000_4000),
      Buffer.alloc(16 * KiB),
      u32le(0),
    ]);
    expect(heldFor(stored, 16 * KiB)).toBe(16 * KiB);
  });
});
