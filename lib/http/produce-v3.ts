import type { ProducedRecord } from '../broker/broker.ts';
import { must } from '../std/assert.ts';
import { limits } from '../std/limits.ts';
import { jsonReply, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { checkCluster } from './cluster.ts';
import { errorBodyOf } from './faults.ts';
import type { ErrorBody } from './faults.ts';
import { isoTime } from './iso-time.ts';
import { toJson } from './json.ts';
import { failureOf, idempotencyKeyOf } from './produce.ts';
import { readRecordBatch, readRecordStream, RecordReader } from './produce-v3-request.ts';
import type { ReadRecord, RefusedRecord } from './produce-v3-request.ts';

/** Reports in the order of the records, one a line: `error_code` 200, or the error's. */
export async function produceStream(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = topicOf(call);
  const reads = readRecordStream(call.request.body, topic);
  const reports = await produceAll(call, cluster, topic, reads);
  return { text: linesOf(reports) };
}

/**
 * The same as the body comes: each piece's records are appended when it is there, and reported
 * before the next is read. What fails before anything was reported is the answer to the request;
 * later it is reported for each record that it concerns, or as the last report.
 */
export async function* produceLive(
  call: Call,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  const cluster = await checkCluster(call);
  const topic = topicOf(call);
  const reader = new RecordReader();
  let isBegun = false;
  try {
    for await (const piece of withEnd(pieces)) {
      for (const reads of portions(reader.read(piece))) {
        const reports = await produceAll(call, cluster, topic, reads).catch((error: unknown) => {
          if (!isBegun) throw error;
          return reads.map(() => bodyOf(error));
        });
        isBegun = true;
        yield linesOf(reports);
        if (reads.some((read) => !read.ok && read.isLast === true)) return;
      }
    }
  } catch (error) {
    if (!isBegun) throw error;
    yield linesOf([bodyOf(error)]);
  }
}

/** The pieces, and that they are over. */
async function* withEnd(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined> {
  yield* pieces;
  yield undefined;
}

/** As many at once as a request may hold. */
function* portions(
  reads: Iterable<ReadRecord | RefusedRecord>,
): Generator<readonly (ReadRecord | RefusedRecord)[]> {
  let portion: (ReadRecord | RefusedRecord)[] = [];
  for (const read of reads) {
    portion.push(read);
    if (portion.length < limits.requestRecordsMax) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

/** What an error says in a report. One that nobody foresaw passes through. */
function bodyOf(error: unknown): ErrorBody {
  const body = errorBodyOf(error);
  if (body === undefined) throw error;
  return body;
}

const linesOf = (reports: readonly Report[]): string =>
  reports.map((report) => `${toJson(report)}\n`).join('');

/** Successes and failures by entry id, 207 whatever they are. */
export async function produceBatchV3(call: Call): Promise<Reply> {
  const cluster = await checkCluster(call);
  const topic = topicOf(call);
  const entries = readRecordBatch(call.request.body, topic);
  const reports = await produceAll(
    call,
    cluster,
    topic,
    entries.map(({ read }) => read),
  );
  const successes: object[] = [];
  const failures: object[] = [];
  for (const [index, { id }] of entries.entries()) {
    const { error_code: code, ...report } = must(reports[index], 'report of an entry');
    if (code === 200) successes.push({ id, ...report });
    else failures.push({ id, error_code: code, ...report });
  }
  return jsonReply({ successes, failures });
}

type Report = ErrorBody | (Readonly<Record<string, unknown>> & { readonly error_code: 200 });

/** Produces what could be read, in one call, and reports on everything. */
async function produceAll(
  call: Call,
  cluster: string,
  topic: string,
  reads: readonly (ReadRecord | RefusedRecord)[],
): Promise<Report[]> {
  const idempotencyKey = idempotencyKeyOf(call.request);
  const good = reads.filter((read) => read.ok);
  const results =
    good.length === 0
      ? []
      : await call.broker.produce({
          topic,
          records: good.map(({ record }) => record),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        });
  const answers = results.values();
  return reads.map((read): Report => {
    if (!read.ok) return must(errorBodyOf(read.fault), 'body of a fault');
    const { value: result } = answers.next();
    const answer = must(result, 'result of a record');
    if (!answer.ok) return failureOf(answer, read.record.partition !== undefined);
    return { error_code: 200, cluster_id: cluster, topic_name: topic, ...reportOf(answer, read) };
  });
}

function reportOf(result: Extract<ProducedRecord, { ok: true }>, read: ReadRecord) {
  const { partition, offset, timestamp } = result;
  return {
    partition_id: partition,
    offset,
    timestamp: timestamp === undefined ? undefined : isoTime(timestamp),
    key: read.key,
    value: read.value,
  };
}
