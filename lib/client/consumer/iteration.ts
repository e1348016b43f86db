/** What an iteration hands out, and how. */
export interface IterationHooks<T> {
  /** Called once, by the first `next`. Ends early when `signal` aborts. */
  readonly begin: (signal: AbortSignal) => Promise<void>;
  /** What is there now. What it throws ends the iteration. */
  readonly take: () => T | undefined;
  /** Nothing is to come any more. */
  readonly isOver: () => boolean;
  /** Called once, however it ended. */
  readonly finished: () => void;
}

/**
 * An iterator over what comes by and by. Calls of `next` are answered one after the other; one that
 * waits is answered when the iteration ends.
 */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #hooks: IterationHooks<T>;
  readonly #ended = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  #beginning: Promise<void> | undefined;
  /** Of whoever waits for something to change. */
  #wake: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  readonly #forgetSignal: (() => void) | undefined;

  constructor(hooks: IterationHooks<T>, signal?: AbortSignal) {
    this.#hooks = hooks;
    if (signal === undefined) return;
    const abort = (): void => this.end({ error: signal.reason });
    signal.addEventListener('abort', abort, { once: true });
    this.#forgetSignal = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return over;
  }

  /** Something may be there. */
  notify(): void {
    this.#wake?.();
  }

  /** `failure` is told to the next who asks, or who waits; the others, that it is over. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended.signal.aborted) return;
    this.#failure = failure;
    this.#ended.abort();
    this.#forgetSignal?.();
    this.#hooks.finished();
    this.#end.resolve();
    this.#wake?.();
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        if (this.#ended.signal.aborted) return this.#last();
        if (this.#beginning === undefined) {
          await this.#begin();
          continue;
        }
        const value = this.#hooks.take();
        if (value !== undefined) return { done: false, value };
        if (this.#hooks.isOver()) this.end();
        else await this.#changed();
      }
    } catch (error) {
      this.end();
      throw error;
    }
  }

  #last(): typeof over {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return over;
  }

  /** Not longer than the iteration: what it waits for may never be answered. */
  async #begin(): Promise<void> {
    const { signal } = this.#ended;
    const begun = this.#hooks.begin(signal);
    this.#beginning = begun;
    // If the iteration ends first, nobody is left to be told.
    begun.catch(() => undefined);
    await Promise.race([begun, this.#end.promise]);
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const over: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };
