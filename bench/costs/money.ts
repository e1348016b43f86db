import prices from './prices.json' with { type: 'json' };
import type { Counted } from './count.ts';

export { prices };

export type Door = 'direct' | 'httpApi' | 'restApi';

/** US dollars per million calls, by who is paid. */
export interface Bill {
  readonly store: number;
  readonly lambda: number;
  readonly logs: number;
  readonly gateway: number;
}

/** Mean ms of a call to a store: lognormal, 7.6/16 ms and 25/120 ms at p50/p99 (model). */
const tableMs = 8;
const objectMs = 31.4;
/** Parsing, packing, the SDK, the runtime. */
const ownMs = 3;
/** Of a function, as the construct sets it. */
const memoryGib = 1;
/** One line of ours and the three of the platform. */
const logBytes = 750;

const gib = 1024 ** 3;

export const total = ({ store, lambda, logs, gateway }: Bill): number =>
  store + lambda + logs + gateway;

/**
 * Of a million calls. The store is counted; the function's time is a model: its requests one after
 * the other, which is more than it takes.
 */
export function perMillion(counted: Counted, door: Door): Bill {
  const { dynamodb, s3 } = prices;
  const store =
    counted.readUnits * dynamodb.readUnits +
    counted.writeUnits * dynamodb.writeUnits +
    counted.puts * s3.puts +
    counted.gets * s3.gets;
  if (door === 'direct') return { store, lambda: 0, logs: 0, gateway: 0 };
  const ms = ownMs + counted.tableCalls * tableMs + (counted.puts + counted.gets) * objectMs;
  const { requests, requestKib } = prices[door];
  const metered = Math.max(1, Math.ceil(counted.bytes / 1024 / requestKib));
  return {
    store,
    lambda: prices.lambda.requests + (ms / 1_000) * memoryGib * prices.lambda.gibSecond * 1e6,
    logs: (logBytes * 1e6 * prices.logs.gib) / gib,
    // HTTP APIs are metered by 512 KiB; REST APIs by the call.
    gateway: door === 'httpApi' ? requests * metered : requests,
  };
}

/** Of a GiB of records. */
export const perGib = (counted: Counted, door: Door): number =>
  (total(perMillion(counted, door)) / 1e6) * (gib / counted.bytes);
