import { snappyCompress as compressBlock } from '@platformatic/wasm-utils/bundled';

import { BoundedOutput, corrupt, tooLarge } from './bounded-output.ts';

/** The header that Java's snappy streams begin with: magic, version 1, compatible with 1. */
const xerialHeader = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
const xerialMagic = xerialHeader.subarray(0, 8);
/** The magic's first four bytes, where a block's length would stand. */
const xerialMagicHead = 0x82534e41;

/** What Java's SnappyOutputStream puts into one block. */
const blockBytes = 32 * 1024;
/** The best that snappy can do: a three-byte element unfolds to 64 bytes. */
const expansionMax = 22;

/**
 * Writes the xerial framing, as Kafka's Java producers do: whoever reads topics that Java wrote
 * must read it. Its blocks also bound what a reader unfolds at a time.
 */
export function snappyCompress(bytes: Buffer): Buffer {
  const parts: Buffer[] = [xerialHeader];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = compressBlock(bytes.subarray(at, at + blockBytes));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/**
 * Reads xerial framing (also concatenated, as Java does) and bare snappy. No bare block begins
 * with xerial's magic: its third byte would be a copy out of nothing.
 *
 * Decodes here rather than in wasm-utils: a trap there leaks its stack, and after about 2,000
 * corrupt batches the process could not compress or decompress anything any more.
 */
export function snappyDecompress(bytes: Buffer, maxOutputBytes: number): Buffer {
  const framed = bytes.subarray(0, xerialMagic.length).equals(xerialMagic);
  let total = 0;
  for (const block of framed ? xerialBlocks(bytes) : [bytes]) {
    const { declared } = declaredLength(block);
    total += declared;
    if (total > maxOutputBytes) throw tooLarge(maxOutputBytes);
    if (declared > block.length * expansionMax) {
      throw corrupt(`snappy block cannot hold what it declares: declared=${declared}`);
    }
  }
  const output = new BoundedOutput(maxOutputBytes, total);
  for (const block of framed ? xerialBlocks(bytes) : [bytes]) decodeBlock(block, output);
  return output.view();
}

/** Lazily: there may be a million empty ones. */
function* xerialBlocks(bytes: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw corrupt('snappy block length ends early');
    const length = bytes.readUInt32BE(at);
    if (length === xerialMagicHead) {
      at += xerialHeader.length;
      if (at > bytes.length) throw corrupt('xerial header ends early');
      continue;
    }
    at += 4;
    if (length > bytes.length - at) throw corrupt(`snappy block ends early: length=${length}`);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

function declaredLength(block: Buffer): { declared: number; at: number } {
  let declared = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block[at];
    if (byte === undefined) break;
    declared += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { declared, at: at + 1 };
  }
  throw corrupt('snappy length is not a varint');
}

/** Source: snappy's format description, "Compressed stream". */
function decodeBlock(block: Buffer, output: BoundedOutput): void {
  const start = output.length;
  const preamble = declaredLength(block);
  const end = start + preamble.declared;
  let at = preamble.at;
  while (at < block.length) {
    const tag = block[at] as number;
    const kind = tag & 3;
    at += 1;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = (extra === 0 ? tag >> 2 : littleEndian(block, at, extra)) + 1;
      at += extra;
      if (length > block.length - at || length > end - output.length) {
        throw corrupt(`snappy literal is too long: length=${length}`);
      }
      output.literal(block, at, at + length);
      at += length;
      continue;
    }
    const offsetBytes = kind === 3 ? 4 : kind;
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = littleEndian(block, at, offsetBytes) + (kind === 1 ? (tag >> 5) << 8 : 0);
    at += offsetBytes;
    if (distance === 0 || distance > output.length - start || length > end - output.length) {
      throw corrupt(`snappy copy is out of range: distance=${distance} length=${length}`);
    }
    output.copy(distance, length);
  }
  if (output.length !== end) throw corrupt('snappy block is shorter than it declares');
}

function littleEndian(block: Buffer, at: number, bytes: number): number {
  if (at + bytes > block.length) throw corrupt('snappy element ends early');
  return block.readUIntLE(at, bytes);
}
