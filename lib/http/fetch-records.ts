import type * as z from 'zod';
import type { Fetched } from '../broker/broker.ts';
import { nextOffsetAfter } from '../broker/records.ts';
import { limits } from '../std/limits.ts';
import { partitionOf, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { rawBatch, recordFormatOf } from './media-types.ts';
import type { fetchQuery } from './query.ts';
import { RecordsAnswer } from './records-answer.ts';

/**
 * Records of one partition, from an offset on: as many as `max_bytes` and the limit of an encoded
 * answer allow, but at least one if there is one, so that a large record cannot stop a reader.
 * `Tailrace-Next-Offset` is where to go on, which after compaction or control records is not always
 * one more than the last record's. Raw batches are answered as they are stored, from the one that
 * holds the offset.
 */
export async function fetchRecords(
  call: Call<undefined, z.output<typeof fetchQuery>>,
): Promise<Reply> {
  const { broker, query, request, responseType } = call;
  const topic = topicOf(call);
  const partition = partitionOf(call);
  const maxBytes = Math.min(query.max_bytes ?? limits.responseBytesMax, limits.responseBytesMax);
  const fetched = await broker.fetch({
    topic,
    partition,
    offset: query.offset,
    minBytes: query.min_bytes,
    maxWaitMs: Math.min(query.timeout, limits.fetchWaitMsMax),
    maxBytes,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  if (responseType === rawBatch) {
    const last = fetched.batches.at(-1);
    const nextOffset = last === undefined ? fetched.offset : nextOffsetAfter(last);
    return { bytes: Buffer.concat(fetched.batches), headers: headersOf(fetched, nextOffset) };
  }
  const answer = new RecordsAnswer(recordFormatOf(responseType), maxBytes);
  const nextOffset = answer.add({ topic, partition, fetched });
  return {
    text: answer.text,
    headers: { ...headersOf(fetched, nextOffset), ...answer.headers },
  };
}

/** Where the log stands, and what `beginning` or `end` was. */
function headersOf(fetched: Fetched, nextOffset: bigint): Readonly<Record<string, string>> {
  return {
    'tailrace-offset': String(fetched.offset),
    'tailrace-high-watermark': String(fetched.highWatermark),
    'tailrace-last-stable-offset': String(fetched.lastStableOffset),
    'tailrace-log-start-offset': String(fetched.logStartOffset),
    'tailrace-next-offset': String(nextOffset),
  };
}
