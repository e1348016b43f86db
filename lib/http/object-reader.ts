import { malformed, shown } from './faults.ts';
import { integerOf, parseJson, textOf } from './json.ts';
import { int64Max, isObject } from './record-fields.ts';

/**
 * An object of a request's body, field by field; null is as if the field were not there. What is not
 * as it should be is 40001, with where it lies.
 */
export class ObjectReader {
  readonly #value: Readonly<Record<string, unknown>>;
  /** Of the object in the body; empty: the body itself. */
  readonly #path: string;

  constructor(value: unknown, path: string, known: readonly string[]) {
    const field = path === '' ? '' : ` field=${path}`;
    if (!isObject(value)) throw malformed(`expected an object, got ${shown(value)}${field}`);
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const names = known.join(', ');
      throw malformed(`expected only the fields ${names}, got ${shown(name)}${field}`);
    }
    this.#value = value;
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined && this.#value[name] !== null;
  }

  text(name: string, expected = 'a string'): string {
    const value = this.#value[name];
    // No UTF-8 stands for half a surrogate pair.
    if (typeof value === 'string' && value.isWellFormed()) return value;
    throw this.fault(name, expected);
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    if (typeof value === 'boolean') return value;
    throw this.fault(name, 'true or false');
  }

  int(name: string, min: number, max: number): number {
    return Number(this.int64(name, BigInt(min), BigInt(max)));
  }

  /** An integer within bounds; a larger one is refused, never rounded. */
  int64(name: string, min = 0n, max = int64Max): bigint {
    const integer = integerOf(this.#value[name]);
    if (integer !== undefined && integer >= min && integer <= max) return integer;
    throw this.fault(name, `an integer from ${min} to ${max}`);
  }

  /** Each element, with its path. */
  list<T>(name: string, read: (value: unknown, path: string) => T): readonly T[] {
    const value = this.#value[name];
    if (!Array.isArray(value)) throw this.fault(name, 'an array');
    return value.map((each: unknown, index) => read(each, `${this.pathOf(name)}[${index}]`));
  }

  texts(name: string): readonly string[] {
    return this.list(name, (value, path) => {
      if (typeof value === 'string' && value.isWellFormed()) return value;
      throw malformed(`expected a string, got ${shown(value)} field=${path}`);
    });
  }

  ints(name: string, min: number, max: number): readonly number[] {
    return this.list(name, (value, path) => {
      const integer = integerOf(value);
      if (integer !== undefined && integer >= min && integer <= max) return Number(integer);
      throw malformed(
        `expected an integer from ${min} to ${max}, got ${shown(value)} field=${path}`,
      );
    });
  }

  /** What a field is, as it was parsed. */
  value(name: string): unknown {
    return this.#value[name];
  }

  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  fault(name: string, expected: string): Error {
    return malformed(
      `expected ${expected}, got ${shown(this.#value[name])} field=${this.pathOf(name)}`,
    );
  }
}

export const readBody = (body: Uint8Array, known: readonly string[]): ObjectReader =>
  new ObjectReader(parseJson(textOf(body)), '', known);

/** Without the fields that are undefined. */
export function present<T extends object>(fields: T): Present<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<T>;
}

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];
type Present<T> = Omit<T, Optional<T>> & { [K in Optional<T>]?: Exclude<T[K], undefined> };
