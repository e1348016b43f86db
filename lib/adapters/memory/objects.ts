import type { ByteRange, ObjectPage, ObjectStore } from '../../ports/object-store.ts';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome } from '../../ports/outcome.ts';
import { limits } from '../../std/limits.ts';
import { assertByteRange, assertObjectKey, assertObjectKeys, checkedParts } from '../bounds.ts';
import { SortedKeys } from './sorted-keys.ts';

/** Objects in memory. Bytes are copied (`slice` of a Buffer would not) both in and out. */
export function createMemoryObjects(): ObjectStore {
  const objects = new Map<string, Uint8Array>();
  const keys = new SortedKeys();

  const store = (key: string, bytes: Uint8Array): ConditionalOutcome<undefined, undefined> => {
    if (objects.has(key)) return { kind: 'condition-failed', item: undefined };
    objects.set(key, bytes);
    keys.add(key);
    return done(undefined);
  };

  return {
    put: async (key, bytes) => {
      assertObjectKey(key);
      return store(key, new Uint8Array(bytes));
    },
    putParts: async (key, parts) => {
      assertObjectKey(key);
      const copies: Uint8Array[] = [];
      for await (const part of checkedParts(parts)) copies.push(new Uint8Array(part));
      return store(key, Buffer.concat(copies));
    },
    get: async (key, range?: ByteRange) => {
      assertObjectKey(key);
      if (range !== undefined) assertByteRange(range);
      const bytes = objects.get(key);
      if (bytes === undefined || range === undefined) return done(copyOf(bytes));
      return done(copyOf(bytes.subarray(range.from, range.from + range.length)));
    },
    delete: async (gone) => {
      assertObjectKeys(gone);
      for (const key of gone) {
        if (objects.delete(key)) keys.remove(key);
      }
      return done([...gone]);
    },
    list: async (prefix, after) => done(page(keys, prefix, after)),
  };
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}

function page(keys: SortedKeys, prefix: string, after: string | undefined): ObjectPage {
  const found: string[] = [];
  const start = after !== undefined && after >= prefix ? keys.lowerBound(after) : undefined;
  for (let at = start ?? keys.lowerBound(prefix); at < keys.size; at += 1) {
    const key = keys.at(at) as string;
    if (key === after) continue;
    if (!key.startsWith(prefix)) break;
    if (found.length === limits.objectKeysMax) return { keys: found, next: found.at(-1) };
    found.push(key);
  }
  return { keys: found, next: undefined };
}
