import type { ProducerState } from '../core/log/head.ts';
import type { PartitionKey } from '../core/log/partition-key.ts';
import type { Item, ItemKey } from '../ports/metadata-table.ts';
import type { ProducerId } from '../std/brands.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../std/bytes.ts';
import { endOf } from './fields.ts';
import { formatNumber, readFormat } from './format.ts';
import { padded, partitionPk } from './partition-pk.ts';
import { plainItem } from './plain-item.ts';
import { readProducer, writeProducer } from './producer-codec.ts';

/*
 * The last state of a producer that has left a log's head.
 *
 *     pk        P#<topic id>#<partition>
 *     sk        PR#<producer id, 19 digits>
 *     version   the sequence number of the slot before which it left; put where absent or lower
 *     body      format, state
 *
 * One whose highest timestamp is past the expiry counts as absent; only such are deleted, on
 * their version.
 */

export function producerKey(log: PartitionKey, id: ProducerId): ItemKey {
  return { pk: partitionPk(log), sk: producerSk(id) };
}

const producerSk = (id: ProducerId): string => `PR#${padded(id, 19)}`;

/** `seq`: the slot that opens without it. */
export function encodeProducer(log: PartitionKey, state: ProducerState, seq: number): Item {
  const writer = new ByteWriter(64).u8(formatNumber);
  writeProducer(writer, state);
  return plainItem(producerKey(log, state.producerId), seq, writer.finish());
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeProducer(item: Item): ProducerState {
  const reader = new ByteReader(item.body);
  readFormat(reader);
  const state = readProducer(reader);
  endOf(reader);
  if (producerSk(state.producerId) === item.sk) return state;
  throw new MalformedBytes(`another producer's state: sk=${item.sk}`);
}
