import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertItem } from '../../lib/adapters/bounds.ts';
import type { Item } from '../../lib/ports/metadata-table.ts';
import { MalformedBytes } from '../../lib/std/bytes.ts';
import { decodeCommand, encodeCommand } from '../../lib/store/command-codec.ts';
import { UnknownFormat } from '../../lib/store/format.ts';
import { decodeHead, encodeHead } from '../../lib/store/head-codec.ts';
import { commands, heads, logs } from './arbitraries.ts';
import { recordTypes } from './records.ts';
import type { Stored } from './records.ts';

/** Bytes changed as a broken disk, a wrong release or an enemy would. */
type Damage = (bytes: Uint8Array) => Uint8Array;

const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, xor]): Damage => (bytes) => {
    const damaged = Uint8Array.from(bytes);
    if (damaged.length > 0)
      damaged[at % damaged.length] = (damaged[at % damaged.length] ?? 0) ^ xor;
    return damaged;
  }),
  fc.nat().map(
    (at): Damage =>
      (bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([at, added]): Damage => (bytes) => {
    const cut = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, cut), added, bytes.subarray(cut)]);
  }),
  fc.uint8Array({ maxLength: 64 }).map(
    (other): Damage =>
      () =>
        other,
  ),
);

/** What `decode` gives, or undefined where it refuses as it may. */
function decodeOrRefuse<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedBytes || error instanceof UnknownFormat) return undefined;
    throw error;
  }
}

describe.each(recordTypes)('$name', ({ stored }) => {
  test('decodes to what was encoded, in an item that a table takes', () => {
    fc.assert(
      fc.property(stored, ({ value, item, decode }) => {
        assertItem(item);
        expect(decode(item)).toStrictEqual(value);
      }),
    );
  });

  test('is refused, or read as something else, when its bytes are damaged', () => {
    fc.assert(
      fc.property(stored, damages, fc.boolean(), ({ item, decode }, damage, inBody) => {
        const [first, ...rest] = item.appended;
        const hit = !inBody && first !== undefined;
        const appended = hit ? [damage(first), ...rest] : item.appended;
        const bytes = appended.reduce((sum, entry) => sum + entry.length, 0);
        const body = hit ? item.body : damage(item.body);
        const damaged = { ...item, body, appended, bytes };
        expect(() => decodeOrRefuse(() => decode(damaged))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  test('is refused, or read as something else, when its key or version is another', () => {
    const keys = fc.record({
      pk: fc.string({ unit: 'grapheme' }),
      sk: fc.string({ unit: 'grapheme' }),
      version: fc.integer({ min: -1 }),
    });
    fc.assert(
      fc.property(stored, keys, ({ item, decode }, other) => {
        const decodeOther = () => decodeOrRefuse(() => decode({ ...item, ...other }));
        expect(decodeOther).not.toThrow();
      }),
    );
  });
});

const inJson = recordTypes.filter(({ json }) => json);

test.each(inJson)('$name is refused when a field is of another kind', ({ stored }) => {
  fc.assert(
    fc.property(stored, fc.nat(), fc.jsonValue(), ({ item, decode }, at, value) => {
      const fields = JSON.parse(Buffer.from(item.body).toString('utf8')) as object;
      const names = Object.keys(fields);
      const name = names[at % names.length] ?? 'v';
      const body = Buffer.from(JSON.stringify({ ...fields, [name]: value }));
      const decodeOther = () => decodeOrRefuse(() => decode({ ...item, body }));
      expect(decodeOther).not.toThrow();
    }),
  );
});

/** A hint has no body, so it has no format either. */
const withFormat = recordTypes.filter(({ name }) => name !== 'hint');

function inFormat({ item }: Stored, json: boolean, format: number): Item {
  const body = Buffer.from(item.body);
  if (!json) {
    body[0] = format;
    return { ...item, body };
  }
  const fields = JSON.parse(body.toString('utf8')) as object;
  return { ...item, body: Buffer.from(JSON.stringify({ ...fields, v: format })) };
}

test.each(withFormat)('$name in a format of a later release is refused as such', (type) => {
  fc.assert(
    fc.property(type.stored, fc.integer({ min: 2, max: 255 }), (record, format) => {
      expect(() => record.decode(inFormat(record, type.json, format))).toThrow(UnknownFormat);
      expect(() => record.decode(inFormat(record, type.json, 0))).toThrow(MalformedBytes);
    }),
    { numRuns: 20 },
  );
});

test('what is read from damaged bytes can be written, and is read again as the same', () => {
  const given = logs.chain((log) => fc.tuple(fc.constant(log), commands(log), heads, damages));
  fc.assert(
    fc.property(given, ([log, command, head, damage]) => {
      const readCommand = decodeOrRefuse(() =>
        decodeCommand(log, damage(encodeCommand(log, command))),
      );
      if (readCommand !== undefined) {
        expect(decodeCommand(log, encodeCommand(log, readCommand))).toStrictEqual(readCommand);
      }
      const readHead = decodeOrRefuse(() => decodeHead(damage(encodeHead(head))));
      if (readHead !== undefined) {
        expect(decodeHead(encodeHead(readHead))).toStrictEqual(readHead);
      }
    }),
    { numRuns: 1_000 },
  );
});
