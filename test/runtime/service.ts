import { randomUUID } from 'node:crypto';
import { Sandbox } from './sandbox.ts';
import type { Ended, FunctionCode } from './sandbox.ts';

export interface Scale {
  /** How many sandboxes there may be, without those that are held. More calls wait for one. */
  readonly sandboxesMax?: number;
  /** Chooses among so many free sandboxes: `0 … count − 1`. */
  readonly pick?: (count: number) => number;
}

/** A deployed function: gives each call to a sandbox that is free, or starts one. */
export class FunctionService {
  readonly code: FunctionCode;
  /** All there ever were, those that are lost among them. */
  readonly sandboxes: Sandbox[] = [];
  readonly #client: string;
  readonly #scale: Required<Scale>;
  readonly #starting = new Set<Promise<void>>();
  #waiting: (() => void)[] = [];

  constructor(client: string, code: FunctionCode, scale: Scale = {}) {
    this.#client = client;
    this.code = code;
    this.#scale = { sandboxesMax: Infinity, pick: () => 0, ...scale };
  }

  /** One attempt at a call. A retried one has the same `requestId`, as on Lambda. */
  async invoke(event: unknown, requestId: string = randomUUID()): Promise<Ended> {
    for (;;) {
      const free = this.sandboxes.filter((each) => each.isFree);
      const sandbox = free[this.#scale.pick(free.length)];
      if (sandbox !== undefined) return sandbox.invoke(requestId, event);
      try {
        await this.#room();
      } catch (error) {
        return { outcome: 'failed', errorType: 'Init', errorMessage: (error as Error).message };
      }
    }
  }

  /** Starts one more sandbox, as Lambda does ahead of calls where it is paid for. */
  async start(): Promise<Sandbox> {
    const sandbox = await Sandbox.start(this.#client, this.code);
    this.sandboxes.push(sandbox);
    sandbox.onFree = () => this.#wake();
    this.#wake();
    return sandbox;
  }

  /** Ends every sandbox; resolves when none is left. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all(this.sandboxes.map((each) => each.close()));
  }

  /** Waits until a sandbox may be free, and starts one if there may be more. */
  async #room(): Promise<void> {
    const there = this.sandboxes.filter((each) => !each.isLost && !each.isHeld);
    if (there.length + this.#starting.size >= this.#scale.sandboxesMax) {
      return new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const starting = this.start().then(() => undefined);
    this.#starting.add(starting);
    try {
      await starting;
    } finally {
      this.#starting.delete(starting);
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }
}
