import { createHash } from 'node:crypto';

/** Who did what, when, and what the store answered: one line each, and a digest of all of it. */
export class Trace {
  readonly lines: string[] = [];
  readonly #hash = createHash('sha256');
  readonly #keep: boolean;
  readonly #nowMs: () => number;

  /** `keep`: false when only the digest is wanted. */
  constructor(keep: boolean, nowMs: () => number) {
    this.#keep = keep;
    this.#nowMs = nowMs;
  }

  add(who: string, what: string): void {
    const line = `${this.#nowMs().toFixed(3).padStart(12)} ${who.padEnd(9)} ${what}\n`;
    this.#hash.update(line);
    if (this.#keep) this.lines.push(line.replace(topicIds, (id) => id.slice(0, 4)));
  }

  /** Hex. Ends the trace. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

const topicIds = /[A-Za-z0-9_-]{22}(?=[#/ ])/g;
