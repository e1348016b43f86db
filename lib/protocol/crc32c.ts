/** `tables[k * 256 + b]` is the CRC of byte b followed by k zero bytes. */
const tables = new Int32Array(8 * 256);

const CASTAGNOLI_REFLECTED = 0x82f63b78;
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CASTAGNOLI_REFLECTED : 0);
  tables[byte] = crc;
}
for (let i = 256; i < tables.length; i++) {
  const crc = tables[i - 256] as number;
  tables[i] = (crc >>> 8) ^ (tables[crc & 0xff] as number);
}

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4) as an unsigned 32-bit number, by slicing over 8 bytes
 * at a time. `seed` is the CRC of what went before, so that parts can be chained.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  // A local name and `as number` only: the loop runs over every byte that is produced.
  const t = tables;
  const wordsEnd = bytes.length - (bytes.length % 8);
  let crc = ~seed;
  let at = 0;
  for (; at < wordsEnd; at += 8) {
    const a = crc ^ b4(bytes, at);
    crc =
      (t[1792 + (a & 0xff)] as number) ^
      (t[1536 + ((a >>> 8) & 0xff)] as number) ^
      (t[1280 + ((a >>> 16) & 0xff)] as number) ^
      (t[1024 + (a >>> 24)] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

function b4(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
