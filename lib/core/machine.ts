import { assert } from '../std/assert.ts';

/**
 * A protocol of several steps as data: it asks for store calls and is told how each ended. It
 * never waits, and knows no clock and no chance, so that the driver, the simulator and the
 * explorer can run the very same machine. States are immutable values.
 */
export type Step<State, Request, Result> =
  | { readonly kind: 'ask'; readonly state: State; readonly requests: readonly Request[] }
  | { readonly kind: 'end'; readonly result: Result };

export interface Machine<Input, State, Request, Reply, Result> {
  start(input: Input): Step<State, Request, Result>;
  /**
   * `replies` are the outcomes of the requests last asked for, in their order. `expired` says that
   * the caller's time is up: the machine ends at the next point where it would try again, with
   * what it can promise.
   */
  step(state: State, replies: readonly Reply[], expired: boolean): Step<State, Request, Result>;
}

export const ask = <State, Request>(
  state: State,
  ...requests: readonly Request[]
): { readonly kind: 'ask'; readonly state: State; readonly requests: readonly Request[] } => ({
  kind: 'ask',
  state,
  requests,
});

export const end = <Result>(result: Result): { readonly kind: 'end'; readonly result: Result } => ({
  kind: 'end',
  result,
});

/** The outcome of the i-th request, which was of this kind. */
export function outcomeAt<
  Reply extends { readonly kind: string; readonly outcome: unknown },
  Kind extends Reply['kind'],
>(replies: readonly Reply[], i: number, kind: Kind): Extract<Reply, { kind: Kind }>['outcome'] {
  const reply = replies[i];
  assert(reply?.kind === kind, `reply to ${kind} expected, got=${reply?.kind}`);
  return reply.outcome;
}
