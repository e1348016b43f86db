import type { Clock } from '../../ports/environment.ts';

/** Time between two looks: a tenth of the shortest limit, but no more than this. */
const lookMsMax = 1_000;

/**
 * Ends what takes too long, and at most a look later. One timer for all: a timer for each request,
 * with what it takes to stop it, would cost half as much CPU as the request.
 */
export class TimeLimits {
  readonly #clock: Clock;
  /** By what ends it. */
  readonly #until = new Map<() => void, number>();
  #everyMs = lookMsMax;
  #looking: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `end` in `ms`, unless it is deleted before. */
  set(end: () => void, ms: number): void {
    this.#until.set(end, this.#clock.monotonic() + ms);
    const everyMs = Math.min(lookMsMax, ms / 10);
    if (this.#looking !== undefined && this.#everyMs <= everyMs) return;
    this.#looking?.abort();
    this.#everyMs = everyMs;
    this.#looking = new AbortController();
    void this.#look(this.#looking.signal);
  }

  delete(end: () => void): void {
    this.#until.delete(end);
  }

  close(): void {
    this.#looking?.abort();
  }

  async #look(replaced: AbortSignal): Promise<void> {
    while (this.#until.size > 0) {
      await this.#clock.sleep(this.#everyMs, replaced);
      if (replaced.aborted) return;
      const now = this.#clock.monotonic();
      for (const [end, until] of this.#until) {
        if (now < until) continue;
        this.#until.delete(end);
        end();
      }
    }
    this.#looking = undefined;
  }
}
