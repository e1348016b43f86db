import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Client, WaitOptions } from '../../lib/client/index.ts';
import { faultyClient } from './faulty-transport.ts';
import { failureOf } from './suite-support.ts';

const reason = new Error('enough');
const never = (): Promise<never> => new Promise(() => undefined);
const at = { topic: 't', partition: 0 };

type Wait = (client: Client, wait: WaitOptions) => Promise<unknown>;

/** Each by the transport's method that it waits for. */
const admin: readonly (readonly [string, Wait])[] = [
  ['clusterId', ({ admin: own }, wait) => own.clusterId(wait)],
  ['createTopic', ({ admin: own }, wait) => own.createTopic({ name: 'n' }, wait)],
  ['listTopics', ({ admin: own }, wait) => own.listTopics(wait)],
  ['describeTopic', ({ admin: own }, wait) => own.describeTopic('t', wait)],
  ['deleteTopic', ({ admin: own }, wait) => own.deleteTopic('t', wait)],
  ['createPartitions', ({ admin: own }, wait) => own.createPartitions('t', 9, wait)],
  ['describeConfigs', ({ admin: own }, wait) => own.describeConfigs('t', wait)],
  ['alterConfigs', ({ admin: own }, wait) => own.alterConfigs('t', [], wait)],
  ['listOffset', ({ admin: own }, wait) => own.listOffset(at, 'end', wait)],
  ['listGroups', ({ admin: own }, wait) => own.listGroups(wait)],
  ['describeGroup', ({ admin: own }, wait) => own.describeGroup('g', wait)],
  ['groupLag', ({ admin: own }, wait) => own.groupLag('g', wait)],
  ['deleteGroup', ({ admin: own }, wait) => own.deleteGroup('g', wait)],
  ['fetchOffsets', ({ admin: own }, wait) => own.fetchOffsets('g', [at], wait)],
  ['commitOffsets', ({ admin: own }, wait) => own.commitOffsets('g', [], wait)],
  ['deleteOffsets', ({ admin: own }, wait) => own.deleteOffsets('g', [at], wait)],
  ['resetOffsets', ({ admin: own }, wait) => own.resetOffsets({ group: 'g', to: 'end' }, wait)],
];

describe('admin', () => {
  test.each(admin)('%s ends with the reason, and leaves no listener', async (method, ask) => {
    const { client, hooks } = faultyClient();
    let asked = 0;
    Object.assign(hooks, {
      [method]: () => {
        asked += 1;
        return never();
      },
    });
    const stop = new AbortController();
    const waiting = failureOf(ask(client, { signal: stop.signal }));
    stop.abort(reason);
    expect(await waiting).toBe(reason);
    expect(asked).toBe(1);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    // Who has stopped already asks nobody.
    expect(await failureOf(ask(client, { signal: stop.signal }))).toBe(reason);
    expect(asked).toBe(1);
  });

  test('without an abort it is as without a signal', async () => {
    const { client, broker } = faultyClient();
    const { signal } = new AbortController();
    await client.admin.createTopic({ name: 't', partitions: 2 }, { signal });
    expect(await broker.describeTopic('t')).toMatchObject({ partitions: 2 });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('consumer', () => {
  test('assign that is not waited for changes nothing, also later', async () => {
    const { client, broker, hooks, transport, clock } = faultyClient();
    await broker.createTopic({ name: 't', partitions: 2 });
    const consumer = client.consumer();
    await clock.run(consumer.assign([at]));
    let answer = (): void => undefined;
    hooks.listOffset = async (input) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return transport.listOffset(input);
    };
    const stop = new AbortController();
    const both = [{ topic: 't', from: { timestamp: 0 } }];
    const waiting = failureOf(consumer.assign(both, { signal: stop.signal }));
    await clock.drain();
    stop.abort(reason);
    expect(await waiting).toBe(reason);
    answer();
    await clock.drain();
    expect(consumer.assignment).toEqual([at]);
  });

  test('seek that is not waited for stays where it was', async () => {
    const { client, broker, hooks, clock } = faultyClient();
    await broker.createTopic({ name: 't' });
    const consumer = client.consumer();
    await clock.run(consumer.assign([{ ...at, from: { offset: 3 } }]));
    hooks.listOffset = never;
    const stop = new AbortController();
    const waiting = failureOf(consumer.seek(at, { timestamp: 0 }, { signal: stop.signal }));
    await clock.drain();
    stop.abort(reason);
    expect(await waiting).toBe(reason);
    expect(consumer.position(at)).toBe(3n);
  });
});

describe('producer', () => {
  test('flush and room end with the reason; the records are sent all the same', async () => {
    const { client, broker, fates, clock } = faultyClient();
    await broker.createTopic({ name: 't' });
    fates.push({ late: 10 }, 'lost');
    const producer = client.producer({ bufferBytes: 100 });
    const sending = [1, 2, 3].map((n) => producer.send({ ...at, value: 'x'.repeat(50) + n }));
    const stop = new AbortController();
    const { signal } = stop;
    const flushed = failureOf(producer.flush({ signal }));
    const room = failureOf(producer.room({ signal }));
    stop.abort(reason);
    expect([await flushed, await room]).toEqual([reason, reason]);
    const told = await clock.run(Promise.all(sending));
    expect(told.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
  });
});
