import { open, readFile, link, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteRange, ObjectPage, ObjectStore } from '../../ports/object-store.ts';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome, ReadOutcome, WriteOutcome } from '../../ports/outcome.ts';
import { limits } from '../../std/limits.ts';
import { assertByteRange, assertObjectKey, assertObjectKeys, checkedParts } from '../bounds.ts';
import type { DurableDirectories } from './durable-directories.ts';
import { describeError, systemCode } from './errors.ts';
import type { Fatal } from './errors.ts';
import { listKeys } from './object-list.ts';
import { pathOfKey } from './object-path.ts';

export const objectsDirectory = 'objects';
export const temporaryDirectory = 'tmp';

/** Nothing refers to what was being written: it is undone, and the next try may succeed. */
const undoneCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE']);

/** Why no object can be written; `undefined` while they can. */
type Stopped = () => string | undefined;

export interface EmbeddedObjectsOptions {
  readonly directory: string;
  readonly directories: DurableDirectories;
  readonly fatal: Fatal;
  readonly stopped: Stopped;
}

/** An error of the caller's own parts, passed on as it is. */
class PartsFailed extends Error {
  readonly inner: unknown;

  constructor(inner: unknown) {
    super('the parts failed');
    this.inner = inner;
  }
}

/** Objects as files: written aside, synced, linked to their name, directory synced. */
export class EmbeddedObjects implements ObjectStore {
  readonly #root: string;
  readonly #temporary: string;
  readonly #options: EmbeddedObjectsOptions;
  /** Being linked to their name, so maybe there, but not yet certain to be found there after a power cut. */
  readonly #landing = new Map<string, Promise<undefined>>();
  readonly #underWay = new Set<Promise<undefined>>();
  #sequence = 0;

  constructor(options: EmbeddedObjectsOptions) {
    this.#options = options;
    this.#root = join(options.directory, objectsDirectory);
    this.#temporary = join(options.directory, temporaryDirectory);
  }

  async put(key: string, bytes: Uint8Array): Promise<ConditionalOutcome<undefined, undefined>> {
    assertObjectKey(key);
    // The caller may change its bytes while the file is being written.
    const copy = new Uint8Array(bytes);
    return this.#track(this.#create(key, async (file) => writeAll(file, copy)));
  }

  async putParts(
    key: string,
    parts: AsyncIterable<Uint8Array>,
  ): Promise<ConditionalOutcome<undefined, undefined>> {
    assertObjectKey(key);
    const fill = async (file: FileHandle): Promise<void> => {
      for await (const part of passingErrors(checkedParts(parts))) await writeAll(file, part);
    };
    return this.#track(this.#create(key, fill));
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const quiet = work.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.add(quiet);
    void quiet.then(() => this.#underWay.delete(quiet));
    return work;
  }

  async #create(
    key: string,
    fill: (file: FileHandle) => Promise<void>,
  ): Promise<ConditionalOutcome<undefined, undefined>> {
    const cause = this.#options.stopped();
    if (cause !== undefined) return { kind: 'unavailable', cause };
    this.#sequence += 1;
    const temporary = join(this.#temporary, String(this.#sequence));
    try {
      await writeDurably(temporary, fill);
      return await this.#land(key, temporary);
    } catch (error) {
      if (error instanceof PartsFailed) throw error.inner;
      return this.#undone(error);
    } finally {
      // What remains is removed when the store is opened again.
      await unlink(temporary).catch(() => undefined);
    }
  }

  /** One at a time per key, so that whoever is told that the key exists is told the truth. */
  async #land(key: string, temporary: string): Promise<ConditionalOutcome<undefined, undefined>> {
    while (this.#landing.has(key)) await this.#landing.get(key);
    const landing = this.#link(this.#pathOf(key), temporary);
    const quiet = landing.then(
      () => undefined,
      () => undefined,
    );
    this.#landing.set(key, quiet);
    void quiet.then(() => this.#landing.delete(key));
    return landing;
  }

  /** Gives a durable file its name, and makes the name durable. */
  async #link(path: string, temporary: string): Promise<ConditionalOutcome<undefined, undefined>> {
    const parent = dirname(path);
    await this.#options.directories.ensure(this.#root, parent);
    let exists = false;
    try {
      await link(temporary, path);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      exists = true;
    }
    try {
      // Also when it exists: who made it may have died before this fsync.
      await this.#options.directories.sync(parent);
    } catch (error) {
      this.#fail(error);
      return { kind: 'indeterminate', cause: describeError(error) };
    }
    return exists ? { kind: 'condition-failed', item: undefined } : done(undefined);
  }

  /** Turns an error met before the name exists into an outcome. */
  #undone(error: unknown): ConditionalOutcome<undefined, undefined> {
    if (!undoneCodes.has(systemCode(error) ?? '')) {
      this.#fail(error);
      return { kind: 'indeterminate', cause: describeError(error) };
    }
    return { kind: 'unavailable', cause: describeError(error) };
  }

  async get(key: string, range?: ByteRange): Promise<ReadOutcome<Uint8Array | undefined>> {
    assertObjectKey(key);
    if (range !== undefined) assertByteRange(range);
    const path = this.#pathOf(key);
    try {
      const bytes = await (range === undefined ? readFile(path) : readRange(path, range));
      await this.#landing.get(key);
      return done(bytes);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return done(undefined);
      return { kind: 'unavailable', cause: describeError(error) };
    }
  }

  async delete(keys: readonly string[]): Promise<WriteOutcome<readonly string[]>> {
    assertObjectKeys(keys);
    const cause = this.#options.stopped();
    if (cause !== undefined) return { kind: 'unavailable', cause };
    return this.#track(this.#remove(keys));
  }

  async #remove(keys: readonly string[]): Promise<WriteOutcome<readonly string[]>> {
    const gone: string[] = [];
    const touched = new Set<string>();
    for (const key of keys) {
      const path = this.#pathOf(key);
      try {
        await unlink(path);
        touched.add(dirname(path));
        gone.push(key);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') gone.push(key);
      }
    }
    try {
      await Promise.all([...touched].map((path) => this.#options.directories.sync(path)));
      return done(gone);
    } catch (error) {
      this.#fail(error);
      return { kind: 'indeterminate', cause: describeError(error) };
    }
  }

  async list(prefix: string, after = ''): Promise<ReadOutcome<ObjectPage>> {
    const count = limits.objectKeysMax + 1;
    try {
      const keys = await listKeys(this.#root, { prefix, after, count });
      if (keys.length < count) return done({ keys, next: undefined });
      keys.pop();
      return done({ keys, next: keys.at(-1) });
    } catch (error) {
      return { kind: 'unavailable', cause: describeError(error) };
    }
  }

  #pathOf(key: string): string {
    const { directories, file } = pathOfKey(key);
    return join(this.#root, ...directories, file);
  }

  #fail(error: unknown): void {
    this.#options.fatal(new Error(`a write of an object failed: ${describeError(error)}`));
  }
}

async function writeDurably(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await fill(file);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at)).bytesWritten;
}

async function readRange(path: string, range: ByteRange): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(range.length, size - range.from)));
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, range.from + at);
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function* passingErrors<T>(parts: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* parts;
  } catch (error) {
    throw new PartsFailed(error);
  }
}
