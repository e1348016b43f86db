import type { GroupConsumer } from '../client/group-types.ts';
import type { Client, Position, Reader, Record } from '../client/types.ts';
import type { ConsumeOptions } from './consume.ts';
import { outputGone } from './output.ts';
import { formatOf, Page } from './record-page.ts';
import { onStop } from './signals.ts';

/** Writes records to stdout until it is told to end, by its options, a signal or the reader. */
export async function runConsume(
  client: Client,
  topic: string | undefined,
  options: ConsumeOptions,
): Promise<void> {
  // Before anything is waited for: a topic that is not there, or a log that does not answer.
  await (topic === undefined ? client.admin.listTopics() : client.admin.describeTopic(topic));
  const stop = new AbortController();
  onStop(() => stop.abort());
  const signal = AbortSignal.any([stop.signal, outputGone]);
  const { group } = options;
  if (options.count === 0) return;
  if (group === undefined) {
    await writeRecords(readerOf(client, topic ?? '', options), options, signal);
    return;
  }
  const member = memberOf(client, group, topic, options);
  const last = await writeRecords(member, options, signal);
  // Up to here it is written; whatever was before it, the member knows.
  if (last !== undefined && !outputGone.aborted) {
    const { partition } = last;
    await member.commit([{ topic: last.topic, partition, offset: last.offset + 1n }]);
  }
  await member.close();
}

/** The last record that was written. */
async function writeRecords(
  reader: Reader<Buffer | null, Buffer | null>,
  options: ConsumeOptions,
  signal: AbortSignal,
): Promise<Record | undefined> {
  const page = new Page(formatOf(options));
  let left = options.count ?? Number.POSITIVE_INFINITY;
  let last: Record | undefined;
  try {
    for await (const { records } of reader.batches({ signal })) {
      for (const record of records.length > left ? records.slice(0, left) : records) {
        if (signal.aborted) return last;
        page.add(record);
        last = record;
        if (page.isFull) await page.flush();
      }
      await page.flush();
      left -= records.length;
      if (left <= 0) return last;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await page.flush();
  }
  return last;
}

function readerOf(
  client: Client,
  topic: string,
  options: ConsumeOptions,
): Reader<Buffer | null, Buffer | null> {
  const from = positionOf(options);
  const partitions = new Set(options.partition ?? [undefined]);
  return client.consumer({
    assignments: Array.from(partitions, (partition) => ({
      topic,
      from,
      ...(partition === undefined ? {} : { partition }),
    })),
    ...(options.untilEnd === true ? { until: 'end' } : {}),
    offsetReset: 'error',
  });
}

function memberOf(
  client: Client,
  group: string,
  topic: string | undefined,
  { pattern, instanceId, from }: ConsumeOptions,
): GroupConsumer<Buffer | null, Buffer | null> {
  return client.consumer({
    group,
    topics: pattern === undefined ? [topic ?? ''] : { pattern },
    clientId: 'tailrace consume',
    offsetReset: from === 'end' ? 'end' : 'beginning',
    ...(instanceId === undefined ? {} : { instanceId }),
  });
}

function positionOf({ from, last }: ConsumeOptions): Position {
  return last === undefined ? (from ?? 'beginning') : { last };
}
