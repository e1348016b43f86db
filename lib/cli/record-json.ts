import { isUtf8 } from 'node:buffer';
import type { Record } from '../client/types.ts';
import { jsonInteger } from './output.ts';

/** A record as one line of JSON: text where the bytes are UTF-8, else `{"__base64": …}`. */
export function recordJson(record: Record): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record;
  return JSON.stringify({
    topic,
    partition,
    offset: jsonInteger(offset),
    timestamp: jsonInteger(timestamp),
    key: embedded(key),
    value: embedded(value),
    headers: headers.map((header) => ({ name: header.name, value: embedded(header.value) })),
  });
}

function embedded(bytes: Uint8Array | null): string | { readonly __base64: string } | null {
  if (bytes === null) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : { __base64: buffer.toString('base64') };
}
