import { recordsOf } from '../../lib/broker/records.ts';
import type { LogRun } from '../../lib/core/log/spill-group.ts';
import { replay } from '../../lib/core/log/slot.ts';
import { runsOf } from '../../lib/core/log/spill-group.ts';
import type { TopicId } from '../../lib/std/brands.ts';
import { partition as toPartition } from '../../lib/std/brands.ts';
import { decodeHint } from '../../lib/store/hint.ts';
import { partitionPk } from '../../lib/store/partition-pk.ts';
import { decodeProducer } from '../../lib/store/producer.ts';
import { decodeSlot } from '../../lib/store/slot.ts';
import { decodeGroup } from '../../lib/store/spill-group.ts';
import { topic } from './chaos-clients.ts';
import type { History } from './chaos-clients.ts';
import type { ChaosWorld, Process } from './chaos-world.ts';

/** The values of a partition, by offset; dense, or it throws. */
export async function readAll(process: Process, partition: number): Promise<string[]> {
  const values: string[] = [];
  for (;;) {
    const offset = BigInt(values.length);
    const wanted = { topic, partition, offset, minBytes: 0, maxWaitMs: 0, maxBytes: 100_000 };
    const fetched = await process.broker.fetch(wanted);
    for (const record of recordsOf(fetched)) {
      if (record.offset !== BigInt(values.length)) throw new Error(`I2: gap at ${values.length}`);
      values.push(Buffer.from(record.value ?? []).toString());
    }
    if (fetched.batches.length === 0) {
      if (fetched.highWatermark !== offset) throw new Error(`I2: end ${fetched.highWatermark}`);
      return values;
    }
  }
}

/** Everything that was told against what is in the log at last. Empty: all is well. */
export function violations(history: History, logs: readonly (readonly string[])[]): string[] {
  const wrong = [...history.wrong];
  const places = new Map<string, string[]>();
  logs.forEach((values, partition) => {
    values.forEach((value, offset) => {
      places.set(value, [...(places.get(value) ?? []), `${partition}@${offset}`]);
    });
  });
  for (const { value, outcome, partition, offset } of history.told) {
    const name = value.split(':')[0];
    const found = places.get(value) ?? [];
    const list = `[${found.join(' ')}]`;
    if (found.length > 1) wrong.push(`${name} (${outcome}) is there twice: ${list}`);
    if (outcome === 'failed' && found.length > 0) wrong.push(`${name} failed, yet is at ${list}`);
    if (outcome === 'acknowledged' && found[0] !== `${partition}@${offset}`) {
      wrong.push(`${name} was acknowledged at ${partition}@${offset}, is at ${list}`);
    }
  }
  for (const { partition, offset, value } of history.seen) {
    const now = logs[partition]?.[Number(offset)];
    if (now !== value) wrong.push(`I3: ${partition}@${offset} was ${value}, is ${now}`);
  }
  return wrong;
}

/** Every stored item decodes, and every object that one names exists (I7). */
export async function damage(world: ChaosWorld, topicId: TopicId): Promise<string[]> {
  const wrong: string[] = [];
  for (const partition of [0, 1]) {
    const log = { topicId, partition: toPartition(partition) };
    const range = { from: '!', to: '~' };
    const page = await world.table.query(partitionPk(log), range, {
      limit: 1_000,
      consistent: true,
    });
    if (page.kind !== 'done' || page.value.next !== undefined) throw new Error('one page expected');
    const runs: LogRun[] = [];
    for (const item of page.value.items) {
      if (item.sk === 'N') decodeHint(item);
      else if (item.sk.startsWith('PR#')) decodeProducer(item);
      else if (item.sk.startsWith('X#')) runs.push(...decodeGroup(log, item).runs);
      else {
        const slot = decodeSlot(log, item);
        if (slot === 'stub') wrong.push(`${item.sk} is a stub`);
        else runs.push(...runsOf(replay(slot, world.config)));
      }
    }
    for (const { content, baseOffset } of runs) {
      if (content.kind !== 'run' || content.run.place.kind !== 'object') continue;
      const { key, from, length } = content.run.place;
      const got = await world.objects.get(key, { from, length });
      if (got.kind !== 'done' || got.value?.length !== length) {
        wrong.push(`I7: ${partition}@${baseOffset} names ${key}, which is not there`);
      }
    }
  }
  return wrong;
}
