import type { PartitionKey } from '../core/log/partition-key.ts';
import { assert } from '../std/assert.ts';
import { partition, topicId } from '../std/brands.ts';

/**
 * Objects where batches wait, and stay until they are rolled up:
 *
 *     stage/<epoch, 10 digits>/<topic id>/<partition>/<16 hex digits>    of one log
 *     stage/<epoch, 10 digits>/_/<16 hex digits>                         of several logs
 *
 * Epochs are padded, so that a listing goes from old to new. `_` is no topic id.
 */
export interface StageKey {
  readonly epoch: number;
  readonly log: PartitionKey | 'shared';
  /** 16 hex digits, never reused. */
  readonly name: string;
}

/** Versions hold an epoch above 20 bits of replacements, so it has no more than 32. */
export const stageEpochMax = 2 ** 32 - 1;

export function stageKey(epoch: number, log: PartitionKey | 'shared', name: string): string {
  return `${stagePrefix(epoch, log)}${name}`;
}

/** What all keys of an epoch, or of one log (or the shared ones) in it, begin with. */
export function stagePrefix(epoch: number, log?: PartitionKey | 'shared'): string {
  assert(
    Number.isInteger(epoch) && epoch >= 0 && epoch <= stageEpochMax,
    `stage epoch is out of bounds: epoch=${epoch}`,
  );
  const start = `stage/${String(epoch).padStart(10, '0')}/`;
  if (log === undefined) return start;
  return log === 'shared' ? `${start}_/` : `${start}${log.topicId}/${log.partition}/`;
}

const pattern = /^stage\/(\d{10})\/(?:_|([A-Za-z0-9_-]{22})\/(0|[1-9]\d{0,8}))\/([0-9a-f]{16})$/;

/** Undefined for a key that is not exactly what `stageKey` gives. */
export function parseStageKey(key: string): StageKey | undefined {
  const [, epochDigits, topic, partitionDigits, name] = pattern.exec(key) ?? [];
  const epoch = Number(epochDigits);
  if (name === undefined || epoch > stageEpochMax) return undefined;
  if (topic === undefined) return { epoch, log: 'shared', name };
  const log = { topicId: topicId(topic), partition: partition(Number(partitionDigits)) };
  return { epoch, log, name };
}
