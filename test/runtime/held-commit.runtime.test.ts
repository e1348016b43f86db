import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, inject, test, vi } from 'vitest';
import { Deployment } from './deployment.ts';
import { createTopic, succeed } from './door.ts';
import { Gate, isAppend } from './gate.ts';
import type { Point } from './gate.ts';
import { Gateway } from './gateway.ts';
import type { Request } from './gateway.ts';
import type { FunctionCode } from './sandbox.ts';

/** Of functions whose calls are to end by it. Half of it is kept for calls of the store to end. */
const shortMs = 10_000;

let deployment: Deployment;
/** To functions that nothing happens to. */
let gateway: Gateway;
const gates: Gate[] = [];
beforeAll(async () => {
  deployment = await Deployment.open();
  gateway = new Gateway({
    produce: [await deployment.add('produce')],
    fetch: [await deployment.add('fetch')],
    admin: [await deployment.add('admin')],
  });
});
afterAll(async () => {
  for (const gate of gates) gate.close();
  await deployment.close();
});

/** A topic, and a function that knows it and works behind a gate of its own. */
async function begin(topic: string, options: Partial<FunctionCode> = {}) {
  const gate = await Gate.open(inject('emulator'));
  gates.push(gate);
  const environment = { AWS_ENDPOINT_URL: gate.url };
  const held = await deployment.add('produce', { ...options, environment });
  const behindGate = new Gateway({ produce: [held] });
  await createTopic(gateway, topic, 1);
  await succeed(behindGate, produce(topic, { records: [record('first')] }));
  await succeed(gateway, produce(topic, { records: [record('second')] }));
  const [sandbox] = held.sandboxes;
  if (sandbox === undefined) throw new Error('no sandbox');
  return { gate, behindGate, sandbox };
}

const record = (value: string) => ({ value, partition: 0 });

function produce(topic: string, body: object, headers: Request['headers'] = {}): Request {
  return {
    method: 'POST',
    path: `/topics/${topic}`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

async function stored(topic: string): Promise<unknown[]> {
  const path = `/topics/${topic}/partitions/0/records?offset=beginning`;
  const records = await succeed(gateway, { method: 'GET', path });
  return (records as { value: unknown }[]).map(({ value }) => value);
}

const all = ['first', 'second', 'third', 'fourth'];
const records = [record('third'), record('fourth')];
const producer = { partition: 0, producer_id: 7, producer_epoch: 0, sequence: 0 };

type NewRequest = (topic: string) => Request;
const requests: Readonly<Record<string, NewRequest>> = {
  'under a key': (topic) => produce(topic, { records }, { 'idempotency-key': topic }),
  'of a producer': (topic) => produce(topic, { records, producers: [producer] }),
};
const cases = Object.entries(requests).flatMap(([name, requestTo]) =>
  (['before', 'after'] satisfies Point[]).map((point) => ({ name, requestTo, point })),
);

describe.skipIf(process.platform !== 'linux').concurrent('a process frozen in mid-commit', () => {
  test.for(cases)(
    'and thawed in time: a request $name, $point its write, is there once',
    async ({ name, requestTo, point }, { expect }) => {
      const topic = `${point}-${name.replaceAll(' ', '-')}-in-time`;
      const { gate, behindGate, sandbox } = await begin(topic);
      const request = requestTo(topic);
      const id = randomUUID();
      const stopped = gate.stopNext(point, isAppend);
      const first = behindGate.ask(request, undefined, id);
      const letGo = await stopped;
      sandbox.hold();
      // The same event, delivered again elsewhere.
      const second = await gateway.ask(request, undefined, id);
      expect(second?.status).toBe(200);
      letGo();
      sandbox.release();
      expect(await first).toMatchObject({ status: 200, text: second?.text });
      expect(sandbox.errors).toEqual([]);
      expect(await stored(topic)).toEqual(all);
    },
  );

  test.for(cases)(
    'and thawed after every timeout: a request $name, $point its write, is there once',
    async ({ name, requestTo, point }, { expect }) => {
      const topic = `${point}-${name.replaceAll(' ', '-')}-late`;
      const { gate, behindGate, sandbox } = await begin(topic, { timeoutMs: shortMs });
      const request = requestTo(topic);
      const id = randomUUID();
      const stopped = gate.stopNext(point, isAppend);
      const first = behindGate.ask(request, undefined, id);
      const letGo = await stopped;
      sandbox.hold();
      expect((await first)?.status).toBe(503);
      const second = await gateway.ask(request, undefined, id);
      expect(second?.status).toBe(200);
      letGo();
      sandbox.release();
      await vi.waitFor(() => expect(sandbox.isQuiet).toBe(true), { timeout: 20_000 });
      expect(sandbox).toMatchObject({ lateAnswers: 1, errors: [] });
      expect(await stored(topic)).toEqual(all);
      // It works on, and so does who repeats the request by it.
      expect(await behindGate.ask(request)).toMatchObject({ status: 200, text: second?.text });
      await succeed(behindGate, produce(topic, { records: [record('fifth')] }));
      expect(await stored(topic)).toEqual([...all, 'fifth']);
      expect(sandbox.isLost).toBe(false);
    },
  );
});
