import { describe, expect, test } from 'vitest';
import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { readBatchHeader } from '../../lib/protocol/record-batch-header.ts';
import { limits } from '../../lib/std/limits.ts';
import { api, offsetsOf, uniqueName } from './api.ts';

const door = api();
const raw = 'application/octet-stream';

function batchOf(values: readonly Buffer[], codec: 'none' | 'gzip' = 'none'): Buffer {
  const records = values.map((value) => ({ key: null, value, headers: [], timestamp: 5n }));
  return Buffer.from(encodeBatch(records, { codec }));
}

/** The batches that lie one after the other in an answer. */
function split(bytes: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const { sizeInBytes } = readBatchHeader(bytes, at);
    batches.push(bytes.subarray(at, at + sizeInBytes));
    at += sizeInBytes;
  }
  return batches;
}

/** Every value of every batch; a batch that is cut or damaged throws. */
const valuesIn = (bytes: Buffer) =>
  split(bytes).flatMap((batch) =>
    decodeBatch(batch, { maxInflatedBytes: limits.batchInflatedBytesMax }).records.map(
      ({ offset, value }) => [offset, String(value)],
    ),
  );

const standing = ({ headers }: { readonly headers: Headers }) =>
  ['offset', 'next-offset', 'high-watermark', 'last-stable-offset', 'log-start-offset'].map(
    (name) => headers.get(`tailrace-${name}`),
  );

describe('batches as they are', () => {
  test('from the one that holds the offset, byte by byte but for what is stamped on', async () => {
    const topic = await door.topic();
    const bytes = [Buffer.from([0xff, 0xfe]), Buffer.from('"é"')];
    const first = batchOf(bytes);
    const second = batchOf([Buffer.from('c')], 'gzip');
    offsetsOf(await door.raw(topic, first));
    offsetsOf(await door.raw(topic, second));
    const all = await door.batches(topic);
    expect([all.status, all.headers.get('content-type')]).toEqual([200, raw]);
    expect(standing(all)).toEqual(['0', '3', '3', '3', '0']);
    const [one = first, two = second] = split(all.bytes);
    // Base offset and leader epoch lie before byte 16, outside the CRC.
    expect(one.subarray(16)).toEqual(first.subarray(16));
    expect(two.subarray(16)).toEqual(second.subarray(16));
    expect([one, two].map((batch) => readBatchHeader(batch).baseOffset)).toEqual([0n, 2n]);
    const inside = await door.batches(topic, 'offset=1');
    expect(inside.bytes).toEqual(all.bytes);
    expect(standing(inside)).toEqual(['1', '3', '3', '3', '0']);
  });

  test('none at the end', async () => {
    const topic = await door.topic();
    offsetsOf(await door.raw(topic, batchOf([Buffer.from('a')])));
    const end = await door.batches(topic, 'offset=end');
    expect([end.status, end.bytes.length, end.headers.get('content-type')]).toEqual([200, 0, raw]);
    expect(standing(end)).toEqual(['1', '1', '1', '1', '0']);
  });

  test('max_bytes cuts between batches, and gives one at least', async () => {
    const topic = await door.topic();
    const batch = batchOf([Buffer.alloc(1_000, 'x')]);
    for (let sent = 0; sent < 3; sent += 1) offsetsOf(await door.raw(topic, batch));
    const sizeAt = async (maxBytes: number) => {
      const answer = await door.batches(topic, `offset=0&max_bytes=${maxBytes}`);
      return [answer.bytes.length / batch.length, answer.headers.get('tailrace-next-offset')];
    };
    expect(await sizeAt(0)).toEqual([1, '1']);
    expect(await sizeAt(2 * batch.length)).toEqual([2, '2']);
    expect(await sizeAt(3 * batch.length - 1)).toEqual([2, '2']);
  });

  test('the largest batch, and many, within the limit of an answer', async () => {
    const topic = await door.topic(1, { 'max.message.bytes': limits.batchBytesMax });
    const room = limits.batchBytesMax - batchOf([Buffer.alloc(0)]).length;
    // Its lengths take some bytes more as varints.
    const largest = batchOf([Buffer.alloc(room - 16, 0xff)]);
    expect(largest.length).toBeGreaterThan(limits.batchBytesMax - 16);
    const half = batchOf([Buffer.alloc(1_500_000, '"')]);
    for (const batch of [largest, half, half, half]) offsetsOf(await door.raw(topic, batch));
    const sizes: number[] = [];
    let next = '0';
    while (next !== '4') {
      const answer = await door.batches(topic, `offset=${next}`);
      expect(answer.bytes.length).toBeLessThanOrEqual(limits.responseBytesMax);
      sizes.push(valuesIn(answer.bytes).length);
      next = answer.headers.get('tailrace-next-offset') ?? '';
    }
    expect(sizes).toEqual([1, 2, 1]);
  });

  test('only if asked for: who takes anything gets JSON', async () => {
    const topic = await door.topic();
    const typeFor = async (accept: string) =>
      (await door.read(topic, 'offset=0', 0, accept)).headers.get('content-type');
    expect(await typeFor('*/*')).toMatch(/json$/);
    expect(await typeFor('application/*')).toMatch(/json$/);
    expect(await typeFor(`${raw}, application/json;q=0.5`)).toBe(raw);
  });

  test('the answer to a raw batch tells its timestamp as stored, unless it was there', async () => {
    const batch = Buffer.from(
      encodeBatch([{ key: null, value: null, headers: [], timestamp: 77n }], {
        codec: 'none',
        producerId: 4_711n,
        producerEpoch: 0,
        baseSequence: 0,
      }),
    );
    const topic = await door.topic();
    expect((await door.raw(topic, batch)).json).toMatchObject({ offsets: [{ timestamp: 77 }] });
    expect((await door.raw(topic, batch)).json).toMatchObject({
      offsets: [{ offset: 0, timestamp: null }],
    });
    const appendTime = await door.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const { json } = await door.raw(appendTime, batch);
    const { offsets } = json as { offsets: [{ timestamp: number }] };
    expect(offsets[0].timestamp).toBeGreaterThan(1_000_000_000_000);
    const [record] = (await door.read(appendTime)).json as [{ timestamp: number }];
    expect(record.timestamp).toBe(offsets[0].timestamp);
  });
});

