import { describe, expect, test } from 'vitest';
import type { Broker, IdempotentProducer, ProducedRecord } from '../../lib/broker/broker.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import type { LogConfig } from '../../lib/core/log/config.ts';
import {
  another,
  errorOf,
  errorsOf,
  offsetsOf,
  put,
  record,
  startBroker,
  tinyRing,
  valuesOf,
} from './setup.ts';

async function started(config?: LogConfig, configs: Record<string, string> = {}) {
  const all = startBroker(config);
  await all.broker.createTopic({ name: 't', configs });
  return all;
}

function send(
  broker: Broker,
  values: readonly string[],
  producer: Partial<IdempotentProducer>,
): Promise<readonly ProducedRecord[]> {
  const producers = [{ partition: 0, producerId: 7n, producerEpoch: 0, sequence: 0, ...producer }];
  const records = values.map((value) => record(value, { partition: 0 }));
  return broker.produce({ topic: 't', records, producers });
}

test('a repetition is answered with the offsets of the first, by any process', async () => {
  const one = await started();
  expect(offsetsOf(await send(one.broker, ['a', 'b'], {}))).toEqual([0, 1]);
  await put(one.broker, 't', 'between');
  expect(offsetsOf(await send(one.broker, ['a', 'b'], {}))).toEqual([0, 1]);
  const repeated = await send(another(one).broker, ['a', 'b'], {});
  expect(offsetsOf(repeated)).toEqual([0, 1]);
  expect(repeated).toMatchObject([{ timestamp: undefined }, { timestamp: undefined }]);
  expect(await valuesOf(one.broker, 't')).toEqual(['a', 'b', 'between']);
});

test('sequences follow each other; a new epoch begins at 0 and fences the old one', async () => {
  const { broker } = await started();
  expect(offsetsOf(await send(broker, ['a', 'b'], {}))).toEqual([0, 1]);
  const outOfOrder = ['OUT_OF_ORDER_SEQUENCE_NUMBER'];
  expect(errorsOf(await send(broker, ['x'], { sequence: 3 }))).toEqual(outOfOrder);
  expect(errorsOf(await send(broker, ['x'], { sequence: 1 }))).toEqual(outOfOrder);
  expect(offsetsOf(await send(broker, ['c'], { sequence: 2 }))).toEqual([2]);
  expect(errorsOf(await send(broker, ['x'], { producerEpoch: 1, sequence: 3 }))).toEqual(
    outOfOrder,
  );
  expect(offsetsOf(await send(broker, ['d'], { producerEpoch: 1 }))).toEqual([3]);
  const fenced = ['INVALID_PRODUCER_EPOCH'];
  expect(errorsOf(await send(broker, ['x'], { sequence: 3 }))).toEqual(fenced);
  expect(errorsOf(await send(broker, ['c'], { sequence: 2 }))).toEqual(fenced);
  expect(await valuesOf(broker, 't')).toEqual(['a', 'b', 'c', 'd']);
});

test('one of the last five is a duplicate; what came before them is out of order', async () => {
  const { broker } = await started();
  for (let sequence = 0; sequence < 7; sequence += 1) await send(broker, ['x'], { sequence });
  for (let sequence = 2; sequence < 7; sequence += 1) {
    expect(offsetsOf(await send(broker, ['x'], { sequence }))).toEqual([sequence]);
  }
  const [error] = errorsOf(await send(broker, ['x'], { sequence: 1 }));
  expect(error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
});

test('sequences go on at 0 after 2^31−1, within a request as well', async () => {
  const { broker } = await started();
  const max = 0x7fff_ffff;
  expect(offsetsOf(await send(broker, ['a', 'b'], { sequence: max - 2 }))).toEqual([0, 1]);
  expect(offsetsOf(await send(broker, ['c', 'd', 'e'], { sequence: max }))).toEqual([2, 3, 4]);
  expect(offsetsOf(await send(broker, ['f'], { sequence: 2 }))).toEqual([5]);
  expect(offsetsOf(await send(broker, ['c', 'd', 'e'], { sequence: max }))).toEqual([2, 3, 4]);
});

test('a request that is split into many batches is repeated as a whole', async () => {
  const one = await started(undefined, { 'max.message.bytes': '300' });
  const values = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(150));
  const offsets = values.map((_, i) => i);
  expect(offsetsOf(await send(one.broker, values, {}))).toEqual(offsets);
  expect(offsetsOf(await send(another(one).broker, values, {}))).toEqual(offsets);
  expect(offsetsOf(await send(one.broker, ['z'], { sequence: 20 }))).toEqual([20]);
});

