import { partitionForKey } from '../protocol/murmur2.ts';

/** Kafka's default partitioner for records with a key; undefined without one. */
export function murmur2Partition(
  key: Uint8Array | null,
  partitions: number,
): number | undefined {
  return key === null ? undefined : partitionForKey(key, partitions);
}
