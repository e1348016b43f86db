import type * as z from 'zod';
import type { Found, TakenAnswer } from '../broker/instances/instance-types.ts';
import { limits } from '../std/limits.ts';
import type { Call, Reply } from './call.ts';
import type { pollQuery } from './consumer-schemas.ts';
import { instanceOf } from './consumers.ts';
import { HttpFault, shown } from './faults.ts';
import { negotiate, recordTypesOf } from './media-types.ts';
import type { RecordFormat } from './media-types.ts';
import { RecordsAnswer } from './records-answer.ts';

/**
 * The next records of an instance: what fits into an answer has been returned when the answer
 * leaves, unless it is to be acknowledged.
 */
export async function pollRecords(
  call: Call<undefined, z.output<typeof pollQuery>>,
): Promise<Reply> {
  const { broker, query, request } = call;
  const maxBytes = Math.min(query.max_bytes ?? limits.responseBytesMax, limits.responseBytesMax);
  const accept = request.headers['accept'];
  const { answer, pollId } = await broker.instances.poll(instanceOf(call), {
    timeoutMs: query.timeout,
    maxBytes,
    ack: query.ack,
    checkFormat: (format) => void typeFor(accept, format),
    take: (found, format) => take(found, format, maxBytes),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const { records, format } = answer;
  return {
    text: records.text,
    headers: {
      'content-type': typeFor(accept, format),
      ...records.headers,
      ...(pollId === undefined ? {} : { 'tailrace-poll-id': String(pollId) }),
    },
  };
}

interface Answer {
  readonly records: RecordsAnswer;
  readonly format: RecordFormat;
}

function take(
  found: readonly Found[],
  format: RecordFormat,
  maxBytes: number,
): TakenAnswer<Answer> {
  // What is repeated fitted once.
  const isRepeated = found.some(({ before }) => before !== undefined);
  const records = new RecordsAnswer(format, isRepeated ? limits.responseBytesMax : maxBytes);
  const taken = found.map((one) => {
    const { topic, partition, fetched } = one;
    const before = records.length;
    const next = records.add(one);
    const hasRecords = records.length > before;
    return { topic, partition, from: fetched.offset, next, hasRecords };
  });
  return { answer: { records, format }, taken };
}

/** The type of the answer; 40601 if none of the instance's format is accepted. */
function typeFor(accept: string | undefined, format: RecordFormat): string {
  const types = recordTypesOf(format);
  try {
    return negotiate(accept, types);
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    throw new HttpFault(
      40_601,
      `expected an accept header that allows ${types.join(' or ')}, since the instance's format is ${format}; got accept=${shown(accept)}`,
    );
  }
}
