import { limits } from '../../std/limits.ts';

interface PartitionCountError {
  readonly error: 'INVALID_PARTITIONS';
  readonly message: string;
}

interface ReplicationFactorError {
  readonly error: 'INVALID_REPLICATION_FACTOR';
  readonly message: string;
}

/** Checks the partitions of a topic to create: -1 (the default, KIP-464) or 1..partitionsMax. */
export function validatePartitionCount(count: number): PartitionCountError | undefined {
  const max = limits.partitionsMax;
  if (count === -1 || (Number.isInteger(count) && count >= 1 && count <= max)) return undefined;
  return partitionsRefused(`expected 1 to ${max} partitions, or -1, got another count=${count}`);
}

/** Checks what CreatePartitions asks for: more than there are, at most partitionsMax. */
export function validatePartitionIncrease(
  current: number,
  count: number,
): PartitionCountError | undefined {
  const max = limits.partitionsMax;
  if (Number.isInteger(count) && count > current && count <= max) return undefined;
  const expected = `expected more partitions than there are and at most ${max}, got another number`;
  return partitionsRefused(`${expected} current=${current} count=${count}`);
}

/**
 * Checks a replication factor: -1 (the default) or 1..32767, and then it does not matter.
 * Kafka refuses more than it has brokers; here there are none to count, the stores replicate, and
 * scripts that ask for 3 should work.
 */
export function validateReplicationFactor(factor: number): ReplicationFactorError | undefined {
  if (factor === -1 || (Number.isInteger(factor) && factor >= 1 && factor <= 32_767)) {
    return undefined;
  }
  const message = `expected a factor of 1 to 32767, or -1, got another factor=${factor}`;
  return { error: 'INVALID_REPLICATION_FACTOR', message };
}

function partitionsRefused(message: string): PartitionCountError {
  return { error: 'INVALID_PARTITIONS', message };
}
