import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { must } from '../../lib/std/assert.ts';
import { decodeControlRecord, encodeControlBatch } from '../../lib/protocol/control-batch.ts';
import { decodeBatch } from '../../lib/protocol/record-batch-decode.ts';
import type { DecodedBatch } from '../../lib/protocol/record-batch-decode.ts';
import { encodeBatch } from '../../lib/protocol/record-batch-encode.ts';
import { rewriteAsLogAppendTime, stampBatch } from '../../lib/protocol/record-batch-stamp.ts';

const javaBatches = new URL('golden/java/batches/', import.meta.url);
const ourDirectory = new URL('golden/ours/', import.meta.url);

/** Names of all batches that Java wrote. */
export const javaNames: readonly string[] = readdirSync(javaBatches)
  .filter((file) => file.endsWith('.bin'))
  .map((file) => file.replace('.bin', ''))
  .toSorted();

/** Those that Tailrace writes, too: it sets no delete horizon. */
export const ourNames = javaNames.filter((name) => name !== 'none-delete-horizon');

export const javaFile = (file: string): Buffer => readFileSync(new URL(file, javaBatches));
export const ourFile = (file: string): Buffer => readFileSync(new URL(file, ourDirectory));

export const decodeGolden = (bytes: Uint8Array): DecodedBatch =>
  decodeBatch(bytes, { maxInflatedBytes: 1024 * 1024 });

/** What our encoder writes for the contents of the batch that Java wrote under this name. */
export function ourBatch(name: string): Buffer {
  const { header, records } = decodeGolden(javaFile(`${name}.bin`));
  if (header.control) return ourMarker(name);
  const isLogAppend = header.timestampType === 'log-append';
  // Reading hides the producers' timestamps under log-append time; this has the same records.
  const twin = name.replace('log-append-time', 'create-time');
  const batch = encodeBatch(isLogAppend ? decodeGolden(javaFile(`${twin}.bin`)).records : records, {
    codec: header.codec,
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    transactional: header.transactional,
    offsetDeltas: records.map((record) => Number(record.offset - header.baseOffset)),
  });
  stampBatch(batch, 0, header.baseOffset, header.partitionLeaderEpoch);
  return isLogAppend ? rewriteAsLogAppendTime(batch, header.maxTimestamp) : batch;
}

function ourMarker(name: string): Buffer {
  const { header, records } = decodeGolden(javaFile(`${name}.bin`));
  const batch = encodeControlBatch({
    ...must(decodeControlRecord(must(records[0], 'control record')), 'marker'),
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    timestamp: header.baseTimestamp,
  });
  stampBatch(batch, 0, header.baseOffset, header.partitionLeaderEpoch);
  return batch;
}

// Run by hand, to be checked with Java afterwards: see golden/java/CHECKED.md.
if (import.meta.main) {
  mkdirSync(ourDirectory, { recursive: true });
  for (const name of ourNames) writeFileSync(new URL(`${name}.bin`, ourDirectory), ourBatch(name));
}
