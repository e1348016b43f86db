import { change } from './mutant.ts';
import type { Mutant } from './mutant.ts';

const broker = 'lib/broker';
const reserve = 'lib/core/keyed/reserve-key.ts';

/** Of what clients are told, and of keyed requests. */
export const brokerMutants: readonly Mutant[] = [
  {
    name: 'unknown-told-as-failed',
    about: 'a record is told not to be appended although nobody knows',
    changes: change(
      `${broker}/record-answers.ts`,
      "return { ...failed(partition, 'REQUEST_TIMED_OUT', message), unknown };",
      "return failed(partition, 'KAFKA_STORAGE_ERROR', message);",
    ),
  },
  {
    name: 'closed-name-not-looked-up-again',
    about: 'who believes in a deleted topic does not come to know the next of its name',
    changes: change(`${broker}/retry-closed.ts`, '      engine.topics.forget(name);\n', ''),
  },
  {
    name: 'all-sent-again-if-some-are-closed',
    about: 'what an open partition took is appended to the next topic too',
    changes: change(
      `${broker}/record-answers.ts`,
      'answers.every(isClosed)',
      'answers.some(isClosed)',
    ),
  },
  {
    name: 'partitions-of-the-next-topic',
    about: 'a record goes to a partition that its topic never had, and that nothing closes',
    changes: change(
      `${broker}/produce.ts`,
      'return beyond ? topics.fresh(input.topic) : known;',
      `if (!beyond) return known;
  const fresh = await topics.fresh(input.topic);
  return { ...fresh, topic: { ...fresh.topic, id: known.topic.id } };`,
    ),
  },
  {
    name: 'key-not-awaited',
    about: 'a keyed request is sent although another may have reserved its key',
    changes: change(
      reserve,
      'if (isPassing(outcome) || isUnsure(outcome)) {',
      `if (isUnsure(outcome)) return end({ kind: 'reserved', keyed });
      if (isPassing(outcome)) {`,
    ),
  },
  {
    name: 'own-id-for-the-one-found',
    about: 'who finds a key reserved sends under an id of its own',
    changes: change(
      reserve,
      "? end({ kind: 'reserved', keyed: standing })",
      "? end({ kind: 'reserved', keyed })",
    ),
  },
  {
    name: 'walk-from-where-one-stands',
    about: 'slots before those that this process knows are not looked at for the id',
    changes: change(
      `${broker}/produce-keyed.ts`,
      'const keyed = { id: command, walk };',
      'const keyed = { id: command, walk: engine.logs.sights.get(log)?.replayed.slot.snapshot.end ?? walk };',
    ),
  },
  {
    name: 'first-part-answers-for-all',
    about: 'a repeated request is told the offset of another partition',
    changes: change(
      `${broker}/produce-keyed.ts`,
      'const recorded = keyed.offsets?.[i];',
      'const recorded = keyed.offsets?.[0];',
    ),
  },
  {
    name: 'keys-over-the-partitions-of-now',
    about: 'a repeated request is split otherwise than it was sent',
    changes: change(
      `${broker}/produce-keyed.ts`,
      'const earlier = { partitions: partitionCount,',
      'const earlier = { partitions,',
    ),
  },
  {
    name: 'sticky-partition-picked-anew',
    about: 'the same, for records without a key',
    changes: change(
      `${broker}/produce-keyed.ts`,
      'sticky: before, now: BigInt',
      'sticky: split.sticky, now: BigInt',
    ),
  },
  {
    name: 'records-below-the-offset',
    about: 'a fetch shows again what lies in its first batch before the offset asked for',
    changes: change(
      `${broker}/records.ts`,
      'if (record.offset >= fetched.offset) records.push',
      'records.push',
    ),
  },
  {
    name: 'cut-before-the-first-batch',
    about: 'a fetch of few bytes never gets past a larger batch',
    changes: change(
      'lib/engine/read-batches.ts',
      'if (taken.length > 0 && bytes + batch.length > bytesMax) break;',
      'if (bytes + batch.length > bytesMax) break;',
    ),
  },
  {
    name: 'expired-walk-found-nothing',
    about: 'a look-up that ran out of time is told as "no such record"',
    changes: change(
      `${broker}/list-offset.ts`,
      `    if (read.kind !== 'read') throw readError(read.kind);
    if (read.runs.length === 0) return undefined;`,
      "    if (read.kind !== 'read' || read.runs.length === 0) return undefined;",
    ),
  },
  {
    name: 'bisection-passes-its-timestamp',
    about: 'the group that ends with the timestamp asked for is skipped',
    changes: change(
      `${broker}/list-offset.ts`,
      'if (group.runningMaxTimestamp < timestamp)',
      'if (group.runningMaxTimestamp <= timestamp)',
    ),
  },
  {
    name: 'bisection-by-own-maximum',
    about: 'a group is skipped because its own records are older than those before it',
    changes: change(
      `${broker}/list-offset.ts`,
      'if (group.runningMaxTimestamp < timestamp)',
      'if (group.maxTimestamp < timestamp)',
    ),
  },
  {
    name: 'nothing-at-the-highest-timestamp',
    about: 'the newest record is not found by its own timestamp',
    changes: change(
      `${broker}/list-offset.ts`,
      'if (at > head.maxTimestamp ||',
      'if (at >= head.maxTimestamp ||',
    ),
  },
  {
    name: 'run-of-that-timestamp-skipped',
    about: 'a run is not looked into because its highest timestamp is the one asked for',
    changes: change(
      `${broker}/list-offset.ts`,
      'runMaxTimestamp(run) >= timestamp ?',
      'runMaxTimestamp(run) > timestamp ?',
    ),
  },
];
