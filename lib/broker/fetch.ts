/**
 * API: Fetch (key 1), one partition.
 *
 * Behaviour: a strong head, then what its bounds name; at least one batch if there is one, and no
 * more than `maxBytes` of batches otherwise. Waits for `minBytes`, woken by this process's own
 * commits and by polls for those of others.
 * Deviations from Kafka: reads are never below what was acknowledged before the call.
 * Store requests: at the tail one read or two; else one query for the ring, or a read or two for the
 * head, a query for the first spill group and one for every eight after it, one ranged GET each.
 */
import type { PartitionKey } from '../core/log/partition-key.ts';
import { lastStableOffset } from '../core/log/head.ts';
import type { Head } from '../core/log/head.ts';
import { readBatches } from '../engine/read-batches.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { offset as toOffset } from '../std/brands.ts';
import { limits } from '../std/limits.ts';
import type { Fetched, FetchInput } from './broker.ts';
import type { BrokerContext } from './context.ts';
import { readHead } from './read-head.ts';
import { readError, readTopic } from './read-topic.ts';
import { nextOffsetAfter } from './records.ts';

/** Other processes' commits are looked for this often while one waits. */
export const pollMs = 250;

export async function fetch(context: BrokerContext, input: FetchInput): Promise<Fetched> {
  const { clock } = context.engine.env;
  const until = clock.monotonic() + Math.min(input.maxWaitMs, limits.fetchWaitMsMax);
  return readTopic(context, input, (log) => fetchFrom(context, log, input, until));
}

async function fetchFrom(
  context: BrokerContext,
  log: PartitionKey,
  input: FetchInput,
  until: number,
): Promise<Fetched> {
  const { engine } = context;
  const { clock } = engine.env;
  const wanted = await startOf(context, log, input.offset);
  for (;;) {
    // Registered before the read, so that no commit falls between the two.
    const change = engine.logs.changes.next(log);
    try {
      const fetched = await readOnce(context, log, input, wanted);
      const rest = until - clock.monotonic();
      if (isEnough(fetched, input) || rest <= 0 || input.signal?.aborted === true) return fetched;
      const signals = [change.signal, ...(input.signal === undefined ? [] : [input.signal])];
      await clock.sleep(Math.min(rest, pollMs), AbortSignal.any(signals));
    } finally {
      change.cancel();
    }
  }
}

/** Nothing is waited for that would not fit into the answer. */
const isEnough = (fetched: Fetched, { minBytes }: FetchInput): boolean =>
  bytesIn(fetched) >= minBytes || isCut(fetched);

export const bytesIn = ({ batches }: Fetched): number =>
  batches.reduce((sum, batch) => sum + batch.length, 0);

/** Whether there is more behind these batches. */
export function isCut({ batches, highWatermark }: Fetched): boolean {
  const last = batches.at(-1);
  if (last === undefined) return false;
  return nextOffsetAfter(last) < highWatermark;
}

export async function startOf(
  context: BrokerContext,
  log: PartitionKey,
  offset: FetchInput['offset'],
): Promise<bigint> {
  if (typeof offset === 'bigint') return offset;
  const head = await readHead(context, log);
  return offset === 'beginning' ? head.start : head.end.offset;
}

async function readOnce(
  context: BrokerContext,
  log: PartitionKey,
  input: FetchInput,
  wanted: bigint,
): Promise<Fetched> {
  const { engine } = context;
  const maxBytes = Math.max(1, Math.min(input.maxBytes, limits.responseBytesMax));
  const from = toOffset(wanted);
  const read = await readBatches(engine.logs, log, from, maxBytes, engine.deadline());
  switch (read.kind) {
    case 'read':
      return { batches: read.batches, offset: wanted, ...boundsOf(read.head) };
    case 'out-of-range':
      throw outOfRange(log, wanted, read.head);
    case 'closed':
    case 'expired':
      throw readError(read.kind);
  }
}

export const outOfRange = ({ partition }: PartitionKey, wanted: bigint, head: Head) =>
  new ProtocolError(
    'OFFSET_OUT_OF_RANGE',
    `expected an offset of ${head.start} … ${head.end.offset}, offset=${wanted} partition=${partition}`,
  );

export function boundsOf(head: Head): Omit<Fetched, 'batches' | 'offset'> {
  return {
    highWatermark: head.end.offset,
    lastStableOffset: lastStableOffset(head),
    logStartOffset: head.start,
  };
}
