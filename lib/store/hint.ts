import type { PartitionKey } from '../core/log/partition-key.ts';
import type { Item, ItemKey } from '../ports/metadata-table.ts';
import { MalformedBytes } from '../std/bytes.ts';
import { partitionPk } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';

/*
 * The number of a slot that was about to be opened once: where the search for the newest begins.
 * Never trusted.
 *
 *     pk        P#<topic id>#<partition>
 *     sk        N
 *     version   the slot's sequence number; put where absent or lower
 *     body      empty
 */

export const hintKey = (log: PartitionKey): ItemKey => ({ pk: partitionPk(log), sk: 'N' });

export function encodeHint(log: PartitionKey, seq: number): Item {
  return plainItem(hintKey(log), seq, new Uint8Array(0));
}

/** Throws MalformedBytes. */
export function decodeHint(item: Item): number {
  if (item.version >= 0) return item.version;
  throw new MalformedBytes(`no hint has this version=${item.version}`);
}
