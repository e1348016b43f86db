/** How a figure is taken: for so long, with so many requests in flight, or so many per second. */

export interface Rate {
  readonly perSecond: number;
  /** Of single calls. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The same for a while before, so that code is compiled and caches are warm. */
export async function warmLoop(
  lanes: number,
  ms: number,
  call: (lane: number) => Promise<unknown>,
): Promise<Rate> {
  await closedLoop(lanes, ms / 3, call);
  return closedLoop(lanes, ms, call);
}

/** Calls one after the other in each lane, for `ms`; what is in flight then still counts. */
export async function closedLoop(
  lanes: number,
  ms: number,
  call: (lane: number) => Promise<unknown>,
): Promise<Rate> {
  const times: number[] = [];
  const start = performance.now();
  const lane = async (index: number): Promise<void> => {
    while (performance.now() - start < ms) {
      const begin = performance.now();
      await call(index);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  return rateOf(times, performance.now() - start);
}

/** Calls at a steady rate, whether or not earlier ones were answered; times from when they were due. */
export async function openLoop(
  perSecond: number,
  ms: number,
  call: () => Promise<unknown>,
): Promise<Rate> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const start = performance.now();
  const timed = async (due: number): Promise<void> => {
    await call();
    times.push(performance.now() - due);
  };
  for (let due = start; due < start + ms; due += 1000 / perSecond) {
    const early = due - performance.now();
    if (early > 0) await pause(early);
    // A timer wakes up to a millisecond early or late, which is not what is measured.
    const now = performance.now();
    calls.push(timed(Math.min(now, Math.max(due, now - 1))));
  }
  await Promise.all(calls);
  return rateOf(times, performance.now() - start);
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms));

function rateOf(times: number[], elapsedMs: number): Rate {
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: (times.length * 1000) / elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
