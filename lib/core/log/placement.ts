import { limits } from '../../std/limits.ts';

/** What a store charges, in write units. */
export interface PriceSheet {
  /** One PUT of an object. On AWS 8: $0.000005 against $0.000000625 (us-east-1, on-demand). */
  readonly objectPutUnits: number;
  /** Bytes that one write unit pays for. */
  readonly writeUnitBytes: number;
  /** What a command costs beyond its inline bytes: the snapshot, the run's description. */
  readonly overheadBytes: number;
}

export const awsPrices: PriceSheet = {
  objectPutUnits: 8,
  writeUnitBytes: 1024,
  overheadBytes: 500,
};

/**
 * The most bytes that are carried inside the command: up to there, the write units they cost (once
 * with the commit; the spill's PUT is shared by the group) stay below the price of a PUT.
 */
export function inlineBytesMax(prices: PriceSheet): number {
  const breakEven = prices.objectPutUnits * prices.writeUnitBytes;
  return Math.min(limits.inlineBytesMax, breakEven - prices.overheadBytes);
}
