import type { Lease } from '../core/lease/lease-machine.ts';
import type { Item, ItemKey } from '../ports/metadata-table.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { plainItem } from './plain-item.ts';

/*
 * A lease, held or released.
 *
 *     pk        L#<name>
 *     sk        STATE
 *     version   every renewal and every change of owner adds 1
 *     body      {v, owner, address, epoch, durationMs}
 */

const pkPrefix = 'L#';

export const leaseKey = (name: string): ItemKey => ({ pk: `${pkPrefix}${name}`, sk: 'STATE' });

export function encodeLease(lease: Lease): Item {
  const { name, owner, address, epoch, durationMs, version } = lease;
  return plainItem(leaseKey(name), version, encodeJson({ owner, address, epoch, durationMs }));
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeLease(item: Item): Lease {
  const body = decodeJson(item);
  return {
    name: item.pk.slice(pkPrefix.length),
    owner: body.string('owner'),
    address: body.string('address'),
    epoch: body.integer('epoch'),
    durationMs: body.integer('durationMs'),
    version: item.version,
  };
}
