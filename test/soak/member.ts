// A consumer in a process of its own. It writes down what it gets, and commits after it did so.
//
//     node test/soak/member.ts --url URL --group G --topic T --history FILE [--auto]
//
// It closes on SIGTERM, and ends when its standard input does: with whoever started it.

import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient, json, KafkaError } from '../../lib/client/index.ts';
import type { RebalanceListener, RecordBatch, TopicPartition } from '../../lib/client/index.ts';
import { must } from '../../lib/std/assert.ts';
import type { MemberEvent } from './events.ts';
import type { Place } from './records.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    url: text,
    group: text,
    topic: text,
    history: text,
    auto: { type: 'boolean', default: false },
  },
});
const { auto } = values;
const [url, group, topic, history] = [values.url, values.group, values.topic, values.history].map(
  (value) => must(value, 'an option'),
) as [string, string, string, string];

const commitEveryMs = 400;
const sessionTimeoutMs = 6_000;

const file = openSync(history, 'a');
/** Without `t`, which is now. What the kernel has got outlives the process. */
type Told = MemberEvent extends infer Event
  ? Event extends object
    ? Omit<Event, 't'>
    : never
  : never;
const tell = (event: Told): void => {
  writeSync(file, `${JSON.stringify({ t: Date.now(), ...event })}\n`);
};

/** Of partitions that it has: the next offset, once a batch is done with, until it is committed. */
const done = new Map<number, number>();

async function commit(partitions: readonly number[]): Promise<void> {
  const of = partitions.flatMap((partition) => {
    const offset = done.get(partition);
    return offset === undefined ? [] : [[partition, offset] as const];
  });
  if (of.length === 0) return;
  try {
    await consumer.commit(
      of.map(([partition, offset]) => ({ topic, partition, offset: BigInt(offset) })),
    );
    tell({ e: 'committed', of });
    for (const [partition, offset] of of) {
      if (done.get(partition) === offset) done.delete(partition);
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    tell({ e: 'refused', error: error.kafka });
  }
}

const numbers = (partitions: readonly TopicPartition[]): number[] =>
  partitions.map(({ partition }) => partition);

const onAssigned: Listener = (partitions) => tell({ e: 'assigned', of: numbers(partitions) });
const onRevoked: Listener = async (partitions) => {
  const of = numbers(partitions);
  if (!auto) await commit(of);
  for (const partition of of) done.delete(partition);
  tell({ e: 'revoked', of });
};
const onLost: Listener = (partitions) => {
  const of = numbers(partitions);
  for (const partition of of) done.delete(partition);
  tell({ e: 'lost', of });
};
type Listener = RebalanceListener<Buffer | null, Place | null>;

const client = await createClient({ url });
const consumer = client.consumer({
  group,
  topics: [topic],
  value: json<Place>(),
  sessionTimeoutMs,
  autoCommit: auto,
  autoCommitIntervalMs: commitEveryMs,
  onAssigned,
  onRevoked,
  onLost,
});

function take({ partition, records }: RecordBatch<Buffer | null, Place | null>): void {
  const [first] = records;
  if (first === undefined) return;
  const n = records.map(({ value }) => must(value, 'a value').n);
  tell({ e: 'seen', p: partition, o: Number(first.offset), n });
  done.set(partition, Number(first.offset) + records.length);
}

const stopping = new AbortController();

async function keepCommitting(): Promise<void> {
  while (!stopping.signal.aborted) {
    await sleep(commitEveryMs);
    await commit([...done.keys()]);
  }
}

process.stdin.resume().once('end', () => process.exit(1));
process.once('SIGTERM', () => {
  stopping.abort();
  void consumer.close();
});

tell({ e: 'ready' });
await Promise.all([consumer.run({ eachBatch: take }), ...(auto ? [] : [keepCommitting()])]);
await consumer.close();
tell({ e: 'left' });
await client.close();
process.exit(0);
