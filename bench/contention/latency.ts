import type { Random } from '../../lib/ports/environment.ts';

/** How long one kind of request takes, from its sending to its answer. */
interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The 99th percentile of the standard normal distribution. */
const z99 = 2.326_347_874;

/** Draws from the lognormal distribution with these two percentiles. */
export function lognormal({ p50Ms, p99Ms }: Latency, random: Random): () => number {
  const sigma = Math.log(p99Ms / p50Ms) / z99;
  return () => p50Ms * Math.exp(sigma * normal(random));
}

/** Box and Muller: one of the pair is enough. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

/** Time between two arrivals of a Poisson process. */
export const exponential = (perSecond: number, random: Random): number =>
  (-Math.log(1 - random.next()) / perSecond) * 1_000;