describe('more producers than the head holds', () => {
  test.each([
    ['of format 1', undefined],
    ['that wraps', tinyRing],
  ])('each goes on where it was, and repeats, in a ring %s', async (_, config) => {
    const one = await started(config);
    const two = another(one, config);
    const told = new Map<string, number>();
    for (let round = 0; round < 6; round += 1) {
      for (let id = 1; id <= 20; id += 1) {
        const { broker } = (round + id) % 2 === 0 ? one : two;
        const producer = { producerId: BigInt(id), sequence: round };
        const [offset = -1] = offsetsOf(await send(broker, [`${id}.${round}`], producer));
        told.set(`${id}.${round}`, offset);
      }
    }
    const fresh = another(one, config);
    for (let id = 1; id <= 20; id += 1) {
      const producerId = BigInt(id);
      const value = `${id}.5`;
      const again = await send(fresh.broker, [value], { producerId, sequence: 5 });
      expect(offsetsOf(again)).toEqual([told.get(value)]);
      const [skipped] = errorsOf(await send(fresh.broker, ['x'], { producerId, sequence: 7 }));
      expect(skipped).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    }
    const values = await valuesOf(fresh.broker, 't');
    expect(values).toHaveLength(120);
    for (const [value, offset] of told) expect(values[offset]).toBe(value);
  });
});

test.each([
  { producerId: -1n },
  { producerId: 2n ** 63n },
  { producerEpoch: -1 },
  { producerEpoch: 32_768 },
  { sequence: -1 },
  { sequence: 2 ** 31 },
  { sequence: 0.5 },
])('%o is refused before anything is sent', async (wrong) => {
  const { broker } = await started();
  expect(await errorOf(send(broker, ['x'], wrong))).toBe('INVALID_REQUEST');
  expect(await valuesOf(broker, 't')).toEqual([]);
});

test('two producers for one partition, or one beside a key, are refused', async () => {
  const { broker } = await started();
  const producer = { partition: 0, producerId: 1n, producerEpoch: 0, sequence: 0 };
  const records = [record('x')];
  const twice = broker.produce({ topic: 't', records, producers: [producer, producer] });
  expect(await errorOf(twice)).toBe('INVALID_REQUEST');
  const producers = [producer];
  const both = broker.produce({ topic: 't', records, producers, idempotencyKey: 'k' });
  expect(await errorOf(both)).toBe('INVALID_REQUEST');
});

test('a batch of a client is idempotent by its header', async () => {
  const { broker, clock } = await started();
  const one = { key: null, value: Buffer.from('v'), headers: [], timestamp: BigInt(clock.now()) };
  const batch = (baseSequence: number, producerEpoch = 0) =>
    encodeBatch([one, one], { codec: 'lz4', producerId: 9n, producerEpoch, baseSequence });
  const sent = (bytes: Uint8Array) =>
    broker.produceBatch({ topic: 't', partition: 0, batch: bytes });
  expect(await sent(batch(0))).toMatchObject({ baseOffset: 0n, count: 2 });
  expect(await sent(batch(2))).toMatchObject({ baseOffset: 2n });
  expect(await sent(batch(0))).toMatchObject({ baseOffset: 0n, timestamp: undefined });
  expect(await errorOf(sent(batch(5)))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  expect(await sent(batch(0, 1))).toMatchObject({ baseOffset: 4n });
  expect(await errorOf(sent(batch(4)))).toBe('INVALID_PRODUCER_EPOCH');
  expect(await valuesOf(broker, 't')).toHaveLength(6);
});
