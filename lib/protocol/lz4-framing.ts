import { lz4Compress as compressFrame } from '@platformatic/wasm-utils/bundled';

import { BoundedOutput, corrupt, tooLarge } from './bounded-output.ts';
import { xxHash32 } from './xxhash32.ts';

const magic = 0x184d2204;
/** Magic; version 1 with independent blocks; blocks of 64 KiB; header checksum (KIP-57). */
const frameHeader = Buffer.from('04224d18' + '60' + '40' + '82', 'hex');
const endMark = Buffer.alloc(4);
const blockBytes = 64 * 1024;
const blockStoredBit = 0x80000000;

/**
 * Writes one frame as Kafka's Java clients do: independent blocks of 64 KiB, no content size, no
 * content or block checksums (the batch has its CRC).
 */
export function lz4Compress(bytes: Buffer): Buffer {
  const parts: Buffer[] = [frameHeader];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const frame = compressFrame(bytes.subarray(at, at + blockBytes));
    parts.push(frame.subarray(frameHeader.length, frame.length - endMark.length));
  }
  parts.push(endMark);
  return Buffer.concat(parts);
}

type FrameHeader = {
  readonly blockBytesMax: number;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  readonly contentBytes: bigint | undefined;
  readonly end: number;
};

/**
 * Reads one frame: what Kafka's Java clients read, and what they refuse is refused (linked blocks,
 * dictionaries, other magics). Java ignores what follows the frame, while the format allows a
 * reader to take it for more records; so that all consumers see the same, it is refused too.
 *
 * Decodes here rather than in wasm-utils for the reason given at `snappyDecompress`.
 */
export function lz4Decompress(bytes: Buffer, maxOutputBytes: number): Buffer {
  const header = readHeader(bytes);
  if (header.contentBytes !== undefined && header.contentBytes > BigInt(maxOutputBytes)) {
    throw tooLarge(maxOutputBytes);
  }
  const output = new BoundedOutput(maxOutputBytes, bytes.length * 4);
  let at = header.end;
  for (;;) {
    const field = u32(bytes, at);
    at += 4;
    if (field === 0) break;
    const length = field % blockStoredBit;
    if (length > header.blockBytesMax || length > bytes.length - at) {
      throw corrupt(`lz4 block is too long: length=${length}`);
    }
    if (
      header.blockChecksums &&
      xxHash32(bytes.subarray(at, at + length)) !== u32(bytes, at + length)
    ) {
      throw corrupt('lz4 block checksum does not match');
    }
    if (field >= blockStoredBit) output.literal(bytes, at, at + length);
    else decodeBlock(bytes.subarray(at, at + length), output, header.blockBytesMax);
    at += length + (header.blockChecksums ? 4 : 0);
  }
  if (header.contentChecksum) {
    if (u32(bytes, at) !== xxHash32(output.view())) {
      throw corrupt('lz4 content checksum does not match');
    }
    at += 4;
  }
  if (header.contentBytes !== undefined && header.contentBytes !== BigInt(output.length)) {
    throw corrupt('lz4 content has another size than declared');
  }
  if (at !== bytes.length) throw corrupt(`bytes follow the lz4 frame: count=${bytes.length - at}`);
  return output.view();
}

/** Source: the LZ4 frame format, "Frame descriptor". */
function readHeader(bytes: Buffer): FrameHeader {
  if (bytes.length < frameHeader.length || bytes.readUInt32LE(0) !== magic) {
    throw corrupt('not an lz4 frame');
  }
  const flags = bytes.readUInt8(4);
  const blockDescriptor = bytes.readUInt8(5);
  const blockSizeCode = (blockDescriptor >> 4) & 7;
  if ((flags & 0b1110_0011) !== 0b0110_0000) {
    throw corrupt(`lz4 frame of a kind that Kafka does not know: flags=${flags}`);
  }
  if ((blockDescriptor & 0b1000_1111) !== 0 || blockSizeCode < 4) {
    throw corrupt(`lz4 block descriptor is not valid: descriptor=${blockDescriptor}`);
  }
  const hasContentSize = (flags & 0b1000) !== 0;
  const checksumAt = hasContentSize ? 14 : 6;
  if (bytes.length <= checksumAt) throw corrupt('lz4 frame header ends early');
  if (bytes.readUInt8(checksumAt) !== ((xxHash32(bytes.subarray(4, checksumAt)) >>> 8) & 0xff)) {
    throw corrupt('lz4 header checksum does not match');
  }
  return {
    blockBytesMax: 2 ** (8 + 2 * blockSizeCode),
    blockChecksums: (flags & 0b1_0000) !== 0,
    contentChecksum: (flags & 0b100) !== 0,
    contentBytes: hasContentSize ? bytes.readBigUInt64LE(6) : undefined,
    end: checksumAt + 1,
  };
}

/** Source: the LZ4 block format. The last sequence ends with its literals. */
function decodeBlock(block: Buffer, output: BoundedOutput, blockBytesMax: number): void {
  const start = output.length;
  let at = 0;

  function lengthFrom(nibble: number): number {
    let length = nibble;
    for (let more = nibble === 15; more; at += 1) {
      const byte = block[at];
      if (byte === undefined) throw corrupt('lz4 length ends early');
      length += byte;
      more = byte === 255;
    }
    return length;
  }

  for (;;) {
    const token = block[at];
    if (token === undefined) throw corrupt('lz4 block ends without literals');
    at += 1;
    const literals = lengthFrom(token >> 4);
    const room = start + blockBytesMax - output.length;
    if (literals > block.length - at || literals > room) {
      throw corrupt(`lz4 literals are too long: length=${literals}`);
    }
    output.literal(block, at, at + literals);
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw corrupt('lz4 sequence ends early');
    const distance = block.readUInt16LE(at);
    at += 2;
    const length = lengthFrom(token & 15) + 4;
    if (distance === 0 || distance > output.length - start || length > room - literals) {
      throw corrupt(`lz4 match is out of range: distance=${distance} length=${length}`);
    }
    output.copy(distance, length);
  }
}

function u32(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw corrupt('lz4 frame ends early');
  return bytes.readUInt32LE(at);
}
