/**
 * API: ListOffsets (key 2), one partition.
 *
 * Behaviour: earliest, latest, the first record at or after a timestamp (KIP-79), the record with
 * the highest timestamp (KIP-734).
 * Deviations from Kafka: none.
 * Store requests: one read for earliest and latest; for a timestamp a bisection of the spill groups
 * on their running maximum, then a walk that decodes only batches whose own maximum is high enough.
 */
import type { Head } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { runCount, runMaxTimestamp } from '../core/log/spill-group.ts';
import type { LogRun } from '../core/log/spill-group.ts';
import { readBatches, readRuns } from '../engine/read-batches.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { assert } from '../std/assert.ts';
import { offset as toOffset } from '../std/brands.ts';
import type { Offset } from '../std/brands.ts';
import type { FetchedRecord, ListedOffset, ListOffsetInput } from './broker.ts';
import type { BrokerContext } from './context.ts';
import { readHead } from './read-head.ts';
import { readError, readTopic } from './read-topic.ts';
import { recordsOf } from './records.ts';

/** Bytes of runs described by one step of the walk. */
const walkBytes = 4 * 1024 * 1024;

const none: ListedOffset = { offset: -1n, timestamp: -1n };

export async function listOffset(
  context: BrokerContext,
  input: ListOffsetInput,
): Promise<ListedOffset> {
  return readTopic(context, input, (log) => listIn(context, log, input.at));
}

async function listIn(
  context: BrokerContext,
  log: PartitionKey,
  at: ListOffsetInput['at'],
): Promise<ListedOffset> {
  const head = await readHead(context, log);
  switch (at) {
    case 'earliest':
      return { offset: head.start, timestamp: -1n };
    case 'latest':
      return { offset: head.end.offset, timestamp: -1n };
    case 'max-timestamp':
      return maxTimestamp(context, log, head);
    default: {
      if (at > head.maxTimestamp || head.start === head.end.offset) return none;
      const from = await bisect(context, log, head, at);
      return firstFrom(context, log, head, from, at);
    }
  }
}

/**
 * The first offset at which a record of this timestamp can lie: before it, the running maximum is
 * below. Groups adjoin, so every step ends on a bound of one.
 */
async function bisect(
  context: BrokerContext,
  log: PartitionKey,
  head: Head,
  timestamp: bigint,
): Promise<Offset> {
  const { engine } = context;
  let low: bigint = head.start > head.sealed.offset ? head.start : head.sealed.offset;
  let high: bigint = head.spilled.offset;
  while (low < high) {
    const middle = toOffset((low + high) / 2n);
    const group = await engine.readGroup(log, middle);
    if (group === undefined || group.to.offset <= middle) return toOffset(low);
    if (group.runningMaxTimestamp < timestamp) low = group.to.offset;
    else if (group.from.offset < high) high = group.from.offset;
    else return toOffset(low);
  }
  return toOffset(low > head.start ? low : head.start);
}

/** The head names the run, unless that has been removed: then the highest of what is left. */
async function maxTimestamp(
  context: BrokerContext,
  log: PartitionKey,
  head: Head,
): Promise<ListedOffset> {
  if (head.maxTimestampOffset >= head.start) {
    return firstFrom(context, log, head, head.maxTimestampOffset, head.maxTimestamp);
  }
  let max = -1n;
  await walkRuns(context, log, head, head.start, async (run) => {
    if (runMaxTimestamp(run) > max) max = runMaxTimestamp(run);
    return undefined;
  });
  return max < 0n ? none : firstFrom(context, log, head, head.start, max);
}

async function firstFrom(
  context: BrokerContext,
  log: PartitionKey,
  head: Head,
  from: Offset,
  timestamp: bigint,
): Promise<ListedOffset> {
  const found = await walkRuns(context, log, head, from, async (run, start, after) =>
    runMaxTimestamp(run) >= timestamp ? firstIn(context, log, start, after, timestamp) : undefined,
  );
  return found === undefined ? none : { offset: found.offset, timestamp: found.timestamp };
}

/** Visits runs from an offset on, until a visit finds something. */
async function walkRuns<Found>(
  context: BrokerContext,
  log: PartitionKey,
  head: Head,
  from: Offset,
  visit: (run: LogRun, start: Offset, after: Offset) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const { engine } = context;
  let at = from < head.start ? head.start : from;
  while (at < head.end.offset) {
    const read = await readRuns(engine.logs, log, at, walkBytes, engine.deadline());
    if (read.kind === 'out-of-range') {
      assert(at < read.head.start, `I4: the end went back, offset=${at}`);
      at = read.head.start;
      continue;
    }
    if (read.kind !== 'read') throw readError(read.kind);
    if (read.runs.length === 0) return undefined;
    for (const run of read.runs) {
      const after = toOffset(run.baseOffset + BigInt(runCount(run)));
      const start = run.baseOffset > at ? run.baseOffset : at;
      const found = start < after ? await visit(run, start, after) : undefined;
      if (found !== undefined) return found;
      at = after;
    }
  }
  return undefined;
}

/** Unfolds one batch at a time, and only those whose own maximum is high enough. */
async function firstIn(
  context: BrokerContext,
  log: PartitionKey,
  from: Offset,
  to: Offset,
  timestamp: bigint,
): Promise<FetchedRecord | undefined> {
  const { engine } = context;
  let at = from;
  while (at < to) {
    const read = await readBatches(engine.logs, log, at, walkBytes, engine.deadline());
    // Removed since it was seen: the walk goes on behind it.
    if (read.kind === 'out-of-range') return undefined;
    if (read.kind !== 'read') throw readError(read.kind);
    if (read.batches.length === 0) return undefined;
    for (const batch of read.batches) {
      const header = readBatchHeader(batch);
      if (header.maxTimestamp >= timestamp) {
        const records = recordsOf({ batches: [batch], offset: from });
        const found = records.find((record) => record.offset < to && record.timestamp >= timestamp);
        if (found !== undefined) return found;
      }
      at = toOffset(header.baseOffset + BigInt(header.lastOffsetDelta + 1));
    }
  }
  return undefined;
}
