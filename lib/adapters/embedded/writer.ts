import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { must, unreachable } from '../../std/assert.ts';
import { EmbeddedStoreError } from './errors.ts';
import type { Fatal } from './errors.ts';
import type { Reply, Request, Write, WriteResult } from './write.ts';
import type { WriterThreadData } from './writer-thread.ts';

/** How a write ended, as the table's outcomes put it. */
export type Written =
  | WriteResult
  | { readonly kind: 'unavailable'; readonly cause: string }
  | { readonly kind: 'indeterminate'; readonly cause: string };

/** The main thread's end of the thread that writes. */
export class Writer {
  readonly #thread: Worker;
  readonly #fatal: Fatal;
  /** Waiting for an answer, in the order in which they were posted. */
  #waiting: ((written: Written) => void)[] = [];
  #outbox: Write[] = [];
  #state: 'open' | 'closing' | 'closed' | 'failed' = 'open';
  #closed: () => void = () => undefined;

  private constructor(thread: Worker, fatal: Fatal) {
    this.#thread = thread;
    this.#fatal = fatal;
  }

  /** Throws `EmbeddedStoreError` if the database cannot be opened. */
  static async open(data: WriterThreadData, fatal: Fatal): Promise<Writer> {
    // A file beside this one, which the package has as JavaScript.
    const file = `./writer-thread${extname(import.meta.filename)}`;
    const thread = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      name: 'tailrace-writer',
      env: { ...process.env, ...compileCache() },
      // Of the process's own options none is for a thread, and some are refused there (--input-type).
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 4 },
    });
    const reply = await firstReply(thread);
    if (reply.kind === 'refused') {
      throw new EmbeddedStoreError(data.directory, reply.expected, reply.came, reply.advice);
    }
    const writer = new Writer(thread, fatal);
    thread.on('message', (next: Reply) => writer.#receive(next));
    thread.on('error', (error) => writer.fail(error));
    thread.on('exit', () => writer.fail(new Error('the thread that writes ended')));
    return writer;
  }

  /** Resolves when the write is durable, or certainly undone. `write` owns its bytes. */
  write(write: Write): Promise<Written> {
    if (this.#state !== 'open') {
      return Promise.resolve({ kind: 'unavailable', cause: `the store is ${this.#state}` });
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#outbox.push(write) === 1) queueMicrotask(() => this.#post());
    });
  }

  /** Answers what was written, and takes nothing more. */
  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#post();
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    this.#thread.postMessage({ kind: 'close' } satisfies Request);
    await closed;
  }

  /** What is on disk is unknown from now on. */
  fail(error: Error): void {
    if (this.#state === 'closed' || this.#state === 'failed') return;
    this.#state = 'failed';
    this.#fatal(error);
    const waiting = this.#waiting.splice(0);
    for (const resolve of waiting) resolve({ kind: 'indeterminate', cause: error.message });
    this.#closed();
  }

  #post(): void {
    const writes = this.#outbox;
    if (writes.length === 0) return;
    this.#outbox = [];
    this.#thread.postMessage({ kind: 'write', writes } satisfies Request);
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case 'group': {
        const { result } = reply;
        const answered = this.#waiting.splice(0, reply.count);
        answered.forEach((resolve, index) =>
          resolve(
            result.kind === 'committed'
              ? must(result.results[index], 'a result for every write')
              : { kind: 'unavailable', cause: result.cause },
          ),
        );
        return;
      }
      case 'fatal':
        return this.fail(new Error(reply.message));
      case 'closed':
        this.#state = 'closed';
        return this.#closed();
      case 'ready':
      case 'refused':
        return this.fail(new Error(`the thread that writes says ${reply.kind} twice`));
      default:
        return unreachable(reply);
    }
  }
}

/**
 * A thread does not inherit the cache of compiled modules, and then loads what strips their types:
 * 20 MB that it needs only once.
 */
function compileCache(): Readonly<Record<string, string>> {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}

function firstReply(thread: Worker): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void =>
      reject(new Error(`the thread that writes did not start: code=${code}`));
    thread.once('message', (reply: Reply) => {
      // Not removeAllListeners: the worker's own hooks for its port are among them.
      thread.off('error', reject);
      thread.off('exit', onExit);
      resolve(reply);
    });
    thread.once('error', reject);
    thread.once('exit', onExit);
  });
}
