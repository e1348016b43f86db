import { AsyncLocalStorage } from 'node:async_hooks';
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Engine } from '../lib/engine/engine.ts';
import { pauseMsMax } from '../lib/core/log/requests.ts';
import type { Clock } from '../lib/ports/environment.ts';
import { assert } from '../lib/std/assert.ts';
import { limits } from '../lib/std/limits.ts';

/** Of the functions that answer requests: above the deadline of work, under the gateway's 29 s. */
export const functionTimeoutMs = 25_000;

/** What is kept of a function's time for calls of the store to end, and for the answer. */
const reserveMs = functionTimeoutMs - limits.produceDeadlineMs;

/** What follows a pause that began just before the deadline still ends within the reserve. */
export const storeTimeouts = { connectMs: 1_000, tableMs: 3_000, objectMs: 3_000 } as const;
const callMsMax = Math.max(storeTimeouts.tableMs, storeTimeouts.objectMs);
assert(pauseMsMax + callMsMax < reserveMs, 'a pause and a call end within the reserve');

/** One invocation, from its event to its answer. */
export interface Call {
  readonly context: Context;
  /** On the monotonic clock. */
  readonly startedMs: number;
  /** What nobody foresaw, for the line of this call. */
  readonly errors: unknown[];
}

/** The calls that a process is busy with: one at a time, or several where Lambda is told so. */
export class Calls {
  readonly #clock: Clock;
  readonly #refresh: () => void;
  readonly #asking = new AsyncLocalStorage<Call>();
  readonly #busy = new Set<Call>();
  #next: PromiseWithResolvers<void> | undefined;

  /** `refresh` is called where a call begins: the process may have been frozen before it. */
  constructor(clock: Clock, refresh: () => void) {
    this.#clock = clock;
    this.#refresh = refresh;
  }

  async run<T>(context: Context, work: () => Promise<T>): Promise<T> {
    const call: Call = { context, startedMs: this.#clock.monotonic(), errors: [] };
    this.#refresh();
    this.#busy.add(call);
    this.#next?.resolve();
    try {
      return await this.#asking.run(call, work);
    } finally {
      this.#busy.delete(call);
    }
  }

  /**
   * The call for which something is done. What several wait for, as the commits of an appender, is
   * done for whoever asked first, and that one may have been answered: then for any other.
   */
  get current(): Call | undefined {
    const asking = this.#asking.getStore();
    if (asking !== undefined && this.#busy.has(asking)) return asking;
    const [any] = this.#busy;
    return any;
  }

  /**
   * Nothing runs after the last answer: a process is frozen then, and what was under way would go
   * on minutes later. Waits until it is `settled`, or until another call begins, which then waits.
   */
  async rest(settled: () => Promise<void>): Promise<void> {
    if (this.#busy.size > 1) return;
    this.#next = Promise.withResolvers();
    await Promise.race([settled(), this.#next.promise]);
  }

  /** ms that work which begins now may take. */
  readonly workMs = (): number => {
    const leftMs = this.current?.context.getRemainingTimeInMillis() ?? functionTimeoutMs;
    return Math.max(0, Math.min(limits.produceDeadlineMs, leftMs - reserveMs));
  };
}

/** What a call began is awaited before it is answered, also where it failed. */
export function bounded(calls: Calls, engine: Engine): MiddlewareObj {
  const rest = (): Promise<void> => calls.rest(() => engine.settled());
  return { after: rest, onError: rest };
}
