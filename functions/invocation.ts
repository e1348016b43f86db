import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Engine } from '../lib/engine/engine.ts';
import { pauseMsMax } from '../lib/core/log/requests.ts';
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

/** The call that a process is busy with: Lambda gives it no second one before that is answered. */
export class Invocation {
  readonly #refresh: () => void;
  #context: Context | undefined;

  constructor(refresh: () => void) {
    this.#refresh = refresh;
  }

  begin(context: Context): void {
    this.#context = context;
    this.#refresh();
  }

  /** ms that work which begins now may take. */
  readonly workMs = (): number => {
    const leftMs = this.#context?.getRemainingTimeInMillis() ?? functionTimeoutMs;
    return Math.max(0, Math.min(limits.produceDeadlineMs, leftMs - reserveMs));
  };
}

/**
 * Nothing runs after the answer: a process is frozen then, and what was under way would go on
 * minutes later. So everything that a call began is awaited, also where the call failed.
 */
export function bounded(invocation: Invocation, engine: Engine): MiddlewareObj {
  const settled = (): Promise<void> => engine.settled();
  return {
    before: ({ context }) => invocation.begin(context),
    after: settled,
    onError: settled,
  };
}
