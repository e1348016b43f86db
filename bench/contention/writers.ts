import { noMetrics } from '../../lib/adapters/system/no-metrics.ts';
import type { PartitionKey } from '../../lib/core/log/partition-key.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { pause } from '../../lib/core/log/requests.ts';
import { Engine } from '../../lib/engine/engine.ts';
import type { OpenRun } from '../../lib/engine/open-run.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { readBatchHeader } from '../../lib/protocol/record-batch-header.ts';
import { limits } from '../../lib/std/limits.ts';
import { partitionPk } from '../../lib/store/partition-pk.ts';
import { plainItem } from '../../lib/store/plain-item.ts';
import { Seeded, seededIds } from '../../test/engine/seeded.ts';
import type { Scheduler } from '../../test/sim/world/scheduler.ts';
import type { Call, Cloud } from './cloud.ts';
import { clockOf, epochMs } from './scheduled-clock.ts';

/** One process that writes, one request at a time. */
export interface Writer {
  /** Appends one batch, and waits for all that this set off. False: it was not committed. */
  append(log: PartitionKey): Promise<boolean>;
  /** The calls made since this was asked last. */
  takeCalls(): readonly Call[];
}

/** Where a writer lives. */
export interface Site {
  readonly scheduler: Scheduler;
  readonly cloud: Cloud;
  /** Bytes of value of the one record in each batch. */
  readonly valueBytes: number;
}

export type StartWriter = (site: Site, seed: number) => Writer;

/** A batch of one record, uncompressed, as a door would hand it to the appender. */
function batchOf(valueBytes: number, nowMs: number): OpenRun {
  const value = Buffer.alloc(valueBytes, 'x');
  const record = { key: null, value, headers: [], timestamp: BigInt(nowMs) };
  const bytes = encodeBatch([record], { codec: 'none' });
  const { baseTimestamp, maxTimestamp, crc } = readBatchHeader(bytes);
  return { bytes, count: 1, firstTimestamp: baseTimestamp, maxTimestamp, crcs: [crc] };
}

/** The engine as it is: one per process, on its own line to the stores. */
export const engineWriter: StartWriter = ({ scheduler, cloud, valueBytes }, seed) => {
  let calls: Call[] = [];
  const clock = clockOf(scheduler);
  const random = new Seeded(seed);
  const env = {
    ...cloud.connect((call) => void calls.push(call)),
    clock,
    random,
    ids: seededIds(random),
    metrics: noMetrics,
  };
  const onError = (error: unknown): void => {
    throw error;
  };
  const engine = new Engine(env, { prices: awsPrices, onError });
  return {
    async append(log) {
      const batch = batchOf(valueBytes, clock.now());
      const appended = await engine.appender(log).append(batch, engine.deadline());
      // Nothing runs after the answer: a spill that this commit set off is waited for.
      await engine.settled();
      return appended.kind === 'decided' && appended.verdict.kind === 'accepted';
    },
    takeCalls() {
      const taken = calls;
      calls = [];
      return taken;
    },
  };
};

/** What a head holds beside the batch: what an empty snapshot takes. */
const headBytes = 45;

/**
 * Plain compare-and-set: one item per partition, replaced on its version by every commit, with the
 * engine's pauses and deadline. It keeps nothing but the last batch, needs no hint and spills
 * nothing, so any log whose commits replace one item costs more and is slower.
 */
export const casWriter: StartWriter = ({ scheduler, cloud, valueBytes }, seed) => {
  let calls: Call[] = [];
  const random = new Seeded(seed);
  const { table } = cloud.connect((call) => void calls.push(call));
  const seen = new Map<string, number>();
  return {
    async append(log) {
      const key = { pk: partitionPk(log), sk: 'H' };
      const { bytes } = batchOf(valueBytes, epochMs);
      const body = Buffer.alloc(headBytes + bytes.length);
      const until = scheduler.nowMs + limits.produceDeadlineMs;
      for (let races = 1; scheduler.nowMs < until;) {
        const version = seen.get(key.pk) ?? 0;
        const condition =
          version === 0 ? ({ kind: 'absent' } as const) : ({ kind: 'version', version } as const);
        const outcome = await table.put(plainItem(key, version + 1, body), condition);
        if (outcome.kind === 'done') seen.set(key.pk, version + 1);
        if (outcome.kind === 'done') return true;
        // A refusal brings the newest head.
        if (outcome.kind === 'condition-failed') seen.set(key.pk, outcome.item?.version ?? 0);
        const raced = outcome.kind === 'condition-failed' && races % 3 !== 0;
        if (!raced) await scheduler.sleep(random.next() * pause.ms);
        if (outcome.kind === 'condition-failed') races += 1;
      }
      return false;
    },
    takeCalls() {
      const taken = calls;
      calls = [];
      return taken;
    },
  };
};
