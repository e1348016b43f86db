/** Does work for some seconds, so many at a time; returns units of work a second. */
export async function during(
  seconds: number,
  lanes: number,
  work: (lane: number) => Promise<number>,
): Promise<number> {
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let units = 0;
  const lane = async (index: number): Promise<void> => {
    while (performance.now() < until) {
      const done = await work(index);
      units += done;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  return units / ((performance.now() - begin) / 1000);
}

/** Milliseconds of calls that begin at a steady rate, sorted. */
export async function latencies(
  perSecond: number,
  seconds: number,
  call: () => Promise<unknown>,
): Promise<readonly number[]> {
  const taken: number[] = [];
  const begin = performance.now();
  const calls: Promise<void>[] = [];
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const at = begin + (i * 1000) / perSecond;
    const early = at - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    calls.push(timed(call, taken));
  }
  await Promise.all(calls);
  return taken.toSorted((a, b) => a - b);
}

async function timed(call: () => Promise<unknown>, taken: number[]): Promise<void> {
  const started = performance.now();
  await call();
  taken.push(performance.now() - started);
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
