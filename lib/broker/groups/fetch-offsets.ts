/**
 * API: OffsetFetch (key 9).
 *
 * Behaviour: strong: what was answered as committed is what is fetched. Offsets of a deleted topic
 * do not show under a new one of its name.
 * Deviations from Kafka: a topic that does not exist is told as such.
 * Store requests: one read per topic, one query of the members, and one read per partition or one
 * query of them all; without names one query of the topics, and at most one read and three queries.
 */
import { fetchOffsets as fetchMachine } from '../../core/group/fetch-offsets.ts';
import type { BrokerContext } from '../context.ts';
import type { FetchedOffset, FetchOffsetsInput, TopicPartition } from '../group-types.ts';
import { checkGroup } from './checks.ts';
import { keyOf } from './partitions.ts';
import { outOfTime } from './refuse.ts';
import { committedIn, sightOf } from './sight.ts';

export async function fetchOffsets(
  context: BrokerContext,
  { group, partitions }: FetchOffsetsInput,
): Promise<readonly FetchedOffset[]> {
  checkGroup(group);
  if (partitions !== undefined) return fetchThese(context, group, partitions);
  const { groups } = context.engine;
  const list = await groups.topics.fresh();
  const sight = await sightOf(context, group, true);
  return committedIn(sight).flatMap(([{ topicId, partition }, committed]) => {
    const topic = list.byId.get(topicId)?.name;
    return topic === undefined ? [] : [{ topic, partition, committed }];
  });
}

async function fetchThese(
  { engine }: BrokerContext,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<readonly FetchedOffset[]> {
  const { groups } = engine;
  const list = await groups.topics.freshOf(partitions.map(({ topic }) => topic));
  const keys = partitions.map((one) => keyOf(list, one));
  const known = keys.filter((key) => key !== undefined);
  const result = await groups.run(fetchMachine, { group, partitions: known });
  if (result.kind === 'expired') throw outOfTime(false, group);
  let at = 0;
  return partitions.map(({ topic, partition }, i): FetchedOffset => {
    if (keys[i] === undefined) return { topic, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION' };
    const committed = result.offsets[at];
    at += 1;
    return committed === undefined ? { topic, partition } : { topic, partition, committed };
  });
}
