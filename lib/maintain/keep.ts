import type { Engine } from '../engine/engine.ts';
import { maintainOnce } from './pass.ts';

/** Time between two looks at what is due. */
const everyMs = 5_000;
/** A pass that has something to do may wait this long for the lease of a process that died. */
const passMsMax = 60_000;

/**
 * Does what is due until `signal` aborts, in a process that has a store to itself. Resolves when
 * nothing of it is under way any more; what fails goes to `onError`, and is tried again.
 */
export async function keepMaintained(
  engine: Engine,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const { clock } = engine.env;
  while (!signal.aborted) {
    try {
      const until = clock.monotonic() + passMsMax;
      const expired = (): boolean => signal.aborted || clock.monotonic() >= until;
      await maintainOnce(engine, { expired }, { takeOver: true, stop: signal });
    } catch (error) {
      onError(error);
    }
    await clock.sleep(everyMs, signal);
  }
}
