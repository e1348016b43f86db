import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../../lib/adapters/embedded/open.ts';
import type { EmbeddedOptions, EmbeddedStore } from '../../lib/adapters/embedded/open.ts';

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'tailrace-'));

export const remove = (directory: string): void => rmSync(directory, { recursive: true });

/** A store in a directory of its own, which goes when it is closed. */
export async function openTemporary(options: EmbeddedOptions = {}): Promise<EmbeddedStore> {
  const directory = temporaryDirectory();
  const store = await openEmbedded(directory, options);
  return {
    ...store,
    close: async () => {
      await store.close();
      remove(directory);
    },
  };
}
