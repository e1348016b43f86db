import { decodeBatch } from '../protocol/record-batch-decode.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { limits } from '../std/limits.ts';
import type { Fetched, FetchedRecord } from './broker.ts';

/** Of the first record behind a batch. */
export function nextOffsetAfter(batch: Uint8Array): bigint {
  const { baseOffset, lastOffsetDelta } = readBatchHeader(batch);
  return baseOffset + BigInt(lastOffsetDelta) + 1n;
}

/** The records of a fetch: those below the offset asked for and control records left out. */
export function recordsOf(fetched: Pick<Fetched, 'batches' | 'offset'>): FetchedRecord[] {
  const records: FetchedRecord[] = [];
  for (const bytes of fetched.batches) {
    const batch = decodeBatch(bytes, { maxInflatedBytes: limits.batchInflatedBytesMax });
    if (batch.header.control) continue;
    for (const record of batch.records) {
      if (record.offset >= fetched.offset) records.push(record);
    }
  }
  return records;
}
