import { expect, test } from 'vitest';
import { createMemoryTable } from '../../../lib/adapters/memory/table.ts';
import type { MetadataTable } from '../../../lib/ports/metadata-table.ts';
import { groupWorld } from './setup.ts';

test('a member that joins while the group is deleted ends it, and what is gone is told', async () => {
  let interrupt: (() => Promise<unknown>) | undefined;
  const table = createMemoryTable();
  const put = table.put.bind(table);
  const interrupted: MetadataTable['put'] = async (item, condition) => {
    const outcome = await put(item, condition);
    const now = item.sk.startsWith('O#') ? interrupt : undefined;
    if (now !== undefined) interrupt = undefined;
    await now?.();
    return outcome;
  };
  const { broker } = groupWorld(Object.assign(table, { put: interrupted }));
  await broker.createTopic({ name: 't', partitions: 150 });
  const all = Array.from({ length: 150 }, (_, partition) => ({ topic: 't', partition }));
  await broker.commitOffsets({ group: 'g', offsets: all.map((one) => ({ ...one, offset: 1n })) });
  interrupt = () =>
    broker.heartbeat({ group: 'g', memberId: 'm', memberEpoch: 0, subscription: ['none'] });
  await expect(broker.deleteGroup('g')).rejects.toMatchObject({
    kafka: 'NON_EMPTY_GROUP',
    message: expect.stringContaining('100 of them'),
  });
  expect(await broker.fetchOffsets({ group: 'g' })).toHaveLength(50);
});
