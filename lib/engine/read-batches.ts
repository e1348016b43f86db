import type { Head } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import { readMachine } from '../core/log/read-machine.ts';
import type { LogRun } from '../core/log/spill-group.ts';
import { encodeControlBatch } from '../protocol/control-batch.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { stampBatch } from '../protocol/record-batch-stamp.ts';
import { InvariantError, assert } from '../std/assert.ts';
import type { Offset } from '../std/brands.ts';
import { drive } from './driver.ts';
import type { Deadline } from './driver.ts';
import type { LogContext } from './log-context.ts';
import { getPlaces } from './get-places.ts';
import { runCrc } from './open-run.ts';

export type BatchesRead =
  /** Batches with offsets and epochs stamped on; the first holds the offset asked for. */
  | { readonly kind: 'read'; readonly head: Head; readonly batches: readonly Buffer[] }
  | { readonly kind: 'out-of-range'; readonly head: Head }
  | { readonly kind: 'closed' }
  | { readonly kind: 'expired' };

export type RunsRead =
  | { readonly kind: 'read'; readonly head: Head; readonly runs: readonly LogRun[] }
  | Exclude<BatchesRead, { readonly kind: 'read' }>;

/** Strong heads taken anew before an object that is not there counts as damage. */
const attemptsMax = 3;

/** The runs of a stretch, without their bytes. */
export async function readRuns(
  context: LogContext,
  log: PartitionKey,
  offset: Offset,
  bytesMax: number,
  deadline: Deadline,
): Promise<RunsRead> {
  const { config, sights, performLog } = context;
  const newest = sights.get(log)?.replayed;
  const input = { log, config, offset, bytesMax, newest };
  const result = await drive(readMachine, input, performLog, deadline);
  if (result.kind === 'read' || result.kind === 'out-of-range')
    sights.seeNewest(log, result.newest);
  if (result.kind === 'missing') {
    context.env.metrics.count('unexplained_misses');
    throw new InvariantError(`I10: ${result.what} partition=${log.topicId}#${log.partition}`);
  }
  return result;
}

/** Batches from the one that holds `offset` on, at most `bytesMax` (but at least one) of them. */
export async function readBatches(
  context: LogContext,
  log: PartitionKey,
  offset: Offset,
  bytesMax: number,
  deadline: Deadline,
): Promise<BatchesRead> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await readRuns(context, log, offset, bytesMax, deadline);
    if (result.kind !== 'read') return result;
    const batches = await readRunsBatches(context, result.runs, offset, bytesMax, deadline);
    if (batches === 'expired') return { kind: 'expired' };
    if (batches !== 'missing') return { kind: 'read', head: result.head, batches };
    // The object may have gone with a segment or by retention since: only a new head knows.
    context.sights.forget(log);
    if (attempt >= attemptsMax) {
      context.env.metrics.count('unexplained_misses');
      throw new InvariantError(`I7: an object is gone partition=${log.topicId}#${log.partition}`);
    }
  }
}

/** The same of runs that were read. `missing`: an object may have gone since. */
export async function readRunsBatches(
  context: LogContext,
  runs: readonly LogRun[],
  offset: Offset,
  bytesMax: number,
  deadline: Deadline,
): Promise<readonly Buffer[] | 'missing' | 'expired'> {
  const bytes = await getPlaces(context, runs, deadline);
  if (typeof bytes === 'string') return bytes;
  const batches = runs.flatMap((run, i) => stamped(run, bytes[i]));
  return cut(batches, offset, bytesMax);
}

/** The batches of a run. Offsets and epochs lie outside their CRC, and are stamped on here. */
function stamped(run: LogRun, bytes: Buffer | undefined): Buffer[] {
  const { content } = run;
  if (content.kind === 'marker') {
    const batch = Buffer.from(
      encodeControlBatch({ ...content.marker, producerEpoch: content.marker.epoch }),
    );
    stampBatch(batch, 0, run.baseOffset, run.leaderEpoch);
    return [batch];
  }
  assert(bytes !== undefined, 'a run has bytes');
  const batches: Buffer[] = [];
  const crcs: number[] = [];
  let baseOffset: bigint = run.baseOffset;
  for (let at = 0; at < bytes.length;) {
    const header = readBatchHeader(bytes, at);
    stampBatch(bytes, at, baseOffset, run.leaderEpoch);
    crcs.push(header.crc);
    batches.push(bytes.subarray(at, at + header.sizeInBytes));
    baseOffset += BigInt(header.lastOffsetDelta + 1);
    at += header.sizeInBytes;
  }
  const counted = baseOffset === run.baseOffset + BigInt(content.run.count);
  assert(counted && runCrc(crcs) === content.run.crc, `I3: run changed offset=${run.baseOffset}`);
  return batches;
}

function cut(batches: readonly Buffer[], offset: Offset, bytesMax: number): readonly Buffer[] {
  const taken: Buffer[] = [];
  let bytes = 0;
  for (const batch of batches) {
    const header = readBatchHeader(batch, 0);
    if (header.baseOffset + BigInt(header.lastOffsetDelta) < offset) continue;
    if (taken.length > 0 && bytes + batch.length > bytesMax) break;
    taken.push(batch);
    bytes += batch.length;
  }
  return taken;
}
