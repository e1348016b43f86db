import type { Client, Position, Record } from '../client/types.ts';
import type { ConsumeOptions } from './consume.ts';
import { outputGone, write } from './output.ts';
import { compileFormat } from './record-format.ts';
import type { Format } from './record-format.ts';
import { recordJson } from './record-json.ts';
import { onStop } from './signals.ts';

/** So many bytes are written at once. */
const pageBytes = 64 * 1024;

/** Writes records to stdout until it is told to end, by its options, a signal or the reader. */
export async function runConsume(
  client: Client,
  topic: string,
  options: ConsumeOptions,
): Promise<void> {
  // Before anything is waited for: a topic that is not there.
  await client.admin.describeTopic(topic);
  const stop = new AbortController();
  onStop(() => stop.abort());
  const signal = AbortSignal.any([stop.signal, outputGone]);
  const from = positionOf(options);
  const partitions = new Set(options.partition ?? [undefined]);
  const consumer = client.consumer({
    assignments: Array.from(partitions, (partition) => ({
      topic,
      from,
      ...(partition === undefined ? {} : { partition }),
    })),
    ...(options.untilEnd === true ? { until: 'end' } : {}),
    offsetReset: 'error',
  });
  const page = new Page(formatOf(options));
  let left = options.count ?? Number.POSITIVE_INFINITY;
  if (left === 0) return;
  try {
    for await (const { records } of consumer.batches({ signal })) {
      for (const record of records.length > left ? records.slice(0, left) : records) {
        if (signal.aborted) return;
        page.add(record);
        if (page.bytes >= pageBytes) await page.flush();
      }
      await page.flush();
      left -= records.length;
      if (left <= 0) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await page.flush();
  }
}

function positionOf({ from, last }: ConsumeOptions): Position {
  return last === undefined ? (from ?? 'beginning') : { last };
}

const lineFeed = Buffer.from('\n');

function formatOf(options: ConsumeOptions): Format {
  if (options.json === true) {
    return (record, sink) => sink(Buffer.from(`${recordJson(record)}\n`));
  }
  if (options.format !== undefined) return compileFormat(options.format, options.null);
  const { keySeparator } = options;
  const value = compileFormat('%s', options.null);
  const key = compileFormat('%k', options.null);
  const separator = keySeparator === undefined ? undefined : Buffer.from(keySeparator);
  return (record, sink) => {
    if (separator !== undefined) {
      key(record, sink);
      sink(separator);
    }
    value(record, sink);
    sink(lineFeed);
  };
}

/** Records as they are written, a page at a time. */
class Page {
  bytes = 0;
  readonly #format: Format;
  #parts: Buffer[] = [];

  constructor(format: Format) {
    this.#format = format;
  }

  add(record: Record): void {
    this.#format(record, (part) => {
      this.#parts.push(part);
      this.bytes += part.length;
    });
  }

  async flush(): Promise<void> {
    if (this.bytes === 0) return;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.bytes = 0;
    await write(bytes);
  }
}
