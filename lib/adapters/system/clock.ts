import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../ports/environment.ts';

/** The machine's clock. No service answers here, so `serviceNow` is the local time. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    serviceNow: () => Date.now(),
    sleep: async (ms, signal) => {
      // The only way for it to reject is the signal, and that is an ordinary end of a sleep.
      await wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
  };
}
