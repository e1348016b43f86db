import { gzipSync, zstdCompressSync } from 'node:zlib';

import { compressionsAlgorithms } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';

import {
  codecBits,
  codecOf,
  compress,
  decompress,
  type Codec,
} from '../../lib/protocol/compression.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import { xxHash32 } from '../../lib/protocol/xxhash32.ts';
import { InvariantError } from '../../lib/std/assert.ts';

const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const MiB = 1024 * 1024;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const sequence = (length: number): Buffer => Buffer.alloc(length, 'record after record, ');

/** Without repetition, and the same in every run. */
function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 1;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function refusal(codec: Codec, bytes: Uint8Array, max = MiB): ProtocolError {
  try {
    decompress(codec, bytes, max);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** An LZ4 frame with a correct header checksum. */
function lz4Frame(flags: number, blockDescriptor: number, body: Buffer): Buffer {
  const descriptor = Buffer.from([flags, blockDescriptor]);
  const check = Buffer.from([(xxHash32(descriptor) >>> 8) & 0xff]);
  return Buffer.concat([hex('04224d18'), descriptor, check, body]);
}

describe('attributes', () => {
  test('the low three bits name the codec', () => {
    for (const codec of codecs) {
      expect(codecOf(codecBits(codec))).toBe(codec);
      expect(codecOf(0b11_1000 | codecBits(codec))).toBe(codec);
    }
    expect(codecs.map(codecBits)).toEqual([0, 1, 2, 3, 4]);
  });

  test.each([5, 6, 7])('codec id %i is unknown', (id) => {
    expect(() => codecOf(id)).toThrow(
      expect.objectContaining({ kafka: 'UNSUPPORTED_COMPRESSION_TYPE' }),
    );
  });
});

describe.each(codecs)('%s', (codec) => {
  const inputs = {
    nothing: Buffer.alloc(0),
    'one byte': Buffer.from([0]),
    'a block of snappy': noise(32 * 1024),
    'a block of lz4 and one byte': sequence(64 * 1024 + 1),
    '1 MiB that cannot be compressed': noise(MiB),
    '1 MiB of zeroes': Buffer.alloc(MiB),
  };

  test.each(Object.entries(inputs))('gives back %s', (_, input) => {
    const compressed = compress(codec, input);
    expect(input.equals(decompress(codec, compressed, input.length))).toBe(true);
    if (input.length > 0) {
      expect(refusal(codec, compressed, input.length - 1).kafka).toBe('MESSAGE_TOO_LARGE');
      expect(refusal(codec, compressed, 0).kafka).toBe('MESSAGE_TOO_LARGE');
    }
  });

  test('works on a view into other memory', () => {
    const view = new Uint8Array(Buffer.from('..abc..').buffer.slice(0)).subarray(1, 4);
    const compressed = Buffer.concat([hex('ff'), compress(codec, view)]).subarray(1);
    expect([...decompress(codec, compressed, 3)]).toEqual([...view]);
  });
});

describe.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s', (codec) => {
  test('nothing is not a compressed message', () => {
    expect(refusal(codec, Buffer.alloc(0)).kafka).toBe('CORRUPT_MESSAGE');
  });

  test('every truncation is corrupt, except to whole parts', () => {
    const input = sequence(300);
    const compressed = compress(codec, input);
    // Xerial framing has no end: its header alone is a stream of nothing.
    const whole = codec === 'snappy' ? 16 : compressed.length;
    for (let length = 0; length < compressed.length; length += 1) {
      if (length === whole) continue;
      expect(refusal(codec, compressed.subarray(0, length)).kafka).toBe('CORRUPT_MESSAGE');
    }
  });

  test('ours is read by another client, and its by us', () => {
    const input = Buffer.concat([sequence(100_000), noise(100_000)]);
    const { compressSync, decompressSync } = compressionsAlgorithms[codec];
    expect(input.equals(decompressSync(Buffer.from(compress(codec, input))))).toBe(true);
    expect(input.equals(decompress(codec, compressSync(input), input.length))).toBe(true);
  });

  test('still works after thousands of corrupt messages', () => {
    const input = noise(10_000);
    const compressed = compress(codec, input);
    const cut = compressed.subarray(0, compressed.length - 10);
    for (let i = 0; i < 5_000; i += 1) {
      expect(refusal(codec, cut).kafka).toBe('CORRUPT_MESSAGE');
    }
    expect(input.equals(decompress(codec, compress(codec, input), input.length))).toBe(true);
  });
});

