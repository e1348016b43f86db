import type { Head } from '../core/log/head.ts';
import { genesis } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { readRuns } from '../engine/read-batches.ts';
import type { BrokerContext } from './context.ts';
import { readError } from './read-topic.ts';

/** A strong head: at least as new as all that was acknowledged before the call. */
export async function readHead(context: BrokerContext, log: PartitionKey): Promise<Head> {
  const { engine } = context;
  const { end } = engine.logs.sights.get(log)?.replayed.head ?? genesis;
  const read = await readRuns(engine.logs, log, end.offset, 0, engine.deadline());
  if (read.kind === 'read' || read.kind === 'out-of-range') return read.head;
  throw readError(read.kind);
}
