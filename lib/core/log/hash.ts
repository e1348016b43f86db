import { hash } from 'node:crypto';
import type { Offset } from '../../std/brands.ts';

const scratch = Buffer.alloc(28);

/**
 * The chained hash of the log: the first 16 bytes of SHA-256(h ‖ base offset ‖ CRC of the run),
 * as 32 hex digits. Two logs with one hash hold the same batches in the same order.
 */
export function chainHash(previous: string, baseOffset: Offset, crc: number): string {
  scratch.write(previous, 0, 16, 'hex');
  scratch.writeBigInt64BE(baseOffset, 16);
  scratch.writeUInt32BE(crc, 24);
  return hash('sha256', scratch, 'hex').slice(0, 32);
}
