import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import { validateBatch } from '../../lib/protocol/record-batch-validate.ts';
import { codecs, maxInflatedBytes, plain } from './batches.ts';
import { clientBatches } from './golden/npm/generate.ts';
import { goldenRecords } from './golden/npm/records.ts';

const golden = (name: string): Buffer =>
  readFileSync(new URL(`golden/npm/${name}.bin`, import.meta.url));

const names = [
  ...(['none', 'gzip'] as const).map((codec) => ['kafkajs', codec] as const),
  ...codecs.map((codec) => ['platformatic', codec] as const),
];

test.for(names)('a batch of %s with %s validates and decodes', ([client, codec]) => {
  const batch = golden(`${client}-${codec}`);
  const header = validateBatch(batch, { maxBytes: 10_000, checkRecords: true });
  expect(header).toMatchObject({
    codec,
    transactional: true,
    producerId: 77n,
    producerEpoch: 3,
    baseSequence: 0,
    recordCount: goldenRecords.length,
    maxTimestamp: 1_700_000_900_000n,
  });
  expect(plain(decodeBatch(batch, { maxInflatedBytes }).records)).toEqual(plain(goldenRecords));
});

// Compressed bytes may change with the codecs' versions.
test.for(['kafkajs-none', 'platformatic-none'])(
  '%s is what the client still writes',
  async (name) => {
    expect((await clientBatches()).get(name)).toEqual(golden(name));
  },
);
