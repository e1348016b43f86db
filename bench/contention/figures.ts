import type { Call } from './cloud.ts';
import type { Observed, Run, Served } from './load.ts';

/** What one run came to. */
export interface Figures {
  /** Answered within the time that was measured. */
  readonly commitsPerSecond: number;
  /** From request to answer, of the requests that were committed. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The same without the requests that spilled. */
  readonly p99PlainMs: number;
  readonly maxMs: number;
  /** Writes to the log per commit, also those refused, those of spills among them. */
  readonly attempts: number;
  /** Of all requests together, per commit; an upload counts as 8. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Calls that the store refused for its capacity, per commit. */
  readonly throttled: number;
  /** Requests that were not committed in time, or not taken at all. */
  readonly failed: number;
  readonly coldStarts: number;
}

export function figuresOf({ served, commits, coldStarts, refused }: Observed, run: Run): Figures {
  const committed = served.filter((request) => request.committed);
  const times = sortedTimes(committed);
  const plain = sortedTimes(committed.filter((request) => !hasSpilled(request)));
  const perCommit = (of: (call: Call) => number): number =>
    served.reduce((sum, { calls }) => sum + calls.reduce((own, call) => own + of(call), 0), 0) /
    committed.length;
  return {
    commitsPerSecond: (commits * 1_000) / run.measureMs,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    p99PlainMs: percentile(plain, 0.99),
    maxMs: percentile(times, 1),
    attempts: perCommit(({ what }) => (isAttempt(what) ? 1 : 0)),
    writeUnits: perCommit((call) => call.writeUnits),
    readUnits: perCommit((call) => call.readUnits),
    throttled: perCommit(({ outcome }) => (outcome === 'throttled' ? 1 : 0)),
    failed: served.length - committed.length + refused,
    coldStarts,
  };
}

/** `H` is the head of plain compare-and-set. */
const isAttempt = (what: string): boolean =>
  what === 'append R' || what === 'put R' || what === 'put H';

const hasSpilled = ({ calls }: Served): boolean => calls.some(({ what }) => what === 'put object');

const sortedTimes = (served: readonly Served[]): readonly number[] =>
  served.map(({ startedMs, answeredMs }) => answeredMs - startedMs).toSorted((a, b) => a - b);

/** The smallest value that this share of them does not exceed; NaN of none. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
