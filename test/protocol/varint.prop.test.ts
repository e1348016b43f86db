import { Reader } from '@platformatic/kafka';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  sizeOfVarint,
  sizeOfVarlong,
  VarintReader,
  writeVarint,
  writeVarlong,
} from '../../lib/protocol/varint.ts';
import { refusal } from './batches.ts';
import { KafkaJsEncoder } from './kafkajs.ts';

const int32 = fc.oneof(fc.integer(), fc.integer({ min: -200, max: 200 }));
const int64 = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.maxSafeInteger().map(BigInt));

function varint(value: number): Buffer {
  const target = Buffer.alloc(12);
  return target.subarray(0, writeVarint(target, 0, value));
}

function varlong(value: number | bigint): Buffer {
  const target = Buffer.alloc(12);
  return target.subarray(0, writeVarlong(target, 0, value));
}

test('an int32 is written as kafkajs does, in the size said, and read back', () => {
  fc.assert(
    fc.property(int32, (value) => {
      const written = varint(value);
      expect(written).toEqual(new KafkaJsEncoder().writeVarInt(value).buffer);
      expect(sizeOfVarint(value)).toBe(written.length);
      const reader = new VarintReader(written);
      expect([reader.varint(), reader.remaining]).toEqual([value, 0]);
    }),
    { examples: [[0], [-1], [63], [64], [-64], [-65], [2 ** 31 - 1], [-(2 ** 31)]] },
  );
});

test('an int64 is written as kafkajs does, in the size said, and read back', () => {
  fc.assert(
    fc.property(int64, (value) => {
      const written = varlong(value);
      expect(written).toEqual(new KafkaJsEncoder().writeVarLong(String(value)).buffer);
      expect(sizeOfVarlong(value)).toBe(written.length);
      expect(Reader.from(written).readVarInt64()).toBe(value);
      const read = new VarintReader(written).varlong();
      expect(BigInt(read)).toBe(value);
      expect(typeof read === 'number').toBe(Number.isSafeInteger(Number(value)));
    }),
    {
      examples: [
        [0n],
        [-1n],
        [-64n],
        [2n ** 27n],
        [2n ** 31n],
        [2n ** 53n],
        [2n ** 63n - 1n],
        [-(2n ** 63n)],
      ],
    },
  );
});

test('a number and the same bigint are written alike', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(varlong(value)).toEqual(varlong(BigInt(value)));
      expect(sizeOfVarlong(value)).toBe(sizeOfVarlong(BigInt(value)));
    }),
  );
});

test('reads end at the end given, though bytes follow', () => {
  fc.assert(
    fc.property(int64, fc.nat(9), (value, end) => {
      const written = varlong(value);
      const reader = new VarintReader(Buffer.concat([written, written]), 0, end);
      const fits = written.length <= end;
      expect(refusal(() => reader.varlong())).toBe(fits ? 'accepted' : 'INVALID_RECORD');
      expect(reader.at).toBeLessThanOrEqual(end);
    }),
  );
});

test('what lies beyond the end given is not read, though it would fit', () => {
  const bytes = Buffer.from([2, 4, 6]);
  const reader = new VarintReader(bytes, 1, 2);
  expect([reader.varint(), reader.at]).toEqual([2, 2]);
  expect(refusal(() => reader.varint())).toBe('INVALID_RECORD');
  expect(refusal(() => reader.varlong())).toBe('INVALID_RECORD');
});

test.for([
  ['5 bytes that go on', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['a 33rd bit', [0xff, 0xff, 0xff, 0xff, 0x1f]],
  ['nothing', []],
] as const)('no int32: %s', ([, bytes]) => {
  expect(refusal(() => new VarintReader(Buffer.from(bytes)).varint())).toBe('INVALID_RECORD');
});

test.for([
  ['10 bytes that go on', [...Array.from({ length: 10 }, () => 0x80), 0]],
  ['a 65th bit', [...Array.from({ length: 9 }, () => 0xff), 0x03]],
  ['nothing', []],
] as const)('no int64: %s', ([, bytes]) => {
  expect(refusal(() => new VarintReader(Buffer.from(bytes)).varlong())).toBe('INVALID_RECORD');
});

test('no skip goes backwards or beyond the end', () => {
  const reader = new VarintReader(Buffer.alloc(4), 1, 3);
  expect(refusal(() => reader.skip(3))).toBe('INVALID_RECORD');
  expect(refusal(() => reader.skip(-1))).toBe('INVALID_RECORD');
  expect([reader.skip(2), reader.at, reader.remaining]).toEqual([1, 3, 0]);
});
