import type { ListOffsetInput } from '../../broker/broker.ts';
import { isPartition, noPartition } from '../../engine/topics.ts';
import { together } from '../../engine/together.ts';
import { millis, whole } from '../bounded.ts';
import type { ClientContext } from '../context.ts';
import { retryRead } from '../retries.ts';
import type { Assignment, Position, TopicPartition } from '../types.ts';
import type { Place } from './partition-reader.ts';

export interface Wish extends TopicPartition {
  /** As the assignment says, if it does. */
  readonly from: Position | undefined;
}

/** What tells partitions apart: no topic has a slash in its name. */
export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** The partitions of assignments, by name; later ones win. UNKNOWN_TOPIC_OR_PARTITION. */
export async function wishesOf(
  context: ClientContext,
  assignments: readonly Assignment[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Wish>> {
  const topics = [...new Set(assignments.map(({ topic }) => topic))];
  const counts = new Map(
    await together(
      topics.map(async (topic): Promise<[string, number]> => {
        return [topic, await retryRead(context, () => context.topics.look(topic), signal)];
      }),
    ),
  );
  const wishes = new Map<string, Wish>();
  for (const { topic, partition, from } of assignments) {
    const count = counts.get(topic) ?? 0;
    if (partition !== undefined && !isPartition(count, partition)) {
      throw noPartition(topic, count, partition);
    }
    const partitions = partition === undefined ? Array.from({ length: count }).keys() : [partition];
    for (const one of partitions) {
      const wish = { topic, partition: one, from };
      wishes.set(nameOf(wish), wish);
    }
  }
  return wishes;
}

/** Where a position lies now. INVALID_REQUEST for one that cannot be. */
export async function placeOf(
  context: ClientContext,
  partition: TopicPartition,
  position: Position,
  signal: AbortSignal,
): Promise<Place> {
  if (position === 'beginning') return position;
  const list = (at: ListOffsetInput['at']): Promise<bigint> =>
    listOffset(context, partition, at, signal);
  if (position === 'end') return list('latest');
  if ('offset' in position) return whole('offset', position.offset);
  if ('timestamp' in position) {
    const offset = await list(millis(position.timestamp));
    return offset < 0n ? list('latest') : offset;
  }
  const last = whole('last', position.last);
  const [start = 0n, end = 0n] = await together([list('earliest'), list('latest')]);
  return end - last > start ? end - last : start;
}

export async function listOffset(
  context: ClientContext,
  { topic, partition }: TopicPartition,
  at: ListOffsetInput['at'],
  signal: AbortSignal,
): Promise<bigint> {
  const ask = { topic, partition, at };
  const { offset } = await retryRead(context, () => context.transport.listOffset(ask), signal);
  return offset;
}
