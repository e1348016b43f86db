import type { Clock } from '../../lib/ports/environment.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock whose time passes only when everybody sleeps: 20 s of deadline take no real time, and a
 * seed always gives the same order of events. Works for code that waits for nothing else, as all
 * code on the memory stores does.
 */
export class VirtualClock implements Clock {
  /** Where the calendar stands when the clock starts: well after 2020. */
  readonly epochMs = 1_750_000_000_000;
  #ms = 0;
  /** In the order of their time, then of their coming. */
  readonly #sleepers: Sleeper[] = [];

  now(): number {
    return this.epochMs + Math.floor(this.#ms);
  }

  serviceNow(): number {
    return this.now();
  }

  monotonic(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.#ms + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        sleeper.wake();
      };
      signal?.addEventListener('abort', abort);
      let place = this.#sleepers.length;
      while (place > 0 && (this.#sleepers[place - 1] as Sleeper).at > sleeper.at) place -= 1;
      this.#sleepers.splice(place, 0, sleeper);
    });
  }

  /** Lets time pass, as far as needed, until this is settled. */
  async run<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const watched = work.finally(() => {
      over = true;
    });
    // Whoever called meets the error below; until then it is not unhandled.
    watched.catch(() => undefined);
    for (;;) {
      await turn();
      if (over) return watched;
      if (!this.#wakeNext()) throw new Error(`stuck at ms=${this.#ms}: nobody sleeps`);
    }
  }

  /** Lets time pass until nobody sleeps any more, so that all that was late has arrived. */
  async drain(): Promise<void> {
    do await turn();
    while (this.#wakeNext());
  }

  #wakeNext(): boolean {
    const next = this.#sleepers.shift();
    if (next === undefined) return false;
    this.#ms = Math.max(this.#ms, next.at);
    next.wake();
    return true;
  }
}

/** One turn of the event loop: whoever can go on without time passing has done so. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
