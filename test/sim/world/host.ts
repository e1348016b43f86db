import type { Clock } from '../../../lib/ports/environment.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** Where the calendar stands when the world begins. */
export const epochMs = 1_750_000_000_000;

interface Machine {
  readonly skewMs: number;
  readonly stops: boolean;
  readonly knows: number;
}

/**
 * The machine under a process: runs, is frozen for a while, or is dead. What reaches a process goes
 * through here; what it has sent is out of its hands.
 */
export class Host {
  readonly name: string;
  /** The newest format of a slot that its program knows. */
  readonly knows: number;
  readonly clock: Clock;
  /** The calendar's error. */
  skewMs: number;
  /** Whether the monotonic clock stands still while frozen. */
  readonly #stops: boolean;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  #alive = true;
  /** Freezes that last; it thaws when all are over. */
  #freezes = 0;
  #restingSinceMs: number | undefined;
  #stoodMs = 0;
  /** The newest Date header heard in this invocation; Infinity: none yet. */
  #serviceMs = Infinity;
  #held: (() => void)[] = [];
  readonly #mourners = new Set<() => void>();

  constructor(name: string, scheduler: Scheduler, trace: Trace, { skewMs, stops, knows }: Machine) {
    this.name = name;
    this.knows = knows;
    this.skewMs = skewMs;
    this.#stops = stops;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.clock = {
      now: () => Math.floor(epochMs + scheduler.nowMs + this.skewMs),
      monotonic: () => scheduler.nowMs - this.#stoodMs,
      serviceNow: () => Math.min(this.clock.now(), epochMs + this.#serviceMs),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get frozen(): boolean {
    return this.#freezes > 0 || this.#restingSinceMs !== undefined;
  }

  /** Runs what reached the process: now, when it thaws, or never. */
  deliver(run: () => void): void {
    if (!this.#alive) return;
    if (this.frozen) this.#held.push(run);
    else run();
  }

  /** The Date header of an answer. */
  sawService(): void {
    this.#serviceMs = Math.floor(this.#scheduler.nowMs / 1_000) * 1_000;
  }

  /** Nothing of the process goes on, ever; what it sent may still arrive. */
  crash(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#held = [];
    this.#trace.add(this.name, 'CRASH');
    for (const tell of this.#mourners) tell();
    this.#mourners.clear();
  }

  /** Calls back when the process dies. Returns how not to be. */
  onCrash(tell: () => void): () => void {
    this.#mourners.add(tell);
    return () => void this.#mourners.delete(tell);
  }

  /** Timers and answers wait, and all come at once after so long. */
  freeze(ms: number): void {
    if (!this.#alive) return;
    this.#freezes += 1;
    this.#trace.add(this.name, `FREEZE ms=${ms}`);
    this.#scheduler.after(ms, () => {
      this.#freezes -= 1;
      this.#goOn(ms);
    });
  }

  /** As Lambda between two invocations: frozen until somebody asks for something. */
  rest(): void {
    if (!this.#alive || this.#restingSinceMs !== undefined) return;
    this.#restingSinceMs = this.#scheduler.nowMs;
    this.#trace.add(this.name, 'REST');
  }

  wake(): void {
    if (this.#restingSinceMs === undefined) return;
    const ms = this.#scheduler.nowMs - this.#restingSinceMs;
    this.#restingSinceMs = undefined;
    this.#serviceMs = Infinity;
    this.#goOn(ms);
  }

  #goOn(stoodMs: number): void {
    if (this.frozen || !this.#alive) return;
    if (this.#stops) this.#stoodMs += stoodMs;
    this.#trace.add(this.name, 'THAW');
    // One by one: between two of them others may go on.
    for (const run of this.#held.splice(0)) this.#scheduler.after(0, () => this.deliver(run));
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', soon);
        this.deliver(resolve);
      };
      const soon = (): void => this.#scheduler.after(0, wake);
      signal?.addEventListener('abort', soon);
      this.#scheduler.after(ms, wake);
    });
  }
}
