/** Places before the first that are given back at once. */
const emptyMax = 1_024;

/**
 * Who came, in order, and may leave from anywhere. A Set alone would walk over all who left at its
 * front, each time, until it is rebuilt. Nobody comes twice.
 */
export class Line<T> {
  readonly #members = new Set<T>();
  #places: T[] = [];
  #at = 0;

  get size(): number {
    return this.#members.size;
  }

  add(member: T): void {
    this.#members.add(member);
    this.#places.push(member);
  }

  /** False: was not there. */
  delete(member: T): boolean {
    return this.#members.delete(member);
  }

  get first(): T | undefined {
    while (this.#at < this.#places.length) {
      const member = this.#places[this.#at] as T;
      if (this.#members.has(member)) return member;
      this.#at += 1;
      if (this.#at > emptyMax && this.#at * 2 > this.#places.length) {
        this.#places = this.#places.slice(this.#at);
        this.#at = 0;
      }
    }
    this.#places = [];
    this.#at = 0;
    return undefined;
  }
}
