import type * as z from 'zod';
import type { Fetched } from '../broker/broker.ts';
import { recordsOf } from '../broker/records.ts';
import { readBatchHeader } from '../protocol/record-batch-header.ts';
import { limits } from '../std/limits.ts';
import { partitionOf, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { rawBatch, recordFormatOf } from './media-types.ts';
import type { fetchQuery } from './query.ts';
import { RecordWriter } from './record-text.ts';

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
    const nextOffset = nextOffsetAfter(fetched.batches.at(-1), fetched.offset);
    return { bytes: Buffer.concat(fetched.batches), headers: headersOf(fetched, nextOffset) };
  }
  const writer = new RecordWriter(recordFormatOf(responseType), topic, partition);
  const { texts, nextOffset } = writeWithin(writer, fetched, maxBytes);
  const undecoded: Record<string, string> =
    writer.undecoded === 0 ? {} : { 'tailrace-undecoded': String(writer.undecoded) };
  return {
    text: `[${texts.join(',')}]`,
    headers: { ...headersOf(fetched, nextOffset), ...undecoded },
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

function nextOffsetAfter(batch: Uint8Array | undefined, none: bigint): bigint {
  if (batch === undefined) return none;
  const { baseOffset, lastOffsetDelta } = readBatchHeader(batch);
  return baseOffset + BigInt(lastOffsetDelta) + 1n;
}

/** Takes batch by batch: all at once, well-compressed ones could unfold to gigabytes. */
function writeWithin(
  writer: RecordWriter,
  fetched: Fetched,
  maxBytes: number,
): { readonly texts: readonly string[]; readonly nextOffset: bigint } {
  const { offset } = fetched;
  const texts: string[] = [];
  let plain = 0;
  let encoded = 2;
  let nextOffset = offset;
  for (const batch of fetched.batches) {
    for (const record of recordsOf({ batches: [batch], offset })) {
      plain += (record.key?.length ?? 0) + (record.value?.length ?? 0);
      const undecodedBefore = writer.undecoded;
      const text = writer.write(record);
      encoded += Buffer.byteLength(text) + 1;
      if (texts.length > 0 && (plain > maxBytes || encoded > limits.responseBytesMax)) {
        writer.undecoded = undecodedBefore;
        return { texts, nextOffset: record.offset };
      }
      texts.push(text);
    }
    nextOffset = nextOffsetAfter(batch, nextOffset);
  }
  return { texts, nextOffset };
}
