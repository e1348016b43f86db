import { crc32c } from '../../protocol/crc32c.ts';

/** CRC32C as S3 wants it: 4 bytes, big-endian, base64. */
export function checksum(bytes: Uint8Array): string {
  const encoded = Buffer.alloc(4);
  encoded.writeUInt32BE(crc32c(bytes));
  return encoded.toString('base64');
}
