import { markTopic } from '../core/topic/mark-topic.ts';
import { purgePartition } from '../core/topic/purge-partition.ts';
import type { GoneTopic } from '../core/topic/topic.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { partition as toPartition } from '../std/brands.ts';
import type { TopicId } from '../std/brands.ts';
import { drive } from './driver.ts';
import type { Engine } from './engine.ts';
import { inLanes } from './lanes.ts';
import { OutcomeUnknown } from './outcome-unknown.ts';

/** Partitions closed or emptied at a time. */
const parallel = 16;

/**
 * Deletes the topic that has this name now: marks it, then closes every partition. Only then can
 * nothing be appended to it any more, by anyone, and the deletion may be acknowledged. False: there
 * is none.
 */
export async function deleteTopicNamed(engine: Engine, name: string): Promise<boolean> {
  const dueMs = engine.env.clock.now();
  const marked = await drive(markTopic, { name, dueMs }, engine.performMark, engine.deadline());
  engine.topics.forget(name);
  if (marked.kind === 'not-found') return false;
  if (marked.kind === 'expired') {
    if (marked.sent) throw new OutcomeUnknown(name, false);
    throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the table does not answer; try again');
  }
  await deleteMarked(engine, marked.gone);
  return true;
}

/** Closes a topic that is marked, and frees its name. What it held goes later. */
export async function deleteMarked(
  engine: Engine,
  gone: Pick<GoneTopic, 'id' | 'name' | 'partitions'>,
): Promise<void> {
  await eachPartition(gone, (partition) => closePartition(engine, gone.id, partition));
  await engine.catalog.freeName(gone);
  engine.topics.forget(gone.name);
}

async function closePartition(engine: Engine, topicId: TopicId, partition: number): Promise<void> {
  const log = { topicId, partition: toPartition(partition) };
  const command = { kind: 'close', id: engine.env.ids.command() } as const;
  const result = await engine.appender(log).control(command, engine.deadline());
  if (result.kind === 'decided' || result.kind === 'closed') return;
  throw new OutcomeUnknown(command.id, false);
}

/**
 * Finishes a deletion, from wherever it stopped: closes what is still open, empties the partitions,
 * then removes the objects, then the note that there is something to do. False: out of time.
 */
export async function finishDeletion(engine: Engine, id: TopicId): Promise<boolean> {
  const gone = await engine.catalog.readGone(id);
  if (gone === undefined) return true;
  await deleteMarked(engine, gone);
  const { config } = engine.logs;
  const purged: boolean[] = [];
  await eachPartition(gone, async (partition) => {
    const log = { topicId: id, partition: toPartition(partition) };
    const input = { log, config };
    const result = await drive(purgePartition, input, engine.performPurge, engine.deadline());
    engine.logs.sights.forget(log);
    purged.push(result.kind === 'purged');
  });
  if (purged.includes(false)) return false;
  if (!(await engine.catalog.deleteObjectsOf(id))) return false;
  return engine.catalog.deleteGone(gone);
}

const eachPartition = (
  { partitions }: { readonly partitions: number },
  work: (partition: number) => Promise<void>,
): Promise<unknown> => inLanes([...Array.from({ length: partitions }).keys()], parallel, work);
