import { limits } from '../std/limits.ts';
import { ProtocolError } from './errors.ts';
import { readWholeBatch } from './record-batch-header.ts';
import type { BatchHeader } from './record-batch-header.ts';
import { RecordCursor, timestampRange } from './record-cursor.ts';

export interface ValidateOptions {
  /** Of the whole batch: the topic's `max.message.bytes`. */
  readonly maxBytes: number;
  /** Unfold the batch and walk its records, too, not only the header and the CRC. */
  readonly checkRecords: boolean;
  /**
   * `client` (what is assumed): as a producer may send it. `log`: as it may lie in the log, that
   * is, with control batches, log-append time, and records missing after compaction.
   */
  readonly from?: 'client' | 'log';
  /** What the records may unfold to. */
  readonly maxInflatedBytes?: number;
}

/**
 * Checks that `bytes` are exactly one good RecordBatch v2, and gives its header. The rules are those
 * of Kafka's broker, with these differences: record counts and maxTimestamp are checked where Kafka
 * corrects or ignores them, since bytes are stored as they came (`rewriteMaxTimestamp` mends the
 * latter); timestamps below −1 are refused. Unused attribute bits are ignored, as Kafka does.
 *
 * Throws, always before anything is allocated in proportion to what the batch claims:
 * MESSAGE_TOO_LARGE (bytes, unfolded bytes, records), CORRUPT_MESSAGE (frame, CRC, compression),
 * UNSUPPORTED_FOR_MESSAGE_FORMAT, UNSUPPORTED_COMPRESSION_TYPE, INVALID_TIMESTAMP (out of range,
 * maxTimestamp wrong, log-append time from a client), INVALID_RECORD (all else).
 */
export function validateBatch(bytes: Uint8Array, options: ValidateOptions): BatchHeader {
  const header = readWholeBatch(bytes, options.maxBytes);
  const dense = options.from !== 'log';
  if (dense) checkProduced(header);
  if (options.checkRecords) {
    const maxInflatedBytes = options.maxInflatedBytes ?? limits.batchInflatedBytesMax;
    checkRecords(header, new RecordCursor(header, bytes, maxInflatedBytes), dense);
  }
  return header;
}

/** What only a batch that comes from a producer must fulfil. */
function checkProduced(header: BatchHeader): void {
  const { recordCount, lastOffsetDelta, producerId, producerEpoch, baseSequence } = header;
  if (recordCount < 1) throw invalid(`batch has no records: records=${recordCount}`);
  if (lastOffsetDelta !== recordCount - 1) {
    throw invalid(
      `last offset delta must be the number of records minus one: ` +
        `last_offset_delta=${lastOffsetDelta} records=${recordCount}`,
    );
  }
  if (header.control) throw invalid('producers may not write control batches');
  if (header.timestampType === 'log-append') {
    throw new ProtocolError('INVALID_TIMESTAMP', 'producers may not set log-append time');
  }
  if (producerId >= 0n && (producerEpoch < 0 || baseSequence < 0)) {
    throw invalid(
      `a producer id needs an epoch and a sequence: producer_id=${producerId} ` +
        `producer_epoch=${producerEpoch} base_sequence=${baseSequence}`,
    );
  }
  if (header.transactional && producerId < 0n) {
    throw invalid(`a transactional batch needs a producer id: producer_id=${producerId}`);
  }
}

function checkRecords(header: BatchHeader, cursor: RecordCursor, dense: boolean): void {
  for (let index = 0; cursor.next(); index++) {
    if (dense && cursor.offsetDelta !== index) {
      throw invalid(
        `offset deltas must count from zero: expected=${index} delta=${cursor.offsetDelta}`,
      );
    }
  }
  const appendTime = header.timestampType === 'log-append';
  const written = appendTime
    ? { min: header.maxTimestamp, max: header.maxTimestamp }
    : timestampRange(header, cursor);
  if (written === undefined) return;
  if (written.min < -1n) {
    throw new ProtocolError(
      'INVALID_TIMESTAMP',
      `timestamp must be -1 or later: timestamp=${written.min}`,
    );
  }
  // Compaction may have taken the latest record.
  const right = dense ? written.max === header.maxTimestamp : written.max <= header.maxTimestamp;
  if (!right) {
    throw new ProtocolError(
      'INVALID_TIMESTAMP',
      `max timestamp is not that of the records: expected=${written.max} ` +
        `max_timestamp=${header.maxTimestamp}`,
    );
  }
}

const invalid = (message: string): ProtocolError => new ProtocolError('INVALID_RECORD', message);
