import { together } from './together.ts';

/**
 * Works on all of them, so many at a time; the results in their order. The first failure ends it,
 * as soon as what is under way has ended.
 */
export async function inLanes<T, Result>(
  all: readonly T[],
  width: number,
  work: (one: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < all.length) {
      const at = next;
      next += 1;
      try {
        results[at] = await work(all[at] as T);
      } catch (error) {
        next = all.length;
        throw error;
      }
    }
  };
  await together(Array.from({ length: Math.min(width, all.length) }, lane));
  return results;
}
