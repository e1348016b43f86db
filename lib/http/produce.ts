import type { ProducedRecord, ProduceInput } from '../broker/broker.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { limits } from '../std/limits.ts';
import { jsonReply, partitionOf, topicOf } from './call.ts';
import type { Call, Reply } from './call.ts';
import { errorBody, malformed, shown } from './faults.ts';
import type { ErrorBody } from './faults.ts';
import type { HttpRequest } from './http-message.ts';
import { rawBatch, recordFormatOf } from './media-types.ts';
import { readProduceRequest } from './produce-request.ts';

/** The `Idempotency-Key` of a request: visible ASCII, 1 … 256 characters. */
export function idempotencyKeyOf(request: HttpRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  const max = limits.idempotencyKeyLengthMax;
  if (key.length <= max && /^[\x20-\x7e]+$/.test(key)) return key;
  throw malformed(
    `expected an idempotency-key of 1 to ${max} visible ASCII characters, got length=${key.length} idempotency-key=${shown(key)}`,
  );
}

/** What a record that failed answers. `explicit`: the client had named its partition. */
export function failureOf(
  result: Extract<ProducedRecord, { ok: false }>,
  explicit: boolean,
): ErrorBody {
  const missing = explicit ? 'partition' : 'topic';
  return errorBody(result.error, result.message, missing, result.unknown);
}

export async function produceToTopic(call: Call): Promise<Reply> {
  return produceJson(call, undefined);
}

export async function produceToPartition(call: Call): Promise<Reply> {
  return call.requestType === rawBatch ? produceRaw(call) : produceJson(call, partitionOf(call));
}

async function produceJson(call: Call, path: number | undefined): Promise<Reply> {
  const { broker, request } = call;
  const topic = topicOf(call);
  const format = recordFormatOf(call.requestType ?? '');
  const idempotencyKey = idempotencyKeyOf(request);
  const { records, producers } = readProduceRequest(request.body, format, path);
  if (idempotencyKey !== undefined && producers !== undefined) {
    throw malformed('expected an idempotency-key or producers, got both; send one of them');
  }
  const input: ProduceInput = {
    topic,
    records,
    ...(producers === undefined ? {} : { producers }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  const results = await broker.produce(input);
  if (path !== undefined) throwIfMissing(results);
  const offsets = results.map((result, index) => {
    if (result.ok) return accepted(result.partition, result.offset);
    const explicit = records[index]?.partition !== undefined;
    const { message, ...error } = failureOf(result, explicit);
    const partition = result.partition ?? records[index]?.partition ?? null;
    return JSON.stringify({ partition, offset: null, error: message, ...error });
  });
  return produced(offsets);
}

/** The path named a partition that is not there: that is the answer to the whole request. */
function throwIfMissing(results: readonly ProducedRecord[]): void {
  const [first] = results;
  if (first === undefined || first.ok || first.error !== 'UNKNOWN_TOPIC_OR_PARTITION') return;
  if (results.every((result) => !result.ok && result.error === first.error)) {
    throw new ProtocolError(first.error, first.message);
  }
}

async function produceRaw(call: Call): Promise<Reply> {
  const { broker, request } = call;
  if (idempotencyKeyOf(request) !== undefined) {
    throw malformed(
      'expected a raw batch without an idempotency-key, got one; put a producer id, epoch and sequence into the batch instead',
    );
  }
  const result = await broker.produceBatch({
    topic: topicOf(call),
    partition: partitionOf(call),
    batch: request.body,
  });
  const { partition, baseOffset, count, timestamp = null } = result;
  return jsonReply({
    offsets: [{ partition, offset: baseOffset, error_code: null, error: null, count, timestamp }],
    key_schema_id: null,
    value_schema_id: null,
  });
}

const accepted = (partition: number, offset: bigint): string =>
  `{"partition":${partition},"offset":${offset},"error_code":null,"error":null}`;

function produced(offsets: readonly string[]): Reply {
  return {
    text: `{"offsets":[${offsets.join(',')}],"key_schema_id":null,"value_schema_id":null}`,
  };
}
