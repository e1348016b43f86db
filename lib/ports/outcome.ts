/**
 * How a call on a store ends: exactly one of these. The difference that matters is between
 * "nothing happened" (`throttled`, `unavailable`, `conflict`, `condition-failed`) and
 * `indeterminate`: it may have happened, or may yet happen, arbitrarily late. `indeterminate`
 * is never turned into anything that promises that nothing happened.
 */
export interface Done<T> {
  readonly kind: 'done';
  readonly value: T;
}

/** Nothing happened: the store asks for patience. */
export interface Throttled {
  readonly kind: 'throttled';
}

/** Nothing happened: the request was certainly not applied. For a read: no answer came. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly cause: string;
}

/** A write that may have happened, or may yet happen, arbitrarily late. Reads never end so. */
export interface Indeterminate {
  readonly kind: 'indeterminate';
  readonly cause: string;
}

/** Nothing happened: the condition did not hold; what stood in the way (absent: nothing did). */
export interface ConditionFailed<Item> {
  readonly kind: 'condition-failed';
  readonly item: Item | undefined;
}

export type ReadOutcome<T> = Done<T> | Throttled | Unavailable;
export type WriteOutcome<T> = Done<T> | Throttled | Unavailable | Indeterminate;
export type ConditionalOutcome<T, Item> = WriteOutcome<T> | ConditionFailed<Item>;

export const done = <T>(value: T): Done<T> => ({ kind: 'done', value });
