import type { Clock } from '../ports/environment.ts';
import type { Deadline } from './driver.ts';

export function deadlineIn(clock: Clock, ms: number): Deadline {
  const at = clock.monotonic() + ms;
  return { expired: () => clock.monotonic() >= at };
}
