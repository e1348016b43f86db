import { MalformedBytes } from '../std/bytes.ts';
import type { ByteReader } from '../std/bytes.ts';

/**
 * Every record begins with its format: a first byte where it is binary, the field `v` where it is
 * JSON. Records of one format never change their meaning.
 */
export const formatNumber = 1;

/**
 * A newer release wrote it. A process that does not know a format refuses, and writes nothing:
 * it would drop what it cannot read.
 */
export class UnknownFormat extends Error {
  override name = 'UnknownFormat';
}

/** Takes the format of a binary record. */
export function readFormat(reader: ByteReader): void {
  checkFormat(reader.u8());
}

export function checkFormat(format: number): void {
  if (format === formatNumber) return;
  if (format > formatNumber) throw new UnknownFormat(`unknown format=${format}`);
  throw new MalformedBytes(`there is no format=${format}`);
}
