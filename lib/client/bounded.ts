import { ProtocolError } from '../protocol/errors.ts';
import type { Timestamp } from './types.ts';

/** The longest time that a timer takes. */
export const msMax = 2 ** 31 - 1;

/** An option's value, if it is a whole number of `min … max`. INVALID_CONFIG otherwise. */
export function bounded(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ProtocolError(
    'INVALID_CONFIG',
    `expected a whole number of ${min} … ${max} for ${name}, got ${name}=${value}`,
  );
}

/** An option's value, if it is one of these words. INVALID_CONFIG otherwise. */
export function oneOf<Word extends string>(
  name: string,
  value: Word,
  words: readonly Word[],
): Word {
  if (words.includes(value)) return value;
  throw new ProtocolError(
    'INVALID_CONFIG',
    `expected one of ${words.join(', ')} for ${name}, got ${name}=${value}`,
  );
}

/** INVALID_TIMESTAMP unless it is a whole number of 0 … 2^63−2 ms. */
export function millis(timestamp: Timestamp): bigint {
  const value = typeof timestamp === 'object' ? timestamp.getTime() : timestamp;
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    const ms = BigInt(value);
    if (ms >= 0n && ms <= 2n ** 63n - 2n) return ms;
  }
  throw new ProtocolError(
    'INVALID_TIMESTAMP',
    `expected whole milliseconds since 1970, 0 … 2^63−2: timestamp=${value}`,
  );
}

/** INVALID_REQUEST unless it is a whole number of 0 … 2^63−1. */
export function whole(name: string, value: bigint | number): bigint {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    const number = BigInt(value);
    if (number >= 0n && number < 2n ** 63n) return number;
  }
  throw new ProtocolError(
    'INVALID_REQUEST',
    `expected a whole number of 0 … 2^63−1 for ${name}, got ${name}=${value}`,
  );
}
