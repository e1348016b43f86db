import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { runsOf } from '../../../lib/core/log/spill-group.ts';
import { partitionPk } from '../../../lib/store/partition-pk.ts';
import { stagePrefix } from '../../../lib/store/object-keys.ts';
import { decodeGroup } from '../../../lib/store/spill-group.ts';
import type { World } from './world.ts';

/**
 * What a sweep of one log may delete as soon as its floor is accepted, and at any time after:
 * objects of epochs below that neither a run nor a published group names. The world knows them.
 */
export async function sweep(world: World, log: PartitionKey): Promise<void> {
  const { journal, objects, network, trace } = world;
  const name = `${log.topicId}/${log.partition}`;
  const slots = journal.logs.get(name)?.slots ?? [];
  const head = slots.at(-1)?.head;
  if (head === undefined || head.closed) return;
  const named = new Set(
    slots.flatMap(runsOf).flatMap(({ content }) => {
      const place = content.kind === 'run' ? content.run.place : undefined;
      return place?.kind === 'object' ? [place.key] : [];
    }),
  );
  const groups = { from: 'X#', to: 'X$' };
  const page = await world.store.table.query(partitionPk(log), groups, {
    limit: 1_000,
    consistent: true,
  });
  for (const item of page.kind === 'done' ? page.value.items : []) {
    const { from, object } = decodeGroup(log, item);
    if (from.seq < head.spilled.seq) named.add(object);
  }
  for (let epoch = 0; epoch < head.floor; epoch += 1) {
    const list = await objects.list(stagePrefix(epoch, log));
    const gone = list.kind === 'done' ? list.value.keys.filter((key) => !named.has(key)) : [];
    if (gone.length === 0) continue;
    await objects.delete(gone);
    network.count('swept');
    trace.add('sweep', `${name} floor=${head.floor} ${gone.join(' ')}`);
  }
}
