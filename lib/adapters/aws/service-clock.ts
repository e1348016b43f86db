import type { Clock } from '../../ports/environment.ts';
import { systemClock } from '../system/clock.ts';

/** The machine's clock, held back by what services say. */
export interface ServiceClock extends Clock {
  /** Takes the Date header of an answer; one that is no date says nothing. */
  heard(date: string): void;
  /** A new invocation: what was heard before the pause says nothing about now. */
  forget(): void;
}

export function serviceClock(): ServiceClock {
  const clock = systemClock();
  let newest = -Infinity;
  return {
    ...clock,
    serviceNow: () => (newest === -Infinity ? clock.now() : Math.min(clock.now(), newest)),
    heard: (date) => {
      const ms = Date.parse(date);
      if (ms > newest) newest = ms;
    },
    forget: () => {
      newest = -Infinity;
    },
  };
}
