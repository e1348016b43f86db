import { LogClient } from './client.ts';
import type { NewTopic } from './transport.ts';
import type { Client } from './types.ts';

export interface StartOptions {
  /** Created before the client is handed out. A name alone: with one partition. */
  readonly topics?: readonly (string | NewTopic)[];
}

/**
 * A log in the memory of this process, for tests: the engine itself, with the stores replaced.
 * Each call starts an empty one of its own, which is gone when its client is closed. Errors as
 * `createTopic`.
 */
export async function startTailrace({ topics = [] }: StartOptions = {}): Promise<Client> {
  // Not before it is asked for: most who import the client never start an engine.
  const { openMemory } = await import('./direct/open-memory.ts');
  const client = new LogClient(openMemory());
  for (const topic of topics) {
    await client.admin.createTopic(typeof topic === 'string' ? { name: topic } : topic);
  }
  return client;
}
