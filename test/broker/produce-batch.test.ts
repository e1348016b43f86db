import { expect, test } from 'vitest';
import { crc32c } from '../../lib/protocol/crc32c.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { readBatchHeader } from '../../lib/protocol/record-batch-header.ts';
import type { EncodeOptions } from '../../lib/protocol/record-batch-encode.ts';
import { errorOf, readAll, startBroker, valuesOf } from './setup.ts';

const whole = { topic: 't', partition: 0, offset: 0n, minBytes: 0, maxWaitMs: 0, maxBytes: 4e6 };

async function started(configs: Record<string, string> = {}) {
  const all = startBroker();
  await all.broker.createTopic({ name: 't', configs });
  const batchOf = (values: readonly string[], options: Partial<EncodeOptions> = {}): Buffer => {
    const timestamp = BigInt(all.clock.now());
    const records = values.map((value) => {
      return { key: null, value: Buffer.from(value), headers: [], timestamp };
    });
    return encodeBatch(records, { codec: 'none', ...options });
  };
  const send = (batch: Uint8Array, partition = 0) =>
    all.broker.produceBatch({ topic: 't', partition, batch });
  return { ...all, batchOf, send };
}

/** The batch with a field changed, and a CRC that fits. */
function forged(batch: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(batch);
  change(bytes);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

test('it is stored as it came, but for offset and epoch, which lie outside the CRC', async () => {
  const { broker, batchOf, send } = await started();
  const batch = batchOf(['a', 'b'], { codec: 'gzip', baseOffset: 77n, partitionLeaderEpoch: 5 });
  expect(await send(batch)).toMatchObject({ partition: 0, baseOffset: 0n, count: 2 });
  expect(await send(batch)).toMatchObject({ baseOffset: 2n });
  const [first, second] = (await broker.fetch(whole)).batches.map((bytes) => Buffer.from(bytes));
  expect(second?.subarray(16).equals(batch.subarray(16))).toBe(true);
  expect(second?.readBigInt64BE(0)).toBe(2n);
  expect(first?.readInt32BE(12)).toBe(0);
  expect(await valuesOf(broker, 't')).toEqual(['a', 'b', 'a', 'b']);
});

test.each<[string, string, (batch: Buffer) => Uint8Array]>([
  ['a wrong CRC', 'CORRUPT_MESSAGE', (b) => Buffer.from(b).fill(b[20] === 0 ? 1 : 0, 20, 21)],
  [
    'a byte changed',
    'CORRUPT_MESSAGE',
    (b) => Buffer.concat([b.subarray(0, -1), Buffer.from('!')]),
  ],
  ['a byte too many', 'INVALID_RECORD', (b) => Buffer.concat([b, Buffer.alloc(1)])],
  ['a byte too few', 'CORRUPT_MESSAGE', (b) => b.subarray(0, -1)],
  ['two of them', 'INVALID_RECORD', (b) => Buffer.concat([b, b])],
  ['nothing', 'CORRUPT_MESSAGE', () => Buffer.alloc(0)],
  ['more records claimed', 'INVALID_RECORD', (b) => forged(b, (x) => x.writeInt32BE(3, 57))],
  [
    'records and delta',
    'INVALID_RECORD',
    (b) =>
      forged(b, (x) => {
        x.writeInt32BE(9, 57);
        x.writeInt32BE(8, 23);
      }),
  ],
  ['another last delta', 'INVALID_RECORD', (b) => forged(b, (x) => x.writeInt32BE(7, 23))],
  ['a negative count', 'INVALID_RECORD', (b) => forged(b, (x) => x.writeInt32BE(-1, 57))],
  ['a control batch', 'INVALID_RECORD', (b) => forged(b, (x) => x.writeInt16BE(0x20, 21))],
  [
    'a transaction',
    'INVALID_TXN_STATE',
    (b) =>
      forged(b, (x) => {
        x.writeInt16BE(0x10, 21);
        x.writeBigInt64BE(1n, 43);
        x.writeInt16BE(0, 51);
        x.writeInt32BE(0, 53);
      }),
  ],
])('%s is refused as %s, and nothing is appended', async (_, error, wrong) => {
  const { broker, batchOf, send } = await started();
  expect(await errorOf(send(wrong(batchOf(['a', 'b']))))).toMatch(error);
  expect(await valuesOf(broker, 't')).toEqual([]);
});

test('a batch larger than the topic allows, and a partition that is not there', async () => {
  const { batchOf, send } = await started({ 'max.message.bytes': '200' });
  expect(await errorOf(send(batchOf(['x'.repeat(200)])))).toBe('MESSAGE_TOO_LARGE');
  for (const partition of [1, -1, 0.5]) {
    expect(await errorOf(send(batchOf(['a']), partition))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  }
});

test('log-append time is written into it', async () => {
  const { broker, clock, batchOf, send } = await started({
    'message.timestamp.type': 'LogAppendTime',
  });
  const batch = batchOf(['a', 'b'], { codec: 'zstd' });
  await clock.run(clock.sleep(5_000));
  const now = BigInt(clock.now());
  expect(await send(batch)).toMatchObject({ timestamp: now });
  expect((await readAll(broker, 't')).map(({ timestamp }) => timestamp)).toEqual([now, now]);
  const [stored] = (await broker.fetch(whole)).batches;
  const { timestampType, maxTimestamp } = readBatchHeader(stored as Buffer);
  expect([timestampType, maxTimestamp]).toEqual(['log-append', now]);
});

test('a time beyond the bounds of the topic is refused', async () => {
  const { clock, batchOf, send } = await started({ 'message.timestamp.before.max.ms': '1000' });
  const batch = batchOf(['a']);
  await clock.run(clock.sleep(1_001));
  expect(await errorOf(send(batch))).toBe('INVALID_TIMESTAMP');
});
