import type { Committed } from '../broker/group-types.ts';

/** How groups go over the wire, for the door and for the client that speaks to it. */

/** What adjoins of one topic. In order, so that an answer can be in the order of its question. */
export function byTopic<T extends { readonly topic: string }>(
  list: readonly T[],
): readonly { readonly topic: string; readonly items: readonly T[] }[] {
  const runs: { readonly topic: string; readonly items: T[] }[] = [];
  for (const item of list) {
    const run = runs.at(-1);
    if (run?.topic === item.topic) run.items.push(item);
    else runs.push({ topic: item.topic, items: [item] });
  }
  return runs;
}

/** As OffsetFetch has it: −1 where nothing is committed. */
export const committedFields = (committed: Committed | undefined) => ({
  committed_offset: committed?.offset ?? -1n,
  committed_leader_epoch: committed?.leaderEpoch ?? -1,
  metadata: committed?.metadata ?? '',
});
