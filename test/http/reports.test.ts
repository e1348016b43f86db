import { expect, test } from 'vitest';
import type { ProducedRecord } from '../../lib/broker/broker.ts';
import { OutcomeUnknown } from '../../lib/engine/outcome-unknown.ts';
import { limits } from '../../lib/std/limits.ts';
import { ask, produce } from './ask.ts';
import { fakeBroker } from './fake-broker.ts';

// An answer that is too large would be lost, and with it what became of the records.

const unknown = new OutcomeUnknown('0123456789abcdef', true);
const longest: Readonly<Record<string, ProducedRecord>> = {
  taken: {
    ok: true,
    partition: limits.partitionsMax - 1,
    offset: 2n ** 63n - 1n,
    timestamp: 253_402_300_799_999n,
  },
  unknown: {
    ok: false,
    partition: limits.partitionsMax - 1,
    error: 'REQUEST_TIMED_OUT',
    message: unknown.message,
    unknown,
  },
};
const topic = 't'.repeat(limits.topicNameLengthMax);
const v3 = `POST /v3/clusters/cluster-1/topics/${topic}`;
const json = { 'content-type': 'application/json' };
const item = { key: { type: 'BINARY', data: '' }, value: { type: 'BINARY', data: '' } };
const idOf = (index: number) => String(index).padStart(80, 'i');

/** How many records of v3 a request for this topic may hold, as its refusal says. */
async function mostOfV3(): Promise<number> {
  const broker = await fakeBroker();
  const body = '{}'.repeat(limits.requestRecordsMax + 1);
  const refused = await ask(broker, `${v3}/records`, { headers: json, body });
  expect(refused.status).toBe(413);
  return Number(/at most (\d+) records/.exec(refused.text)?.[1]);
}

test.each(Object.entries(longest))('reports fit in an answer: %s', async (_name, result) => {
  const broker = await fakeBroker();
  broker.topics.set(topic, { ...broker.topics.get('t')!, name: topic });
  const answer = (count: number) => {
    broker.answers = Array.from({ length: count }, () => result);
  };
  const records = Array.from({ length: limits.requestRecordsMax }, () => ({ value: 1 }));
  answer(records.length);
  const v2 = await produce(broker, `/topics/${topic}`, { records });
  expect([v2.status, v2.text.length <= limits.responseBytesMax]).toEqual([200, true]);

  const most = await mostOfV3();
  expect(most).toBeGreaterThan(6_000);
  answer(most);
  const body = JSON.stringify(item).repeat(most);
  const stream = await ask(broker, `${v3}/records`, { headers: json, body });
  expect([stream.status, stream.text.length <= limits.responseBytesMax]).toEqual([200, true]);

  answer(most);
  const entries = Array.from({ length: most }, (_, i) => ({ ...item, id: idOf(i) }));
  const batch = await ask(broker, `${v3}/records:batch`, { headers: json, body: { entries } });
  expect([batch.status, batch.text.length <= limits.responseBytesMax]).toEqual([207, true]);
});
