import type {
  Bytes,
  Client,
  Consumer,
  Delivery,
  ProducerOptions,
  ProducerRecord,
  Record,
} from '../../lib/client/types.ts';

let topics = 0;

/** A topic of a name of its own: the log may be shared with other suites, and may be an old one. */
export async function newTopic(
  client: Client,
  parts: { partitions?: number; configs?: { [name: string]: string } } = {},
): Promise<string> {
  topics += 1;
  const name = `suite-${process.pid}-${Date.now().toString(36)}-${topics}`;
  await client.admin.createTopic({ name, ...parts });
  return name;
}

/** Sends them all, in order, and awaits them. */
export async function sendAll(
  client: Client,
  records: readonly ProducerRecord[],
  options: ProducerOptions<Bytes, Bytes> = {},
): Promise<Delivery[]> {
  await using producer = client.producer(options);
  return Promise.all(records.map((record) => producer.send(record)));
}

/** What the consumer hands out until it ends, and closes it. */
export async function readAll<K, V>(consumer: Consumer<K, V>): Promise<Record<K, V>[]> {
  const found: Record<K, V>[] = [];
  for await (const record of consumer) found.push(record);
  await consumer.close();
  return found;
}

/** The next so many records; the iteration is left then. */
export async function take<T>(count: number, from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  if (count === 0) return found;
  for await (const one of from) {
    found.push(one);
    if (found.length === count) break;
  }
  return found;
}

export const texts = (records: readonly { readonly value: string | null }[]): string[] =>
  records.map(({ value }) => value ?? 'null');

export const numbered = (topic: string, count: number, prefix = 'v'): ProducerRecord[] =>
  Array.from({ length: count }, (_, i) => ({ topic, partition: 0, value: `${prefix}${i}` }));

/** What it failed with; what did not fail at all fails here. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const ended = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in ended) return ended.error;
  throw new Error(`expected a failure, got ${String(ended.value)}`);
}
