import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { decompress, type Codec } from '../../lib/protocol/compression.ts';
import { xxHash32 } from '../../lib/protocol/xxhash32.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const boundBytes = MiB;

const repeat = (part: Buffer, times: number): Buffer =>
  Buffer.concat(Array.from({ length: times }, () => part));

const u32le = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const u32be = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** 64 members of 16 MiB each. */
const gzipMembers = repeat(gzipSync(Buffer.alloc(16 * MiB)), 64);

/** 2^14 blocks that repeat one byte 64 Ki times: 1 GiB, of which the header says nothing. */
const zstdBlocks = Buffer.concat([
  Buffer.from('28b52ffd0058', 'hex'),
  repeat(Buffer.from([0x02, 0x00, 0x08, 0x00]), 2 ** 14),
  Buffer.from([0x03, 0x00, 0x08, 0x00]),
]);

/** A header that asks for a window of 128 MiB, the most that the decoder grants. */
const zstdWindow = Buffer.concat([Buffer.from('28b52ffd0088', 'hex'), zstdBlocks.subarray(6)]);

/** 200 frames of 1 MiB − 1, each within the bound. */
const zstdFrames = repeat(
  Buffer.concat([
    Buffer.from('28b52ffd0058', 'hex'),
    repeat(Buffer.from([0x02, 0x00, 0x08, 0x00]), 15),
    Buffer.from([0xfb, 0xff, 0x07, 0x00]),
  ]),
  200,
);

const zstdDeclared = Buffer.from('28b52ffde0ffffffffffffff7f010000', 'hex');

/** Blocks of 4 MiB: one literal, then one match, its length 16 KiB of 255s. */
const lz4Block = Buffer.concat([
  Buffer.from([0x1f, 0x00, 0x01, 0x00]),
  Buffer.alloc(16 * KiB, 255),
  Buffer.from([0x00, 0x10, 0x00]),
]);
const lz4Descriptor = Buffer.from([0x60, 0x70]);
const lz4Frame = (blocks: number): Buffer =>
  Buffer.concat([
    Buffer.from('04224d18', 'hex'),
    lz4Descriptor,
    Buffer.from([(xxHash32(lz4Descriptor) >>> 8) & 0xff]),
    repeat(Buffer.concat([u32le(lz4Block.length), lz4Block]), blocks),
    u32le(0),
  ]);

/** Copies of 64 bytes at distance 1, after one literal. */
const snappyBlock = Buffer.concat([
  Buffer.from([0x81, 0x80, 0x80, 0x01, 0x00, 0x00]),
  repeat(Buffer.from([0xfe, 0x01, 0x00]), (2 * MiB) / 64),
]);
const xerial = Buffer.from('82534e41505059000000000100000001', 'hex');
const snappySmall = Buffer.concat([
  Buffer.from([0x81, 0x80, 0x02, 0x00, 0x00]),
  repeat(Buffer.from([0xfe, 0x01, 0x00]), (32 * KiB) / 64),
]);
const framed = (block: Buffer): Buffer => Buffer.concat([u32be(block.length), block]);

const bombs: readonly (readonly [Codec, string, Buffer])[] = [
  ['gzip', 'many members', gzipMembers],
  ['zstd', 'many blocks', zstdBlocks],
  ['zstd', 'the largest window', zstdWindow],
  ['zstd', 'many frames', zstdFrames],
  ['zstd', 'a declared size', zstdDeclared],
  ['lz4', 'many blocks', lz4Frame(256)],
  ['snappy', 'one bare block', snappyBlock],
  ['snappy', 'one that declares 4 GiB', Buffer.from('ffffffff0f0000', 'hex')],
  ['snappy', 'many framed blocks', Buffer.concat([xerial, repeat(framed(snappySmall), 1_000)])],
  ['snappy', 'many streams', repeat(Buffer.concat([xerial, framed(snappySmall)]), 1_000)],
  ['none', 'what is too long as it is', Buffer.alloc(boundBytes + 1)],
];

describe('what unfolds beyond the bound is refused, in bounded memory', () => {
  test.each(bombs)('%s: %s', (codec, _, bomb) => {
    const peakBefore = process.resourceUsage().maxRSS;
    expect(() => decompress(codec, bomb, boundBytes)).toThrow(
      expect.objectContaining({ kafka: 'MESSAGE_TOO_LARGE' }),
    );
    const grownKiB = process.resourceUsage().maxRSS - peakBefore;
    expect(grownKiB).toBeLessThan(32 * KiB);
  });

  test.each([
    ['zstd', zstdFrames.subarray(0, zstdFrames.length / 200), MiB - 1],
    ['lz4', lz4Frame(1), 1 + 19 + 255 * 16 * KiB + 1],
    ['snappy', snappyBlock, 2 * MiB + 1],
  ] as const)('the parts of the %s bomb are well formed', (codec, part, length) => {
    expect(decompress(codec, part, length).length).toBe(length);
  });
});
