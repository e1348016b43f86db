import type { ConditionalOutcome, ReadOutcome, WriteOutcome } from './outcome.ts';

export interface ByteRange {
  /** First byte. */
  readonly from: number;
  /** Number of bytes, at least 1. */
  readonly length: number;
}

export interface ObjectPage {
  /** Keys in the order of their bytes. */
  readonly keys: readonly string[];
  /** Present when there may be more: pass it as `after`. */
  readonly next: string | undefined;
}

/**
 * Immutable objects (S3's model). A key is written once and never again: names are unique.
 * Keys are at most 1,024 bytes of `A–Z a–z 0–9 ! - _ . * ' ( ) /`. Reads are strong.
 * Outcomes are values. A method rejects only for bugs.
 */
export interface ObjectStore {
  /** Create-only. `condition-failed` if the key exists, which a lost reply may have caused. */
  put(key: string, bytes: Uint8Array): Promise<ConditionalOutcome<undefined, undefined>>;
  /**
   * Create-only, from parts that arrive one by one; invisible until complete. Every part but the
   * last is at least 5 MiB. If `parts` throws, nothing becomes visible and the error is passed on.
   */
  putParts(
    key: string,
    parts: AsyncIterable<Uint8Array>,
  ): Promise<ConditionalOutcome<undefined, undefined>>;
  /** `undefined` if there is no such object. A range past the end is cut to what is there. */
  get(key: string, range?: ByteRange): Promise<ReadOutcome<Uint8Array | undefined>>;
  /**
   * Deletes up to 1,000 objects. May succeed for some only: the value lists the keys that are
   * certainly gone (an absent key counts as gone).
   */
  delete(keys: readonly string[]): Promise<WriteOutcome<readonly string[]>>;
  /** Keys that begin with `prefix`, after the key `after`, at most 1,000 a page. */
  list(prefix: string, after?: string): Promise<ReadOutcome<ObjectPage>>;
}
