import type { Clock } from '../ports/environment.ts';

/** Without a request for so long, the process counts as idle. */
const quietMs = 1_500;

/**
 * Gives back, once after every busy time, what the garbage collector keeps for the next one. V8
 * alone does so only much later, if at all. Needs `--expose-gc`, which the shim sets; without it
 * nothing happens.
 */
export async function giveBackWhenIdle(
  served: () => number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) return;
  let collectedAt = -1;
  let before = served();
  while (!signal.aborted) {
    await clock.sleep(quietMs, signal);
    const now = served();
    if (now === before && now !== collectedAt) {
      gc();
      collectedAt = now;
    }
    before = now;
  }
}
