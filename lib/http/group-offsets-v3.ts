import type { ResetOffsetsInput, ResetTarget, TopicPartition } from '../broker/group-types.ts';
import { jsonReply } from './call.ts';
import type { Call, Reply } from './call.ts';
import { namedGroup, partitionFields } from './consumer-groups-v3.ts';
import { malformed } from './faults.ts';
import { checkCount } from './group-requests.ts';
import { errorFields } from './groups.ts';
import { ObjectReader, present, readBody } from './object-reader.ts';
import { int32Max, int64Max, isObject } from './record-fields.ts';

/** Ours: what Kafka's own tools do to the offsets of a group. */

export async function resetOffsets(call: Call): Promise<Reply> {
  const { group } = await namedGroup(call);
  const input = readReset(group, call.request.body);
  const resets = await call.broker.resetOffsets(input);
  return jsonReply({
    data: resets.map((reset) => ({
      ...partitionFields(reset),
      previous_offset: reset.before ?? null,
      offset: reset.after ?? null,
      ...errorFields(reset.error, reset.message),
    })),
  });
}

export async function deleteOffsets(call: Call): Promise<Reply> {
  const { group } = await namedGroup(call);
  const outcomes = await call.broker.deleteOffsets(group, readPartitions(call.request.body));
  return jsonReply({
    data: outcomes.map((outcome) => ({
      ...partitionFields(outcome),
      ...errorFields(outcome.error, outcome.message),
    })),
  });
}

function readReset(group: string, bytes: Uint8Array): ResetOffsetsInput {
  const body = readBody(bytes, ['to', 'topics', 'dry_run']);
  const topics = body.has('topics')
    ? body.list('topics', (value, path) => {
        const topic = new ObjectReader(value, path, ['topic_name', 'partitions']);
        const partitions = topic.has('partitions')
          ? checkCount(topic.ints('partitions', 0, int32Max))
          : undefined;
        return { topic: topic.text('topic_name'), ...present({ partitions }) };
      })
    : undefined;
  return {
    group,
    to: readTarget(body),
    dryRun: body.has('dry_run') && body.flag('dry_run'),
    ...present({ of: topics && checkCount(topics) }),
  };
}

function readTarget(body: ObjectReader): ResetTarget {
  const to = body.value('to');
  if (to === 'earliest' || to === 'latest') return { kind: to };
  const expected = 'earliest, latest, or one of {timestamp}, {offset} and {shift}';
  if (!isObject(to)) throw body.fault('to', expected);
  const target = new ObjectReader(to, 'to', ['timestamp', 'offset', 'shift']);
  if (Object.keys(to).length !== 1) throw body.fault('to', expected);
  if (target.has('timestamp')) return { kind: 'timestamp', timestamp: target.int64('timestamp') };
  if (target.has('offset')) return { kind: 'offset', offset: target.int64('offset') };
  return { kind: 'shift', by: target.int64('shift', -int64Max, int64Max) };
}

function readPartitions(bytes: Uint8Array): readonly TopicPartition[] {
  const body = readBody(bytes, ['partitions']);
  const partitions = body.list('partitions', (value, path): TopicPartition => {
    const reader = new ObjectReader(value, path, ['topic_name', 'partition_id']);
    const partition = reader.int('partition_id', 0, int32Max);
    return { topic: reader.text('topic_name'), partition };
  });
  if (partitions.length > 0) return checkCount(partitions);
  throw malformed('expected at least one partition, got none field=partitions');
}
