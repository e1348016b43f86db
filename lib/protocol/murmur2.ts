const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** Kafka's 32-bit MurmurHash2 of a key, signed as Java has it. */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  const tailAt = length - (length % 4);
  let hash = SEED ^ length;
  for (let at = 0; at < tailAt; at += 4) {
    const word =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24);
    const mixed = Math.imul(word, M);
    hash = Math.imul(hash, M) ^ Math.imul(mixed ^ (mixed >>> R), M);
  }
  if (tailAt < length) {
    for (let at = length - 1; at >= tailAt; at--)
      hash ^= (key[at] as number) << (8 * (at - tailAt));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/**
 * The partition that the Java client's default partitioner picks for a key that is there:
 * 0 … partitions−1. Moves when the number of partitions changes.
 */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
