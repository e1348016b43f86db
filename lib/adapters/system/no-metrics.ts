import type { Metrics } from '../../ports/environment.ts';

/** For programs that nobody watches. */
export const noMetrics: Metrics = { count: () => undefined, observe: () => undefined };
