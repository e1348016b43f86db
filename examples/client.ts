/**
 * The client in one file: a log in the memory of this process, a producer, a consumer.
 *
 *     npx node examples/client.ts
 *
 * `startTailrace` is for tests and for trying things out. With `createClient` in its place, the rest
 * stays as it is: `createClient({ url: 'http://127.0.0.1:8082' })`, or `{ stack: 'Tailrace' }`.
 */
import { DeserializationError, json, startTailrace, string } from '../lib/client/index.ts';

interface Reading {
  readonly celsius: number;
}

/** Throws, with both, if `got` is not what was expected. */
function same(what: string, got: unknown, expected: unknown): void {
  if (got === expected) return;
  throw new Error(`${what} got=${String(got)} expected=${String(expected)}`);
}

const topic = 'readings';
await using client = await startTailrace({ topics: [{ name: topic, partitions: 3 }] });

// Records of a key keep their order: they lie in one partition.
await using producer = client.producer({
  key: string,
  value: json<Reading>(),
  compression: 'zstd',
});
const stations = ['north', 'south', 'east'];
const sending = [];
for (let i = 0; i < 300; i += 1) {
  const key = stations[i % 3] ?? null;
  sending.push(producer.send({ topic, key, value: { celsius: i }, headers: { unit: 'C' } }));
  // What a loop awaits that does not await each record: room in the producer's buffer.
  await producer.room();
}
const deliveries = await Promise.all(sending);
console.log(`ok  ${deliveries.length} records acknowledged, each at an offset of its own`);

// `until: 'end'` reads what is there and ends; without it the loop goes on for ever.
const highest = new Map<string | null, number>();
await using consumer = client.consumer({
  key: string,
  value: json<Reading>(),
  assignments: [{ topic }],
  until: 'end',
});
for await (const { key, value } of consumer) {
  const before = highest.get(key) ?? -1;
  const celsius = value?.celsius ?? NaN;
  if (!(celsius > before)) throw new Error(`out of order key=${key} before=${before}`);
  highest.set(key, celsius);
}
same('stations', highest.size, 3);
same('the last of north', highest.get('north'), 297);
console.log('ok  all of them read, in order by key');

// From any place: an offset, a time, the beginning, the end, so many before the end.
const partition = deliveries[0]?.partition ?? 0;
await consumer.seek({ topic, partition }, { last: 2 });
let last = 0;
for await (const { offset } of consumer) last = Number(offset);
const { offset: end } = await client.admin.listOffset({ topic, partition }, 'end');
same('the last offset', last, Number(end) - 1);
console.log('ok  the last two of a partition read again');

// A consumer that waits is woken by what is sent, and ended by a signal.
const stop = new AbortController();
await using tail = client.consumer({ value: string });
await tail.assign([{ topic, from: 'end' }]);
const records = tail.records({ signal: stop.signal });
const next = records.next();
await using texts = client.producer();
await texts.send({ topic, value: 'not JSON' });
same('what came', (await next).value?.value, 'not JSON');
stop.abort();
console.log('ok  a waiting consumer got what was sent');

// A record that its reader does not understand is told with its place.
try {
  for await (const { value } of consumer) same('nothing else', value, undefined);
  throw new Error('expected an error');
} catch (error) {
  if (!(error instanceof DeserializationError)) throw error;
  console.log(`ok  ${error.message}`);
}
