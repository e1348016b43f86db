import { Reader, readRecordsBatch } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';

import { encodeControlBatch } from '../../lib/protocol/control-batch.ts';
import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import {
  rewriteAsLogAppendTime,
  rewriteMaxTimestamp,
  stampBatch,
} from '../../lib/protocol/record-batch-stamp.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import type { LogRecord } from '../../lib/protocol/record.ts';
import { codecs, maxInflatedBytes, plain, record, refusal } from './batches.ts';
import { kafkaJsBatch, kafkaJsRead } from './kafkajs.ts';
import { platformaticBatch } from './platformatic.ts';

const options = { maxBytes: 1 << 20, checkRecords: true };
const text = (string: string): Buffer => Buffer.from(string);
const now = 1_700_000_000_000n;

/** What both clients can say: no null header values, no timestamps far from each other. */
const records: readonly LogRecord[] = [
  record({ key: text('key'), value: text('välue'), timestamp: now }),
  record({ value: text('no key'), timestamp: now + 1n }),
  record({ key: text('tombstone'), timestamp: now + 900_000n }),
  record({
    key: text('h'),
    value: text('v'),
    headers: [{ name: 'ä', value: text('1') }],
    timestamp: now,
  }),
  record({ key: text('x'), value: Buffer.alloc(5_000, 'abc'), timestamp: now + 2n }),
];
const produced = { producerId: 4_000n, producerEpoch: 2, baseSequence: 0, transactional: true };

describe('kafkajs', () => {
  test.for([0, 1])(
    'writes what validates and decodes here: compression=%i',
    async (compression) => {
      const messages = records.map(({ key, value, headers, timestamp }) => ({
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        headers: Object.fromEntries(headers.map((h) => [h.name, Buffer.from(h.value ?? [])])),
        timestamp: Number(timestamp),
      }));
      const options_ = { compression, producerId: 4_000, producerEpoch: 2, transactional: true };
      const batch = await kafkaJsBatch(messages, options_);
      expect(validateBatch(batch, options)).toMatchObject(produced);
      expect(plain(decodeBatch(batch, { maxInflatedBytes }).records)).toEqual(plain(records));
    },
  );

  test('writes a wrong max timestamp for some mixtures, which can be mended', async () => {
    const value = text('v');
    const batch = await kafkaJsBatch([
      { key: null, value, timestamp: 1_000 },
      { key: null, value },
    ]);
    expect(refusal(() => validateBatch(batch, options))).toBe('INVALID_TIMESTAMP');
    const mended = rewriteMaxTimestamp(batch, { maxInflatedBytes });
    expect(validateBatch(mended, options).maxTimestamp).toBeGreaterThan(1_600_000_000_000n);
  });

  test.for(['none', 'gzip'] as const)('reads what is encoded here: %s', async (codec) => {
    const batch = encodeBatch(records, { codec, ...produced });
    stampBatch(batch, 0, 1_000n, 3);
    const read = await kafkaJsRead(batch);
    expect(read).toMatchObject({ firstOffset: '1000', producerId: '4000', inTransaction: true });
    expect(
      read.records.map(({ key, value, timestamp, headers, offset }) => ({
        offset: BigInt(offset),
        key,
        value,
        timestamp: BigInt(timestamp),
        headers: Object.entries(headers).map(([name, bytes]) => ({ name, value: bytes })),
      })),
    ).toEqual(plain(records).map((one, i) => ({ ...one, offset: 1_000n + BigInt(i) })));
  });

  test('reads log-append time, header values that are null or come twice, and markers', async () => {
    const headers = [
      { name: 'n', value: null },
      { name: 'd', value: text('1') },
      { name: 'd', value: text('2') },
    ];
    const batch = encodeBatch([record({ headers })], { codec: 'none' });
    const read = await kafkaJsRead(rewriteAsLogAppendTime(batch, 1_800_000_000_000n));
    expect(read.records).toMatchObject([
      { timestamp: '1800000000000', headers: { n: null, d: [text('1'), text('2')] } },
    ]);
    const marker = encodeControlBatch({
      outcome: 'commit',
      coordinatorEpoch: 1,
      producerId: 5n,
      producerEpoch: 0,
      timestamp: now,
    });
    expect(await kafkaJsRead(marker)).toMatchObject({ isControlBatch: true, inTransaction: true });
  });
});

describe('@platformatic/kafka', () => {
  test.for(codecs)('writes what validates and decodes here: %s', (codec) => {
    const batch = platformaticBatch(records, {
      compression: codec,
      producerId: 4_000n,
      producerEpoch: 2,
    });
    expect(validateBatch(batch, options)).toMatchObject({ ...produced, codec });
    expect(plain(decodeBatch(batch, { maxInflatedBytes }).records)).toEqual(plain(records));
  });

  test.for(codecs)('reads what is encoded here: %s', (codec) => {
    const batch = encodeBatch(records, { codec, ...produced });
    stampBatch(batch, 0, 1_000n, 3);
    const read = readRecordsBatch(Reader.from(batch));
    expect(read).toMatchObject({
      firstOffset: 1_000n,
      partitionLeaderEpoch: 3,
      producerId: 4_000n,
      maxTimestamp: now + 900_000n,
    });
    expect(
      read.records.map(({ key, value, headers, timestampDelta, offsetDelta }) => ({
        offset: read.firstOffset + BigInt(offsetDelta),
        key,
        value,
        timestamp: read.firstTimestamp + timestampDelta,
        headers: headers.map(([name, bytes]) => ({ name: name?.toString(), value: bytes })),
      })),
    ).toEqual(plain(records).map((one, i) => ({ ...one, offset: 1_000n + BigInt(i) })));
  });
});
