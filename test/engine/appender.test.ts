import { describe, expect, test } from 'vitest';
import type { Appended } from '../../lib/engine/appender.ts';
import { deadlineIn } from '../../lib/engine/deadlines.ts';
import type { OpenRun } from '../../lib/engine/open-run.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { readBatchHeader } from '../../lib/protocol/record-batch-header.ts';
import { partition, topicId } from '../../lib/std/brands.ts';
import { limits } from '../../lib/std/limits.ts';
import { badStores } from './bad-stores.ts';
import type { Call, Weather } from './bad-stores.ts';
import { memoryEnv, startEngine } from './memory-env.ts';
import { VirtualClock } from './virtual-clock.ts';
import { put, record, startBroker, valuesOf } from '../broker/setup.ts';

const log = { topicId: topicId('A'.repeat(22)), partition: partition(0) };

function run(value: string): OpenRun {
  const one = { key: null, value: Buffer.from(value), headers: [], timestamp: 1_750_000_000_000n };
  const bytes = encodeBatch([one], { codec: 'none' });
  const { baseTimestamp, maxTimestamp, crc } = readBatchHeader(bytes);
  return { bytes, count: 1, firstTimestamp: baseTimestamp, maxTimestamp, crcs: [crc] };
}

/** An engine whose calls take 10 ms each, and what it calls. */
function started(weatherOf: (call: Call) => Weather = () => 'none') {
  const clock = new VirtualClock();
  const calls: Call[] = [];
  const plain = memoryEnv({ clock });
  const fate = (call: Call) => {
    calls.push(call);
    return { weather: weatherOf(call), delayMs: 10, laterMs: 1_000 };
  };
  const env = { ...plain, ...badStores(plain, clock, fate) };
  const { engine, errors } = startEngine(env);
  const appender = engine.appender(log);
  const append = (value: string) =>
    appender.append(run(value), deadlineIn(clock, limits.produceDeadlineMs));
  return { clock, calls, engine, appender, append, errors };
}

const offsetOf = (appended: Appended): number =>
  appended.kind === 'decided' && appended.verdict.kind === 'accepted'
    ? Number(appended.verdict.baseOffset) + appended.before
    : -1;

const commits = (calls: readonly Call[]): number =>
  calls.filter(({ verb, store }) => store === 'table' && (verb === 'append' || verb === 'put'))
    .length;

test('what arrives while a commit is in flight goes together in the next, in its order', async () => {
  const { clock, calls, append } = started();
  const waves = Array.from({ length: 5 }, async (_, wave) => {
    await clock.sleep(wave * 10);
    return Promise.all(Array.from({ length: 40 }, (__, i) => append(`${wave}.${i}`)));
  });
  const answers = await clock.run(Promise.all(waves));
  const offsets = answers.flat().map((answer) => offsetOf(answer));
  expect(offsets).toEqual(offsets.map((_, i) => i));
  expect(offsets).toHaveLength(200);
  expect(commits(calls)).toBeLessThan(30);
});

test('no more runs in one commit than its limit', async () => {
  const { clock, append } = started();
  const count = limits.commitRunsMax * 2 + 10;
  const answers = await clock.run(
    Promise.all(Array.from({ length: count }, (_, i) => append(`${i}`))),
  );
  expect(answers.map((answer) => offsetOf(answer))).toEqual(answers.map((_, i) => i));
});

test('uploads run ahead of the commit in flight; commits keep the order of the calls', async () => {
  const { clock, calls, append } = started();
  const large = 'x'.repeat(1024 * 1024);
  const work = Promise.all(Array.from({ length: 6 }, () => append(large)));
  await clock.run(clock.sleep(25));
  // All but the first commit at the earliest: their uploads began in the same moment.
  expect(calls.filter(({ store }) => store === 'objects').length).toBeGreaterThanOrEqual(4);
  const answers = await clock.run(work);
  expect(answers.map((answer) => offsetOf(answer))).toEqual([0, 1, 2, 3, 4, 5]);
});

test('beyond its bytes it has no room, and has again when they are committed', async () => {
  const { clock, appender, append } = started();
  const mib = 1024 * 1024;
  const work: Promise<Appended>[] = [];
  while (appender.hasRoom(mib)) work.push(append('x'.repeat(mib - 100)));
  expect(work).toHaveLength(limits.appenderBytesMax / mib);
  await clock.run(Promise.all(work));
  expect(appender.hasRoom(limits.appenderBytesMax)).toBe(true);
});

test('a busy partition refuses by record and takes the others', async () => {
  const all = startBroker();
  const { broker, clock } = all;
  await broker.createTopic({
    name: 't',
    partitions: 2,
    configs: { 'max.message.bytes': String(limits.batchBytesMax) },
  });
  const large = () => record('x'.repeat(4_000_000), { partition: 0 });
  const work = Array.from({ length: 30 }, () => broker.produce({ topic: 't', records: [large()] }));
  const results = await clock.run(Promise.all(work));
  const busy = results.filter(([one]) => one?.ok === false);
  expect(busy.length).toBeGreaterThan(5);
  for (const [one] of busy) expect(one).toMatchObject({ error: 'THROTTLING_QUOTA_EXCEEDED' });
  const taken = results.filter(([one]) => one?.ok === true).length;
  expect(await valuesOf(broker, 't')).toHaveLength(taken);
});

describe('when a commit fails as a bug', () => {
  test('its own callers meet the error, and those after it are served', async () => {
    const { broker, env, clock } = startBroker();
    await broker.createTopic({ name: 't' });
    await put(broker, 't', 'a');
    const { table } = env;
    const append = table.append.bind(table);
    let fails = true;
    table.append = async (key, version, command) => {
      if (!fails) return append(key, version, command);
      fails = false;
      throw new Error('a bug');
    };
    const failing = put(broker, 't', 'b');
    const joined = put(broker, 't', 'c');
    const settled = await clock.run(Promise.allSettled([failing, joined]));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await put(broker, 't', 'd')).toEqual([1]);
    expect(await valuesOf(broker, 't')).toEqual(['a', 'd']);
  });
});

test('each submission has its own verdict: duplicates and refusals beside what is new', async () => {
  const { broker, clock } = startBroker();
  await broker.createTopic({ name: 't' });
  const send = (value: string, producerId: bigint, sequence: number) => {
    const producers = [{ partition: 0, producerId, producerEpoch: 0, sequence }];
    return broker.produce({ topic: 't', records: [record(value)], producers });
  };
  await send('a', 1n, 0);
  const results = await clock.run(
    Promise.all([
      send('a', 1n, 0),
      send('b', 1n, 1),
      send('x', 1n, 9),
      send('c', 2n, 0),
      broker.produce({ topic: 't', records: [record('d')] }),
      send('b', 1n, 1),
    ]),
  );
  expect(results.flat()).toMatchObject([
    { ok: true, offset: 0n },
    { ok: true, offset: 1n },
    { ok: false, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
    { ok: true, offset: 2n },
    { ok: true, offset: 3n },
    { ok: true, offset: 1n },
  ]);
  expect(await valuesOf(broker, 't')).toEqual(['a', 'b', 'c', 'd']);
});
