import type { Committed } from '../broker/group-types.ts';

/** How groups go over the wire, for the door and for the client that speaks to it. */

interface Run<T> {
  readonly topic: string;
  /** As it was named, if it was. */
  readonly topicId: string | undefined;
  readonly items: T[];
}

/** What adjoins of one topic. In order, so that an answer can be in the order of its question. */
export function byTopic<T extends { readonly topic: string; readonly topicId?: string }>(
  list: readonly T[],
): readonly Readonly<Run<T>>[] {
  const runs: Run<T>[] = [];
  for (const item of list) {
    const run = runs.at(-1);
    if (run?.topic === item.topic && run.topicId === item.topicId) run.items.push(item);
    else runs.push({ topic: item.topic, topicId: item.topicId, items: [item] });
  }
  return runs;
}

/** As OffsetFetch has it: −1 where nothing is committed. */
export const committedFields = (committed: Committed | undefined) => ({
  committed_offset: committed?.offset ?? -1n,
  committed_leader_epoch: committed?.leaderEpoch ?? -1,
  metadata: committed?.metadata ?? '',
});
