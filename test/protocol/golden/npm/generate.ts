// Writes the batches beside this file with the clients that are installed:
//   node_modules/.bin/node test/protocol/golden/npm/generate.ts
// They stay as they were written by kafkajs 2.2.4 and @platformatic/kafka 2.12.1, so that bytes of
// these releases are read for ever; run it only to add some.
import { writeFileSync } from 'node:fs';

import { codecs } from '../../batches.ts';
import { kafkaJsBatch } from '../../kafkajs.ts';
import { platformaticBatch } from '../../platformatic.ts';
import { goldenRecords } from './records.ts';

const messages = goldenRecords.map(({ key, value, headers, timestamp }) => ({
  key: key && Buffer.from(key),
  value: value && Buffer.from(value),
  headers: Object.fromEntries(headers.map((h) => [h.name, Buffer.from(h.value ?? [])])),
  timestamp: Number(timestamp),
}));

/** The golden records as the installed clients write them, by file name. */
export async function clientBatches(): Promise<ReadonlyMap<string, Buffer>> {
  const batches = new Map<string, Buffer>();
  const producer = { producerId: 77, producerEpoch: 3, transactional: true };
  batches.set('kafkajs-none', await kafkaJsBatch(messages, { compression: 0, ...producer }));
  batches.set('kafkajs-gzip', await kafkaJsBatch(messages, { compression: 1, ...producer }));
  for (const compression of codecs) {
    const options = { compression, producerId: 77n, producerEpoch: 3 };
    batches.set(`platformatic-${compression}`, platformaticBatch(goldenRecords, options));
  }
  return batches;
}

if (import.meta.main) {
  for (const [name, batch] of await clientBatches()) {
    writeFileSync(new URL(`${name}.bin`, import.meta.url), batch);
  }
}
