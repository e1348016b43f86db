import type { Clock } from '../../lib/ports/environment.ts';
import type { Scheduler } from '../../test/sim/world/scheduler.ts';

/** Where the calendar stands when the scheduler starts: well after 2020. */
export const epochMs = 1_750_000_000_000;

/** The clock of a process in virtual time, which is right. */
export function clockOf(scheduler: Scheduler): Clock {
  const now = (): number => epochMs + Math.floor(scheduler.nowMs);
  return {
    now,
    serviceNow: now,
    monotonic: () => scheduler.nowMs,
    sleep: (ms) => scheduler.sleep(ms),
  };
}
