/**
 * API: ListGroups (key 16).
 *
 * Behaviour: groups with members or offsets, in the order of their names; for some minutes also
 * those of which neither is left.
 * Deviations from Kafka: its states are those of `GroupStatus`.
 * Store requests: one query of the list, and per group one read and two queries.
 */
import { byText } from '../../core/group/group.ts';
import { inLanes } from '../../engine/lanes.ts';
import type { BrokerContext } from '../context.ts';
import type { GroupListing } from '../group-types.ts';
import { listingOf, sightOf } from './sight.ts';

/** Groups read at a time. */
const parallel = 16;

export async function listGroups(context: BrokerContext): Promise<readonly GroupListing[]> {
  const listed = await context.engine.groups.list.all();
  const listings = await inLanes(listed, parallel, async ({ group }) =>
    listingOf(group, await sightOf(context, group, false)),
  );
  return listings.toSorted((a, b) => byText(a.group, b.group));
}