test.each([-1, 0.5, NaN, Infinity])('a bound of %d bytes is a bug, not an answer', (max) => {
  expect(() => decompress('none', Buffer.alloc(0), max)).toThrow(InvariantError);
});

describe('gzip', () => {
  test('reads all members', () => {
    const members = Buffer.concat([gzipSync('one, '), gzipSync(''), gzipSync('two')]);
    expect(Buffer.from(decompress('gzip', members, 8)).toString()).toBe('one, two');
  });
});

describe('zstd', () => {
  test('reads all frames, past skippable ones, until the bound', () => {
    const frames = Buffer.concat([
      hex('5f2a4d18 02000000 ffff'),
      zstdCompressSync('one, '),
      zstdCompressSync(''),
      hex('502a4d18 00000000'),
      zstdCompressSync('two'),
    ]);
    expect(Buffer.from(decompress('zstd', frames, 8)).toString()).toBe('one, two');
    expect(refusal('zstd', frames, 7).kafka).toBe('MESSAGE_TOO_LARGE');
  });

  test('refuses what follows the frames, and more frames than any client writes', () => {
    const frame = zstdCompressSync('a');
    expect(refusal('zstd', Buffer.concat([frame, hex('00000000')])).kafka).toBe('CORRUPT_MESSAGE');
    const many = Buffer.concat(Array.from({ length: 257 }, () => frame));
    expect(refusal('zstd', many).message).toContain('too many zstd frames');
  });
});

describe('snappy', () => {
  test('writes the framing of Java, in blocks of 32 KiB', () => {
    const framed = Buffer.from(compress('snappy', noise(33_000)));
    expect(framed.subarray(0, 16)).toEqual(hex('82534e4150505900 00000001 00000001'));
    const second = 20 + framed.readUInt32BE(16);
    expect(framed.subarray(20, 23)).toEqual(hex('808002'));
    expect(second + 4 + framed.readUInt32BE(second)).toBe(framed.length);
  });

  test('reads bare snappy with every kind of element', () => {
    // "abcd", a copy with 1 byte of offset, one with 2, one with 4, a literal with a length byte.
    const bare = hex('15 0c61626364 0104 0e0400 0f08000000 f0046566676869');
    expect(Buffer.from(decompress('snappy', bare, 21)).toString()).toBe('abcdabcdabcdabcdefghi');
  });

  test('reads concatenated xerial streams', () => {
    const twice = Buffer.concat([compress('snappy', hex('61')), compress('snappy', hex('62'))]);
    expect(Buffer.from(decompress('snappy', twice, 2)).toString()).toBe('ab');
  });

  test.each([
    ['a copy of nothing', '04 0100'],
    ['a copy from before the beginning', '05 0061 0105'],
    ['a literal beyond what is declared', '01 04 6161'],
    ['a copy beyond what is declared', '02 0061 0101'],
    ['a literal beyond the input', '04 0c 6161'],
    ['less than declared', '03 0061'],
    ['a length that is no varint', 'ffffffffffff'],
    ['a huge promise within the bound', '80803f 0061'],
    ['an element cut short', '04 0061 0e04'],
    ['a framed block cut short', '82534e4150505900 00000001 00000001 00000009 010061'],
  ])('refuses %s', (_, bytes) => {
    expect(refusal('snappy', hex(bytes)).kafka).toBe('CORRUPT_MESSAGE');
  });
});

