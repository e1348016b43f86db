import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { assert } from '../std/assert.ts';
import { corrupt, tooLarge } from './bounded-output.ts';
import { ProtocolError } from './errors.ts';
import { lz4Compress, lz4Decompress } from './lz4-framing.ts';
import { snappyCompress, snappyDecompress } from './snappy-framing.ts';
import { zstdFrames } from './zstd-framing.ts';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Indexed by the low three bits of a batch's attributes (KIP-98, KIP-110). */
const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** The codec named by a batch's attributes; UNSUPPORTED_COMPRESSION_TYPE for one that is unknown. */
export function codecOf(attributes: number): Codec {
  const id = attributes & 0b111;
  const codec = codecs[id];
  if (codec !== undefined) return codec;
  throw new ProtocolError('UNSUPPORTED_COMPRESSION_TYPE', `unknown compression codec: id=${id}`);
}

/** The attribute bits of a codec: 0 … 4. */
export function codecBits(codec: Codec): number {
  return codecs.indexOf(codec);
}

/**
 * The records section of a batch, compressed so that Kafka's clients read it. For `none` these are
 * the bytes themselves, not a copy.
 */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  const input = bufferOver(bytes);
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(input);
    case 'snappy':
      return snappyCompress(input);
    case 'lz4':
      return lz4Compress(input);
    case 'zstd':
      return zstdCompressSync(input);
  }
}

/**
 * The records section of a batch, unfolded. Never holds much more than `maxOutputBytes`, whatever
 * the bytes claim. For `none` these are the bytes themselves, not a copy.
 *
 * Throws MESSAGE_TOO_LARGE if the output is longer than `maxOutputBytes`, CORRUPT_MESSAGE for
 * bytes that the codec did not write (no bytes at all, for one).
 */
export function decompress(codec: Codec, bytes: Uint8Array, maxOutputBytes: number): Uint8Array {
  assert(Number.isSafeInteger(maxOutputBytes) && maxOutputBytes >= 0, 'the bound is a byte count');
  const input = bufferOver(bytes);
  if (codec === 'none') {
    if (input.length > maxOutputBytes) throw tooLarge(maxOutputBytes);
    return bytes;
  }
  if (input.length === 0) throw corrupt(`nothing to decompress: codec=${codec}`);
  switch (codec) {
    case 'gzip':
      return withZlib(gunzipSync, input, maxOutputBytes);
    case 'snappy':
      return snappyDecompress(input, maxOutputBytes);
    case 'lz4':
      return lz4Decompress(input, maxOutputBytes);
    case 'zstd':
      return zstdDecompress(input, maxOutputBytes);
  }
}

function zstdDecompress(input: Buffer, maxOutputBytes: number): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  for (const frame of zstdFrames(input, maxOutputBytes)) {
    const part = withZlib(zstdDecompressSync, frame, maxOutputBytes - total);
    parts.push(part);
    total += part.length;
  }
  const only = parts[0];
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts, total);
}

function withZlib(
  inflate: (input: Buffer, options: { maxOutputLength: number }) => Buffer,
  input: Buffer,
  maxOutputBytes: number,
): Buffer {
  let output: Buffer;
  try {
    // Node takes no bound of 0.
    output = inflate(input, { maxOutputLength: Math.max(1, maxOutputBytes) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxOutputBytes);
    if (isOutOfMemory(code) || !/^(Z_|ZSTD_)/.test(code)) throw error;
    throw corrupt(`records do not decompress: code=${code}`);
  }
  if (output.length > maxOutputBytes) throw tooLarge(maxOutputBytes);
  return output;
}

const isOutOfMemory = (code: string): boolean =>
  code === 'Z_MEM_ERROR' || code === 'ZSTD_error_memory_allocation';

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
