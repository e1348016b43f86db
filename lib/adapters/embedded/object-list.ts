import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './errors.ts';
import { entryOfName, nameOfDirectory } from './object-path.ts';

interface Wanted {
  readonly prefix: string;
  readonly after: string;
  /** How many keys to find. */
  readonly count: number;
}

/**
 * The first keys below `root`, in the order of their bytes, that begin with `prefix` and lie
 * after `after`. Reads only directories that can hold such keys.
 */
export async function listKeys(root: string, wanted: Wanted): Promise<string[]> {
  const found: string[] = [];
  await walk(root, '', wanted, found);
  return found;
}

async function walk(path: string, at: string, wanted: Wanted, found: string[]): Promise<void> {
  const { prefix, after, count } = wanted;
  const entries = (await names(path)).map(entryOfName);
  // Keys are ASCII: JavaScript's order is that of their bytes. A key sorts before what extends it,
  // so an object and a directory with the same text are in order with the object first.
  entries.sort((a, b) => compare(a.text, b.text) || (a.kind === 'object' ? -1 : 1));
  for (const entry of entries) {
    if (found.length === count) return;
    const key = at + entry.text;
    if (entry.kind === 'object') {
      if (key.startsWith(prefix) && key > after) found.push(key);
    } else if (
      (key.startsWith(prefix) || prefix.startsWith(key)) &&
      (key > after || after.startsWith(key))
    ) {
      await walk(join(path, nameOfDirectory(entry.text)), key, wanted, found);
    }
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

async function names(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
