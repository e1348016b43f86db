import type * as z from 'zod';
import { jsonReply, partitionOf, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import type { offsetsQuery } from './query.ts';

export type OffsetsCall = Call<undefined, z.output<typeof offsetsQuery>>;

/** `{beginning_offset, end_offset}`, or with a timestamp `{offset, timestamp}`: -1, -1 if none. */
export async function getOffsets(call: OffsetsCall): Promise<Reply> {
  return jsonReply(await lookUpOffsets(call));
}

export async function lookUpOffsets(call: OffsetsCall): Promise<Readonly<Record<string, bigint>>> {
  const { broker, query } = call;
  const log = { topic: topicOf(call), partition: partitionOf(call) };
  const { timestamp } = query;
  if (timestamp !== undefined) {
    const at = timestamp === 'max' ? 'max-timestamp' : timestamp;
    const found = await broker.listOffset({ ...log, at });
    return { offset: found.offset, timestamp: found.timestamp };
  }
  const first = await broker.listOffset({ ...log, at: 'earliest' });
  const last = await broker.listOffset({ ...log, at: 'latest' });
  return { beginning_offset: first.offset, end_offset: last.offset };
}
