import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, MalformedBytes } from '../../lib/std/bytes.ts';

/** Values near the powers of two, where varints change their length and their path. */
const edges = fc
  .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -2, max: 2 }))
  .map(([bits, by]) => (1n << BigInt(bits)) + BigInt(by));
const unsigned = fc.oneof(edges, fc.bigInt({ min: 0n, max: 2n ** 64n })).filter((n) => n >= 0n);
const signed = fc.tuple(unsigned, fc.boolean()).map(([value, minus]) => (minus ? -value : value));

/** LEB128, as plainly as it can be written. */
function leb128(value: bigint): number[] {
  return value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...leb128(value >> 7n)];
}

const isSafe = (value: bigint): boolean => Number.isSafeInteger(Number(value));

test('an unsigned varint is LEB128, whether it comes as a number or as a bigint', () => {
  fc.assert(
    fc.property(unsigned, (value) => {
      const bytes = new ByteWriter(1).uvarint(value).finish();
      expect([...bytes]).toEqual(leb128(value));
      expect(new ByteReader(bytes).ubigint()).toBe(value);
      if (isSafe(value)) {
        expect(new ByteWriter().uvarint(Number(value)).finish()).toEqual(bytes);
        expect(new ByteReader(bytes).uint()).toBe(Number(value));
      } else {
        expect(() => new ByteReader(bytes).uint()).toThrow(MalformedBytes);
      }
    }),
  );
});

test('a varint is the zig-zag of its value', () => {
  fc.assert(
    fc.property(signed, (value) => {
      const bytes = new ByteWriter().varint(value).finish();
      expect([...bytes]).toEqual(leb128(value >= 0n ? value * 2n : -value * 2n - 1n));
      expect(new ByteReader(bytes).bigint()).toBe(value);
      if (isSafe(value)) {
        expect(new ByteWriter().varint(Number(value)).finish()).toEqual(bytes);
        expect(new ByteReader(bytes).int()).toBe(Number(value));
      } else {
        expect(() => new ByteReader(bytes).int()).toThrow(MalformedBytes);
      }
    }),
  );
});

test('values follow each other, and bytes that end early are malformed', () => {
  const parts = fc.array(fc.tuple(signed, fc.uint8Array({ maxLength: 300 })), { maxLength: 5 });
  fc.assert(
    fc.property(parts, fc.nat(), (values, cut) => {
      const writer = new ByteWriter(1);
      for (const [number, bytes] of values) {
        writer.varint(number).bytes(bytes).hex(Buffer.from(bytes).toString('hex')).u32(7);
      }
      const written = writer.finish();
      const readAll = (bytes: Uint8Array) => {
        const reader = new ByteReader(bytes);
        return values.map(({ 1: { length } }) => {
          const number = reader.bigint();
          const raw = reader.bytes();
          return [number, raw, reader.hex(length), reader.u32(), reader.remaining];
        });
      };
      const read = readAll(written);
      expect(read.map(([number, raw]) => [number, Uint8Array.from(raw as Buffer)])).toEqual(values);
      for (const [, raw, hex, last] of read) {
        expect([Buffer.from(hex as string, 'hex'), last]).toEqual([raw, 7]);
      }
      if (written.length === 0) return;
      const short = written.subarray(0, cut % written.length);
      expect(() => readAll(short)).toThrow(MalformedBytes);
    }),
  );
});

test.each([-1, 0.5, 2 ** 53, Number.NaN, -1n])('%s is no unsigned varint', (value) => {
  expect(() => new ByteWriter().uvarint(value)).toThrow(/uvarint of an unfit value/);
});

test.each(['0', 'xy', '00zz'])('%s is no hex', (text) => {
  expect(() => new ByteWriter().hex(text)).toThrow(/not pairs of hex digits/);
});

test('a varint of more than 10 bytes is malformed', () => {
  const bytes = new Uint8Array(11).fill(0x80);
  expect(() => new ByteReader(bytes).ubigint()).toThrow(MalformedBytes);
});