describe("an error carries Kafka's name", () => {
  const nameOf = ({ headers }: { readonly headers: Headers }) => headers.get('tailrace-error');

  test('where several share a code, too', async () => {
    const topic = await door.topic();
    const good = batchOf([Buffer.from('a')]);
    const cut = good.subarray(0, good.length - 1);
    const trailing = Buffer.concat([good, good]);
    expect(nameOf(await door.raw(topic, cut))).toBe('CORRUPT_MESSAGE');
    expect(nameOf(await door.raw(topic, trailing))).toBe('INVALID_RECORD');
    expect(nameOf(await door.raw(topic, good, 1))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(nameOf(await door.raw(uniqueName(), good))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(nameOf(await door.batches(topic, 'offset=1'))).toBe('OFFSET_OUT_OF_RANGE');
    expect(nameOf(await door.create({ topic_name: topic }))).toBe('TOPIC_ALREADY_EXISTS');
    const configs = [{ name: 'retention.ms', value: 'x' }];
    expect(nameOf(await door.create({ topic_name: uniqueName(), configs }))).toBe('INVALID_CONFIG');
    expect(nameOf(await door.create({ topic_name: 'a b' }))).toBe('INVALID_TOPIC_EXCEPTION');
    expect(nameOf(await door.ask('GET /v3/clusters/another'))).toBe('RESOURCE_NOT_FOUND');
  });

  test('but none where the door itself refuses, or all is well', async () => {
    expect(nameOf(await door.ask('GET /nothing'))).toBe(null);
    expect(nameOf(await door.ask('GET /topics'))).toBe(null);
  });
});
