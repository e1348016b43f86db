import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, systemCode } from './errors.ts';

/** Makes directories and their entries durable. Rejects when the system does. */
export class DurableDirectories {
  readonly #sync: (path: string) => Promise<void>;
  readonly #made = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, { running: Promise<void>; next: Promise<void> | undefined }>();

  constructor(sync: (path: string) => Promise<void> = syncDirectory) {
    this.#sync = sync;
  }

  /** Creates `path` and what is missing between it and `root`, which exists. */
  ensure(root: string, path: string): Promise<void> {
    if (path === root) return Promise.resolve();
    const known = this.#made.get(path);
    if (known !== undefined) return known;
    if (this.#made.size >= directoriesKnownMax) this.#made.clear();
    const made = this.#make(root, path);
    this.#made.set(path, made);
    made.catch(() => this.#made.delete(path));
    return made;
  }

  async #make(root: string, path: string): Promise<void> {
    const parent = dirname(path);
    await this.ensure(root, parent);
    try {
      await mkdir(path);
    } catch (error) {
      // It may stem from a process that died before it was durable: sync all the same.
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    await this.sync(parent);
  }

  /**
   * Resolves after an fsync of the directory that began after this call. Calls that come while
   * one is under way share the next one.
   */
  sync(path: string): Promise<void> {
    const current = this.#syncs.get(path);
    if (current !== undefined) {
      current.next ??= current.running.then(
        () => this.#start(path),
        () => this.#start(path),
      );
      return current.next;
    }
    return this.#start(path);
  }

  #start(path: string): Promise<void> {
    const running = this.#sync(path).catch((error: unknown) => {
      // Without the code of its cause: no failed fsync is taken for something that can be undone.
      throw new Error(`fsync of a directory failed: ${describeError(error)}`, { cause: error });
    });
    const state: { running: Promise<void>; next: Promise<void> | undefined } = {
      running,
      next: undefined,
    };
    this.#syncs.set(path, state);
    const forget = (): void => {
      if (state.next === undefined) this.#syncs.delete(path);
    };
    running.then(forget, forget);
    return running;
  }
}

/** Bounds the memory of what is known to exist. */
const directoriesKnownMax = 10_000;

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
