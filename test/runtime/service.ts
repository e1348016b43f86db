import { randomUUID } from 'node:crypto';
import { Sandbox } from './sandbox.ts';
import type { Ended, FunctionCode } from './sandbox.ts';

/** How long a call took, in ms: `cold` with the start of its sandbox, and of it the start alone. */
interface Timing {
  readonly kind: 'cold' | 'warm';
  readonly ms: number;
  readonly initMs: number;
}

/** A deployed function: gives each call to a sandbox that is free, or starts one. */
export class FunctionService {
  readonly code: FunctionCode;
  readonly timings: Timing[] = [];
  /** All there ever were, those that are lost among them. */
  readonly sandboxes: Sandbox[] = [];
  readonly #client: string;
  readonly #pick: (count: number) => number;
  readonly #starting = new Set<Promise<unknown>>();

  /** `pick` chooses among so many free sandboxes: `0 … count − 1`. */
  constructor(client: string, code: FunctionCode, pick: (count: number) => number = () => 0) {
    this.#client = client;
    this.code = code;
    this.#pick = pick;
  }

  /** One attempt at a call. A retried one has the same `requestId`, as on Lambda. */
  async invoke(event: unknown, requestId: string = randomUUID()): Promise<Ended> {
    const began = performance.now();
    const free = this.sandboxes.filter((each) => each.isFree);
    let sandbox = free[this.#pick(free.length)];
    const kind = sandbox === undefined ? 'cold' : 'warm';
    try {
      sandbox ??= await this.#start();
    } catch (error) {
      return { outcome: 'failed', errorType: 'Init', errorMessage: (error as Error).message };
    }
    const ended = await sandbox.invoke(requestId, event);
    if (ended.outcome === 'answered') {
      this.timings.push({ kind, ms: performance.now() - began, initMs: sandbox.initMs });
    }
    return ended;
  }

  /** Ends every sandbox; resolves when none is left. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all(this.sandboxes.map((each) => each.close()));
  }

  async #start(): Promise<Sandbox> {
    const starting = Sandbox.start(this.#client, this.code);
    this.#starting.add(starting);
    try {
      const sandbox = await starting;
      this.sandboxes.push(sandbox);
      return sandbox;
    } finally {
      this.#starting.delete(starting);
    }
  }
}
