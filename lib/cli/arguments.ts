import { InvalidArgumentError } from 'commander';

/** A whole number within bounds. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a number of ${min} … ${max}.`);
  };
}

/** An empty one would mean the current directory, or all addresses: nobody means that. */
export function nonEmpty(value: string): string {
  if (value !== '') return value;
  throw new InvalidArgumentError('expected at least one character.');
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** `name=value`; the value may be empty, and may hold more equals signs. */
export function namedValue(text: string): NamedValue {
  const at = text.indexOf('=');
  if (at > 0) return { name: text.slice(0, at), value: text.slice(at + 1) };
  throw new InvalidArgumentError('expected name=value.');
}

/** For an option that may be given several times. */
export function list<T>(parse: (text: string) => T): (text: string, before?: readonly T[]) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `30s`, `5m`, `1h`, `7d` in ms; undefined if it is not a duration. */
export function durationMs(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = unitMs[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}

export function timeout(text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError('expected a time such as 30s, 5m or 1h.');
}
