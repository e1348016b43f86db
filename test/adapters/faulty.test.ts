import { describe, expect, test } from 'vitest';
import { createMemoryObjects } from '../../lib/adapters/memory/objects.ts';
import { createMemoryTable } from '../../lib/adapters/memory/table.ts';
import type { MetadataTable } from '../../lib/ports/metadata-table.ts';
import { faultyObjects, faultyTable } from './faulty.ts';
import type { Fault } from './faulty.ts';
import { bytesOf, itemWith, read, shown } from './items.ts';
import { describeMetadataTable } from './metadata-table.contract.ts';
import { describeObjectStore } from './object-store.contract.ts';

const close = async (): Promise<void> => undefined;
const none = (): Fault => 'none';

// The contract holds through the wrapper, so what a test sees beyond it is the fault.
describeMetadataTable('faulty without faults', async () => ({
  store: faultyTable(createMemoryTable(), none).store,
  close,
}));
describeObjectStore('faulty without faults', async () => ({
  store: faultyObjects(createMemoryObjects(), none).store,
  close,
}));

const before = itemWith({ version: 1 });
const after = itemWith({ version: 2, body: bytesOf(2) });
const writes: Record<string, (table: MetadataTable) => Promise<{ readonly kind: string }>> = {
  put: (table) => table.put(after, { kind: 'version', version: 1 }),
  delete: (table) => table.delete(before, { kind: 'version', version: 1 }),
  append: (table) => table.append(before, 1, bytesOf(3)),
  transact: (table) =>
    table.transact([{ kind: 'put', item: after, condition: { kind: 'version', version: 1 } }]),
};
const effects: Record<string, ReturnType<typeof shown>> = {
  put: shown(after),
  delete: undefined,
  append: shown(itemWith({ version: 1, appended: [bytesOf(3)] })),
  transact: shown(after),
};

describe('a write whose end is unknown', () => {
  for (const [verb, write] of Object.entries(writes)) {
    test.each([
      ['lose-request', false, false],
      ['lose-reply', true, true],
      ['apply-late', false, true],
    ] as const)(`${verb} with %s`, async (fault, atOnce, atLast) => {
      const inner = createMemoryTable();
      await inner.put(before, { kind: 'any' });
      const { store, settle } = faultyTable(inner, () => fault);
      expect(await write(store)).toEqual({ kind: 'indeterminate', cause: fault });
      expect(await read(inner, 'p', 's')).toEqual(atOnce ? effects[verb] : shown(before));
      await settle();
      expect(await read(inner, 'p', 's')).toEqual(atLast ? effects[verb] : shown(before));
    });
  }

  test('a late write meets what came before it', async () => {
    const inner = createMemoryTable();
    await inner.put(before, { kind: 'any' });
    const { store, settle } = faultyTable(inner, () => 'apply-late');
    await store.put(after, { kind: 'version', version: 1 });
    await inner.put(itemWith({ version: 3 }), { kind: 'any' });
    await settle();
    expect(await read(inner, 'p', 's')).toEqual(shown(itemWith({ version: 3 })));
  });

  test('an object whose reply was lost is there, and a second put is told so', async () => {
    const faults: Fault[] = ['lose-reply', 'none'];
    const { store } = faultyObjects(createMemoryObjects(), () => faults.shift() ?? 'none');
    expect((await store.put('a', bytesOf(1))).kind).toBe('indeterminate');
    expect((await store.put('a', bytesOf(1))).kind).toBe('condition-failed');
  });

  test('a partial deletion names what is certainly gone', async () => {
    const inner = createMemoryObjects();
    for (const key of ['a', 'b', 'c']) await inner.put(key, bytesOf(1));
    const { store } = faultyObjects(inner, () => 'partial');
    expect(await store.delete(['a', 'b', 'c'])).toEqual({ kind: 'done', value: ['a', 'c'] });
    expect(await inner.list('')).toEqual({ kind: 'done', value: { keys: ['b'], next: undefined } });
  });
});
