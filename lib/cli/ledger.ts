/** One line that did not make it, or of which nobody knows. */
export interface Trouble {
  readonly line: number;
  readonly kind: 'failed' | 'unknown';
  readonly message: string;
}

/** So many are told one by one. */
const toldMax = 5;

/** What became of each line of the input: counts, and up to where nothing is missing. */
export class Ledger {
  acknowledged = 0;
  acknowledgedBytes = 0;
  failed = 0;
  unknown = 0;
  /** The first few. */
  readonly troubles: Trouble[] = [];
  /** Sent and not acknowledged, in the order of sending. What failed stays. */
  readonly #open = new Set<number>();
  #lastLine = 0;

  /** A line that was acknowledged to an earlier run, or that holds no record. */
  pass(line: number): void {
    this.#lastLine = line;
  }

  send(line: number): void {
    this.#lastLine = line;
    this.#open.add(line);
  }

  acknowledge(line: number, bytes: number): void {
    this.#open.delete(line);
    this.acknowledged += 1;
    this.acknowledgedBytes += bytes;
  }

  fail(trouble: Trouble): void {
    this[trouble.kind] += 1;
    if (this.troubles.length < toldMax) this.troubles.push(trouble);
  }

  /** Sent, and nothing heard yet. */
  get waiting(): number {
    return this.#open.size - this.failed - this.unknown;
  }

  /** Every line up to this one is acknowledged or was passed over. */
  get unbroken(): number {
    const [first] = this.#open;
    return first === undefined ? this.#lastLine : first - 1;
  }

  /** Lines behind those that are done, too. */
  get ahead(): number {
    return this.#lastLine - this.unbroken - this.#open.size;
  }
}
