import { corrupt, tooLarge } from './bounded-output.ts';

const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** No client writes more than one; each costs a decoder's set-up. */
const framesMax = 256;

/**
 * The compressed frames of a zstd stream, skippable ones left out. Node's decoder stops after the
 * first frame without a word, while Java's reads all, so they are told apart here.
 *
 * Throws MESSAGE_TOO_LARGE if what they declare is more than `maxOutputBytes`, CORRUPT_MESSAGE for
 * anything that is no frame. Source: RFC 8878, section 3.1.
 */
export function zstdFrames(bytes: Buffer, maxOutputBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  let declared = 0n;
  for (let at = 0; at < bytes.length;) {
    const kind = unsigned(bytes, at, 4);
    if (kind >= skippableMagic && kind < skippableMagic + 16) {
      at += 8 + unsigned(bytes, at + 4, 4);
      if (at > bytes.length) throw corrupt('zstd skippable frame ends early');
      continue;
    }
    if (kind !== magic) throw corrupt(`not a zstd frame: magic=${kind}`);
    const frame = measure(bytes, at);
    declared += frame.declared;
    if (declared > BigInt(maxOutputBytes)) throw tooLarge(maxOutputBytes);
    frames.push(bytes.subarray(at, frame.end));
    if (frames.length > framesMax) throw corrupt(`too many zstd frames: max=${framesMax}`);
    at = frame.end;
  }
  return frames;
}

function measure(bytes: Buffer, start: number): { declared: bigint; end: number } {
  const descriptor = unsigned(bytes, start + 4, 1);
  const singleSegment = (descriptor & 0b10_0000) !== 0;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeCode = descriptor >> 6;
  const sizeBytes = sizeCode === 0 ? Number(singleSegment) : 2 ** sizeCode;
  const sizeAt = start + 5 + (singleSegment ? 0 : 1) + dictionaryIdBytes;
  let at = sizeAt + sizeBytes;
  if (at > bytes.length) throw corrupt('zstd frame header ends early');
  for (let last = false; !last;) {
    const header = unsigned(bytes, at, 3);
    const isRunLength = ((header >> 1) & 3) === 1;
    last = (header & 1) === 1;
    at += 3 + (isRunLength ? 1 : header >> 3);
  }
  if ((descriptor & 0b100) !== 0) at += 4;
  if (at > bytes.length) throw corrupt('zstd frame ends early');
  return { declared: declaredBytes(bytes, sizeAt, sizeBytes), end: at };
}

function declaredBytes(bytes: Buffer, at: number, sizeBytes: number): bigint {
  if (sizeBytes === 8) return bytes.readBigUInt64LE(at);
  if (sizeBytes === 0) return 0n;
  return BigInt(bytes.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0));
}

function unsigned(bytes: Buffer, at: number, length: number): number {
  if (at + length > bytes.length) throw corrupt('zstd frame ends early');
  return bytes.readUIntLE(at, length);
}
