import type { PartitionKey } from '../core/log/partition-key.ts';
import { logName } from './sights.ts';

/** Wakes readers that wait in this process when a commit of this process was decided. */
export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>();

  announce(log: PartitionKey): void {
    const name = logName(log);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    this.#waiting.delete(name);
    for (const wake of waiting) wake();
  }

  /** A signal that aborts with the next change, and how to stop waiting for it. */
  next(log: PartitionKey): { readonly signal: AbortSignal; readonly cancel: () => void } {
    const name = logName(log);
    const controller = new AbortController();
    const wake = (): void => controller.abort();
    const waiting = this.#waiting.get(name) ?? new Set();
    waiting.add(wake);
    this.#waiting.set(name, waiting);
    const cancel = (): void => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
    };
    return { signal: controller.signal, cancel };
  }
}
