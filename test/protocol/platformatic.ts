import { createRecordsBatch } from '@platformatic/kafka';
import type { MessageRecord } from '@platformatic/kafka';

import type { Codec } from '../../lib/protocol/compression.ts';
import type { LogRecord } from '../../lib/protocol/record.ts';
import { plain } from './batches.ts';

/** The batch that @platformatic/kafka makes of records, all with header values, in a transaction. */
export function platformaticBatch(
  records: readonly LogRecord[],
  options: { compression: Codec; producerId: bigint; producerEpoch: number },
): Buffer {
  const messages = plain(records).map(({ key, value, headers, timestamp }) => ({
    topic: 't',
    timestamp,
    ...(key === null ? {} : { key }),
    // A tombstone, which their types leave out and their encoder does not.
    value: value as Buffer,
    headers: new Map(
      headers.map((header) => [Buffer.from(header.name), Buffer.from(header.value ?? [])]),
    ),
  })) as MessageRecord[];
  return createRecordsBatch(messages, { ...options, transactionalId: 'x' }).buffer;
}
