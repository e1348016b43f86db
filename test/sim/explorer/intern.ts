/**
 * Numbers for values: two values have one number exactly if they are equal in what counts for
 * the explorer. Objects are immutable, so the number of each is remembered.
 *
 * Left out, because it follows from what is counted: functions, the config and the log's key, the
 * replay of a slot (only the slot counts), and what a machine was started with and read only there.
 */
export class Interner {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<object, number>();
  readonly #ignored: ReadonlySet<string>;

  constructor(ignored: readonly string[]) {
    this.#ignored = new Set([...alwaysIgnored, ...ignored]);
  }

  number(value: object): number {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const number = this.#numberOf(this.#text(value));
    this.#known.set(value, number);
    return number;
  }

  /** The number of a text, in the same space. */
  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  #item(value: unknown): string {
    switch (typeof value) {
      case 'object':
        return value === null ? 'null' : `#${this.number(value)}`;
      case 'string':
        return `"${this.#numberOf(value)}`;
      case 'bigint':
        return `${value}n`;
      default:
        return String(value);
    }
  }

  #text(value: object): string {
    if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('latin1')}`;
    if (Array.isArray(value)) return `[${value.map((item) => this.#item(item)).join()}]`;
    if (value instanceof Map) {
      const pairs = [...value].map(([key, item]) => `${String(key)}=${this.#item(item)}`);
      return `map ${pairs.toSorted().join()}`;
    }
    if ('entries' in value && 'slot' in value) return `replayed ${this.#item(value.slot)}`;
    const parts: string[] = [];
    for (const key of Object.keys(value).toSorted()) {
      if (this.#ignored.has(key)) continue;
      const item = (value as Record<string, unknown>)[key];
      if (item === undefined || typeof item === 'function') continue;
      if (key === 'races') parts.push(`races:${Number(item) % racesCycle}`);
      else parts.push(key === 'input' ? this.#input(item as object) : `${key}:${this.#item(item)}`);
    }
    return `{${parts.join()}}`;
  }

  #input(input: object): string {
    return `input:${this.#item({ ...input, sight: undefined, newest: undefined })}`;
  }
}

const alwaysIgnored = ['config', 'log'];

/** Of the count of lost races only this remainder decides anything. */
const racesCycle = 3;
