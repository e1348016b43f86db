import fc from 'fast-check';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { describe, expect, test } from 'vitest';

import { compress, decompress, type Codec } from '../../lib/protocol/compression.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';

const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const boundBytes = 1024 * 1024;

/** Runs of literal bytes, repetitions and copies from before, so that all elements occur. */
const records = fc
  .array(
    fc.record({
      part: fc.uint8Array({ minLength: 1, maxLength: 80 }),
      times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })),
    }),
    { maxLength: 30 },
  )
  .map((runs) =>
    Buffer.concat(runs.flatMap(({ part, times }) => Array.from({ length: times }, () => part))),
  );

/** Edits of compressed bytes: set one, cut some out, or write some in. */
const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    remove: fc.integer({ min: 0, max: 4 }),
    insert: fc.uint8Array({ maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 4 },
);

function edited(
  bytes: Uint8Array,
  changes: readonly { at: number; remove: number; insert: Uint8Array }[],
): Buffer {
  let result = Buffer.from(bytes);
  for (const { at, remove, insert } of changes) {
    const from = Math.floor(at * result.length);
    result = Buffer.concat([result.subarray(0, from), insert, result.subarray(from + remove)]);
  }
  return result;
}

/** The output, or the name of the error if it is one that a client may see. */
function attempt(codec: Codec, bytes: Uint8Array): Uint8Array | string {
  try {
    return decompress(codec, bytes, boundBytes);
  } catch (error) {
    if (error instanceof ProtocolError) return error.kafka;
    throw error;
  }
}

describe.each(codecs)('%s', (codec) => {
  test('what is compressed comes back, within exactly its length', () => {
    fc.assert(
      fc.property(records, (input) => {
        const output = decompress(codec, compress(codec, input), input.length);
        expect(input.equals(output)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('mutated bytes give bounded output or a protocol error, and break nothing', () => {
    const canary = Buffer.from('still here, still here, still here');
    fc.assert(
      fc.property(records, edits, (input, changes) => {
        const outcome = attempt(codec, edited(compress(codec, input), changes));
        if (typeof outcome === 'string') {
          expect(['CORRUPT_MESSAGE', 'MESSAGE_TOO_LARGE']).toContain(outcome);
        } else {
          expect(outcome.length).toBeLessThanOrEqual(boundBytes);
        }
        expect(canary.equals(decompress(codec, compress(codec, canary), 100))).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test('arbitrary bytes give bounded output or a protocol error', () => {
    const prefixes: Record<Codec, string> = {
      none: '',
      gzip: '1f8b0800000000000003',
      snappy: '82534e41505059000000000100000001',
      lz4: '04224d18604082',
      zstd: '28b52ffd',
    };
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 300 }), (hasPrefix, tail) => {
        const prefix = Buffer.from(hasPrefix ? prefixes[codec] : '', 'hex');
        const outcome = attempt(codec, Buffer.concat([prefix, tail]));
        if (typeof outcome === 'string') {
          expect(['CORRUPT_MESSAGE', 'MESSAGE_TOO_LARGE']).toContain(outcome);
        } else {
          expect(outcome.length).toBeLessThanOrEqual(boundBytes);
        }
      }),
      { numRuns: 600 },
    );
  });
});

test('kafkajs reads our gzip, and we read its', async () => {
  const gzip = CompressionCodecs[CompressionTypes.GZIP]();
  await fc.assert(
    fc.asyncProperty(records, async (input) => {
      expect(input.equals(await gzip.decompress(Buffer.from(compress('gzip', input))))).toBe(true);
      const theirs = await gzip.compress({ buffer: input });
      expect(input.equals(decompress('gzip', theirs, input.length))).toBe(true);
    }),
    { numRuns: 30 },
  );
});
