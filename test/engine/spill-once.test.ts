import { expect, test } from 'vitest';
import { createMemoryObjects } from '../../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import type { ObjectStore } from '../../lib/ports/object-store.ts';
import { put } from '../broker/setup.ts';
import { memoryEnv, startEngine } from './memory-env.ts';
import { VirtualClock } from './virtual-clock.ts';

// A value this large fills its slot, so every commit is an advance, and 32 of them are a group.
const value = 'x'.repeat(4_000);
const groupSlots = 32;
const retryEvery = 8;

test('a group whose publication waits for the next slot is not built again', async () => {
  const eighth = Promise.withResolvers<void>();
  const proposed = Promise.withResolvers<void>();
  const uploads: string[] = [];
  const memory = createMemoryObjects();
  const objects: ObjectStore = {
    ...memory,
    put: async (key, bytes) => {
      uploads.push(key);
      // The upload is slow: it ends when the advance at which it would be tried again is under way.
      await eighth.promise;
      return memory.put(key, bytes);
    },
  };
  const inner = createMemoryTable();
  let slots = 0;
  const table: MetadataTable = {
    get: (...args) => inner.get(...args),
    query: (...args) => inner.query(...args),
    delete: (...args) => inner.delete(...args),
    append: (...args) => inner.append(...args),
    transact: (...args) => inner.transact(...args),
    put: async (item, condition) => {
      if (item.sk.startsWith('R#')) slots += 1;
      if (item.sk.startsWith('R#') && slots === groupSlots + retryEvery + 1) {
        eighth.resolve();
        await proposed.promise;
      }
      const outcome = await inner.put(item, condition);
      if (item.sk.startsWith('X#')) setImmediate(proposed.resolve);
      return outcome;
    },
  };
  const env = memoryEnv({ table, objects, clock: new VirtualClock() });
  const { broker, engine, errors } = startEngine(env);
  await broker.createTopic({ name: 't' });
  for (let i = 0; i < groupSlots + retryEvery + 4; i += 1) await put(broker, 't', value);
  await engine.settled();
  expect(uploads).toHaveLength(1);
  expect(errors).toEqual([]);
});
