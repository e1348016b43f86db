import type { Engine } from '../../../lib/engine/engine.ts';
import type { HeldLease } from '../../../lib/engine/lease.ts';
import type { Condition, Item } from '../../../lib/ports/metadata-table.ts';
import type { GuardedWrite } from '../checker/group-history.ts';

/**
 * Something that is written under a lease, as a job might write a plain file: a count. A version is
 * the fencing number and the number of the write under it; a write takes the place of lower ones
 * only, whatever their holder believes.
 */
export const guardedPk = 'GUARDED#';

type Write = Omit<GuardedWrite, 'moment'>;

/** Writes of one holder. */
const writesMax = 2 ** 20;

export function writeIn(item: Item): Write {
  const body = JSON.parse(Buffer.from(item.body).toString()) as Omit<Write, 'resource'>;
  return { ...body, resource: item.pk.slice(guardedPk.length) };
}

const keyOf = (resource: string) => ({ pk: `${guardedPk}${resource}`, sk: 'STATE' });

function itemOf({ resource, ...write }: Write, number: number): Item {
  const body = Buffer.from(JSON.stringify(write));
  const version = write.epoch * writesMax + number;
  return { ...keyOf(resource), version, body, appended: [], bytes: 0, limit: -1 };
}

/**
 * Counts on under a lease. First it raises the fence, on exactly what it has read: from then on no
 * older holder writes any more. What it does not know to be written ends its work.
 */
export async function countUnder(
  { env: { table, ids, clock } }: Engine,
  resource: string,
  { epoch, lost }: HeldLease,
  pausesMs: readonly number[],
): Promise<number> {
  const read = await table.get(keyOf(resource), { consistent: true });
  if (read.kind !== 'done') return 0;
  const before = read.value && writeIn(read.value);
  if (before !== undefined && before.epoch > epoch) return 0;
  const from = before?.to ?? 0;
  const owner = ids.object();
  const onRead: Condition =
    read.value === undefined
      ? { kind: 'absent' }
      : { kind: 'version', version: read.value.version };
  const raised = await table.put(itemOf({ resource, owner, epoch, from, to: from }, 0), onRead);
  if (raised.kind !== 'done') return 0;
  let done = 0;
  for (const pauseMs of pausesMs) {
    await clock.sleep(pauseMs);
    if (lost.aborted) return done;
    const write = { resource, owner, epoch, from: from + done, to: from + done + 1 };
    const item = itemOf(write, done + 1);
    const fence: Condition = { kind: 'absent-or-below', version: item.version };
    const put = await table.put(item, fence);
    if (put.kind !== 'done') return done;
    done += 1;
  }
  return done;
}
