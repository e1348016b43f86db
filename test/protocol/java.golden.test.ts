import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { decodeControlRecord } from '../../lib/protocol/control-batch.ts';
import { murmur2, partitionForKey } from '../../lib/protocol/murmur2.ts';
import type { DecodedBatch } from '../../lib/protocol/record-batch-decode.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import {
  decodeGolden,
  javaFile,
  javaNames,
  ourBatch,
  ourFile,
  ourNames,
} from './golden-batches.ts';

/** Gzip and zstd come with Node and may write other bytes in another version of it. */
const isDeterministic = (name: string): boolean => /^(none|control|snappy|lz4)-/.test(name);

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64');

function data(bytes: Uint8Array | null): unknown {
  if (bytes === null || bytes.length <= 1_000) return base64(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('base64');
  return { length: bytes.length, sha256 };
}

/** The shape of golden/java/batches/*.json, but for what only Java's own reader derives. */
function describeBatch(name: string, { header, records }: DecodedBatch): unknown {
  return {
    name,
    codec: header.codec,
    attributes: header.attributes,
    baseOffset: String(header.baseOffset),
    lastOffset: String(header.baseOffset + BigInt(header.lastOffsetDelta)),
    partitionLeaderEpoch: header.partitionLeaderEpoch,
    baseTimestamp: String(header.baseTimestamp),
    maxTimestamp: String(header.maxTimestamp),
    deleteHorizonMs: header.deleteHorizon === undefined ? null : String(header.deleteHorizon),
    producerId: String(header.producerId),
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    records: records.map((record) => ({
      offset: String(record.offset),
      timestamp: String(record.timestamp),
      key: data(record.key),
      value: data(record.value),
      headers: record.headers.map((entry) => [
        Buffer.from(entry.name).toString('base64'),
        base64(entry.value),
      ]),
    })),
  };
}

type Description = {
  readonly control?: { readonly type: string; readonly coordinatorEpoch: number };
  readonly records: readonly unknown[];
};

const description = (name: string): Description => {
  const parsed: Description = JSON.parse(javaFile(`${name}.json`).toString());
  return parsed;
};

test('Java wrote every codec and both markers', () => {
  expect(javaNames).toHaveLength(33);
  expect(ourNames).toHaveLength(32);
});

describe.each(javaNames)('%s, written by Java', (name) => {
  const bytes = javaFile(`${name}.bin`);

  test('reads as Java reads it', () => {
    const batch = decodeGolden(bytes);
    const { control, records } = description(name);
    expect(description(name)).toMatchObject({ ...(describeBatch(name, batch) as object) });
    expect(batch.records).toHaveLength(records.length);
    const markers = batch.header.control ? batch.records.map(decodeControlRecord) : [];
    expect(markers.map((marker) => marker?.outcome)).toEqual(
      control === undefined ? [] : [control.type.toLowerCase()],
    );
    expect(markers[0]?.coordinatorEpoch).toBe(control?.coordinatorEpoch);
  });

  test('is valid', () => {
    const options = { maxBytes: bytes.length, checkRecords: true, from: 'log' } as const;
    expect(validateBatch(bytes, options).sizeInBytes).toBe(bytes.length);
  });
});

describe.each(ourNames)('%s, written by us', (name) => {
  test('is what Java checked', () => {
    const written = ourBatch(name);
    if (isDeterministic(name)) expect(written.equals(ourFile(`${name}.bin`))).toBe(true);
    for (const bytes of [written, ourFile(`${name}.bin`)]) {
      const theirs = describeBatch(name, decodeGolden(javaFile(`${name}.bin`)));
      expect(describeBatch(name, decodeGolden(bytes))).toEqual(theirs);
    }
  });
});

test.each(ourNames.filter((name) => /^(none|control)-/.test(name)))(
  '%s is byte for byte what Java writes',
  (name) => {
    expect(ourBatch(name)).toEqual(javaFile(`${name}.bin`));
  },
);

type KeyVector = {
  readonly key: string;
  readonly murmur2: number;
  readonly partitions: Readonly<Record<string, number>>;
};

test('keys hash and spread as in the Java client', () => {
  const vectors: readonly KeyVector[] = JSON.parse(javaFile('murmur2.json').toString());
  expect(vectors).toHaveLength(51);
  for (const vector of vectors) {
    const key = Buffer.from(vector.key, 'base64');
    expect(murmur2(key)).toBe(vector.murmur2);
    for (const [partitions, expected] of Object.entries(vector.partitions)) {
      expect(partitionForKey(key, Number(partitions))).toBe(expected);
    }
  }
});
