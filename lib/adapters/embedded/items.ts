import type { SQLOutputValue } from 'node:sqlite';
import type { Item } from '../../ports/metadata-table.ts';
import { assert } from '../../std/assert.ts';
import { entryOverheadBytes } from '../bounds.ts';

export const itemColumns = 'pk, sk, version, body, appended, bytes, lim';

/** A row of `items`, as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** Entries one after the other, each behind its length in 4 bytes, big-endian. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  const total = entries.reduce((bytes, entry) => bytes + entry.length + entryOverheadBytes, 0);
  const encoded = Buffer.allocUnsafeSlow(total);
  let at = 0;
  for (const entry of entries) {
    encoded.writeUInt32BE(entry.length, at);
    encoded.set(entry, at + entryOverheadBytes);
    at += entry.length + entryOverheadBytes;
  }
  return encoded;
}

function decodeEntries(encoded: Uint8Array): Uint8Array[] {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < encoded.length;) {
    const from = at + entryOverheadBytes;
    at = from + view.getUint32(at);
    assert(at <= encoded.length, `entries of an item end early: at=${at} of=${encoded.length}`);
    entries.push(encoded.subarray(from, at));
  }
  return entries;
}

export function decodeItem(row: Row): Item {
  const { pk, sk, version, body, appended, bytes, lim } = row;
  assert(
    typeof pk === 'string' &&
      typeof sk === 'string' &&
      typeof version === 'number' &&
      body instanceof Uint8Array &&
      appended instanceof Uint8Array &&
      typeof bytes === 'number' &&
      typeof lim === 'number',
    'a row of items has other types than its table',
  );
  return { pk, sk, version, body, appended: decodeEntries(appended), bytes, limit: lim };
}
