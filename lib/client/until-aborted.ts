/** Of everything that waits: ends the wait, with the signal's reason. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}

/**
 * What `work` comes to, unless the signal aborts first. Then nothing is begun, or what was begun
 * goes on, and nobody hears of it.
 */
export function untilAborted<T>({ signal }: WaitOptions, work: () => Promise<T>): Promise<T> {
  return signal === undefined ? work() : race(signal, work);
}

async function race<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
