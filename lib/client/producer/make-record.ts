import { ProtocolError } from '../../protocol/errors.ts';
import type { LogRecord, RecordHeader } from '../../protocol/record.ts';
import { limits } from '../../std/limits.ts';
import { millis } from '../bounded.ts';
import type { ProducerRecord, Serializer } from '../types.ts';
import { toBytes } from './settings.ts';

interface Serializers<K, V> {
  readonly key: Serializer<K>;
  readonly value: Serializer<V>;
}

/**
 * The record as it goes into a batch. Bytes are copied: the caller may use his again at once.
 * Throws what a serializer throws, INVALID_TIMESTAMP, INVALID_RECORD for too many headers.
 */
export function makeRecord<K, V>(
  { topic, key, value, headers, timestamp }: ProducerRecord<K, V>,
  serializers: Serializers<K, V>,
  now: number,
): LogRecord {
  return {
    key: key === undefined ? null : copied(serializers.key(key, topic)),
    value: value === undefined ? null : copied(serializers.value(value, topic)),
    headers: headers === undefined ? none : makeHeaders(headers),
    timestamp: timestamp === undefined ? BigInt(now) : millis(timestamp),
  };
}

const none: readonly RecordHeader[] = [];

type Headers = NonNullable<ProducerRecord['headers']>;

function makeHeaders(headers: Headers): readonly RecordHeader[] {
  const list = Array.isArray(headers)
    ? (headers as Extract<Headers, readonly unknown[]>)
    : Object.entries(headers).map(([name, value]) => ({ name, value }));
  if (list.length > limits.headersPerRecordMax) {
    throw new ProtocolError(
      'INVALID_RECORD',
      `expected at most ${limits.headersPerRecordMax} headers: headers=${list.length}`,
    );
  }
  return list.map(({ name, value }) => ({ name, value: copied(toBytes(value)) }));
}

const copied = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes);
