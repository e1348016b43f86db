/**
 * A broken expectation of our own. It is a bug, never an answer to a user: it fails the
 * invocation (or the request) and counts as an alarm.
 */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/** Asserts what must hold. Names an invariant (`I4: …`) where it guards one. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The value, which must be there. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new InvariantError(`missing ${what}`);
  return value;
}

/** Ends an exhaustive switch: reached only when a case was added and forgotten here. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value=${JSON.stringify(value)}`);
}
