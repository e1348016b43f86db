/**
 * API: what `kafka-consumer-groups.sh --describe` puts together of OffsetFetch and ListOffsets.
 *
 * Behaviour: every partition with an offset or an owner, by topic and partition. Where the log ends
 * is read after what was committed, so that a lag is never negative for an offset within the log.
 * Deviations from Kafka: none.
 * Store requests: one read and three queries, one query of the topics where one is unknown, and per
 * partition what a fetch at the tail takes.
 */
import { byText, partitionName } from '../../core/group/group.ts';
import type { Committed, Member } from '../../core/group/group.ts';
import type { GroupSight } from '../../core/group/read-group.ts';
import type { PartitionKey } from '../../core/log/partition-key.ts';
import { inLanes } from '../../engine/lanes.ts';
import type { BrokerContext } from '../context.ts';
import type { PartitionLag } from '../group-types.ts';
import { readHead } from '../read-head.ts';
import { LogClosed } from '../retry-closed.ts';
import { memberOf } from './describe-group.ts';
import { committedIn, existingSight, liveIn, ownedBy } from './sight.ts';

/** Heads read at a time. */
const parallel = 16;

interface Line {
  readonly key: PartitionKey;
  readonly committed?: Committed;
  readonly member?: Member;
}

export async function groupLag(
  context: BrokerContext,
  group: string,
): Promise<readonly PartitionLag[]> {
  const lines = linesOf(await existingSight(context, group));
  const list = await context.engine.groups.topics.known(({ byId }) =>
    lines.every(({ key }) => byId.has(key.topicId)),
  );
  const lags = await inLanes(lines, parallel, async (line) => {
    const topic = list.byId.get(line.key.topicId)?.name;
    return topic === undefined ? undefined : lagOf(context, topic, line);
  });
  return lags
    .filter((lag) => lag !== undefined)
    .toSorted((a, b) => byText(a.topic, b.topic) || a.partition - b.partition);
}

function linesOf(sight: GroupSight): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const [key, committed] of committedIn(sight)) {
    lines.set(partitionName(key), { key, committed });
  }
  for (const member of liveIn(sight)) {
    for (const key of ownedBy(member)) {
      const name = partitionName(key);
      lines.set(name, { ...lines.get(name), key, member });
    }
  }
  return [...lines.values()];
}

/** Undefined: the topic was deleted meanwhile. */
async function lagOf(
  context: BrokerContext,
  topic: string,
  { key, committed, member }: Line,
): Promise<PartitionLag | undefined> {
  try {
    const { offset: logEndOffset } = (await readHead(context, key)).end;
    const behind = committed === undefined ? undefined : logEndOffset - committed.offset;
    return {
      topic,
      partition: key.partition,
      logEndOffset,
      ...(committed === undefined ? {} : { committed }),
      ...(behind === undefined ? {} : { lag: behind < 0n ? 0n : behind }),
      ...(member === undefined ? {} : { member: memberOf(member) }),
    };
  } catch (error) {
    if (error instanceof LogClosed) return undefined;
    throw error;
  }
}