describe('lz4', () => {
  const text = `${'abc'.repeat(10)}!`;

  test('writes the frame that Kafka writes', () => {
    expect(compress('lz4', Buffer.alloc(0))).toEqual(hex('04224d18 604082 00000000'));
    expect(compress('lz4', hex('61'))).toEqual(hex('04224d18 604082 01000080 61 00000000'));
  });

  // Written by the lz4 command, version 1.9.4.
  test.each([
    [
      'block and content checksums',
      '04224d187440bd0d0000003f61626303000450636162632199fa9edd000000006a63a5f4',
    ],
    [
      'a content size',
      '04224d186c401f00000000000000220d0000003f616263030004506361626321000000006a63a5f4',
    ],
    ['no checksum', '04224d186040820d0000003f61626303000450636162632100000000'],
    [
      'all of them',
      '04224d187c401f00000000000000c40d0000003f61626303000450636162632199fa9edd000000006a63a5f4',
    ],
  ])('reads a frame with %s, and finds any flipped bit that it protects', (kind, bytes) => {
    const frame = hex(bytes);
    expect(Buffer.from(decompress('lz4', frame, text.length)).toString()).toBe(text);
    const isProtected = kind !== 'no checksum';
    for (let at = 0; at < (isProtected ? frame.length : 7); at += 1) {
      const flipped = Buffer.from(frame);
      flipped.writeUInt8(frame.readUInt8(at) ^ 0x10, at);
      expect(refusal('lz4', flipped).kafka).toBe('CORRUPT_MESSAGE');
    }
  });

  const block = hex('03000000 20 6162 00000000');
  test.each([
    ['linked blocks', lz4Frame(0x40, 0x40, block)],
    ['a dictionary', lz4Frame(0x61, 0x40, block)],
    ['another version', lz4Frame(0xa0, 0x40, block)],
    ['a reserved flag', lz4Frame(0x62, 0x40, block)],
    ['a reserved block size', lz4Frame(0x60, 0x30, block)],
    ['a reserved block bit', lz4Frame(0x60, 0xc0, block)],
    ['a wrong header checksum', hex('04224d18 604083 00000000')],
    [
      'another frame after the first',
      Buffer.concat([lz4Frame(0x60, 0x40, block), lz4Frame(0x60, 0x40, block)]),
    ],
    ['no end mark', lz4Frame(0x60, 0x40, hex('03000000 20 6162'))],
    [
      'a match from before its block',
      lz4Frame(0x60, 0x40, hex('03000000 206162 05000000 00010010 61 00000000')),
    ],
    ['a match at distance 0', lz4Frame(0x60, 0x40, hex('06000000 106100001061 00000000'))],
    ['a block that ends with a match', lz4Frame(0x60, 0x40, hex('04000000 10610100 00000000'))],
    [
      'a block longer than the frame allows',
      lz4Frame(0x60, 0x40, Buffer.concat([hex('01000180'), noise(65_537), hex('00000000')])),
    ],
  ])('refuses %s', (_, frame) => {
    expect(refusal('lz4', frame).kafka).toBe('CORRUPT_MESSAGE');
  });

  test('a declared content size must be true, and within the bound', () => {
    const descriptor = (size: string): Buffer => {
      const head = hex(`6840 ${size}`);
      return Buffer.concat([
        hex('04224d18'),
        head,
        Buffer.from([(xxHash32(head) >>> 8) & 0xff]),
        block,
      ]);
    };
    expect([...decompress('lz4', descriptor('0200000000000000'), 2)]).toEqual([0x61, 0x62]);
    expect(refusal('lz4', descriptor('0300000000000000')).kafka).toBe('CORRUPT_MESSAGE');
    expect(refusal('lz4', descriptor('0000000000000080')).kafka).toBe('MESSAGE_TOO_LARGE');
  });
});
