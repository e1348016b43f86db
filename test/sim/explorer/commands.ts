import type { DataCommand, Run, RunProducer } from '../../../lib/core/log/command.ts';
import { checkConfig, formatOne } from '../../../lib/core/log/config.ts';
import type { LogConfig } from '../../../lib/core/log/config.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { commandId, partition, producerId, topicId } from '../../../lib/std/brands.ts';

export const log: PartitionKey = { topicId: topicId('t'), partition: partition(0) };

/** Every command weighs this much. */
const weight = 10;

/** A ring whose slots take so many commands. Nobody ever counts as the sole writer. */
export function smallConfig(shape: Partial<LogConfig> & { readonly perSlot: number }): LogConfig {
  const { perSlot, ...rest } = shape;
  return checkConfig({
    ...formatOne,
    ringSlots: 2,
    spillSlots: 1,
    producersMax: 1,
    openTransactionsMax: 2,
    soleStreak: Number.MAX_SAFE_INTEGER,
    soleBytes: 0,
    sharedBytes: weight * perSlot - 1,
    sharedHintEvery: 1,
    snapshotBytes: () => 0,
    commandBytes: () => weight,
    ...rest,
  });
}

export interface DataShape {
  readonly count?: number;
  readonly timestamp?: bigint;
  readonly producer?: RunProducer;
  /** Its bytes lie in an object of this stage epoch. */
  readonly epoch?: number;
  /** What it holds, if another command holds the same. */
  readonly content?: string;
}

export function data(id: string, shape: DataShape = {}): DataCommand {
  const { count = 1, timestamp = 1n, producer, epoch, content = id } = shape;
  const bytes = Buffer.from(content);
  const base: Run = {
    place: { kind: 'inline', bytes },
    batches: 1,
    count,
    firstTimestamp: timestamp,
    maxTimestamp: timestamp,
    crc: bytes.readUInt32BE(0),
  };
  const run: Run = producer === undefined ? base : { ...base, producer };
  const command: DataCommand = { kind: 'data', id: commandId(id), runs: [run] };
  return epoch === undefined ? command : staged(command, epoch);
}

/** The same command with its bytes in an object under a new name of this epoch. */
export function staged(command: DataCommand, epoch: number): DataCommand {
  const runs = command.runs.map((run) => {
    const key = `${epoch}/${command.id}`;
    return { ...run, place: { kind: 'object', key, from: 0, length: 4 } as const };
  });
  return { ...command, runs, epoch };
}

/** What `data` writes into the object of a staged command: its content is told by its CRC. */
export function stagedBytes(command: DataCommand): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(command.runs[0]?.crc ?? 0);
  return bytes;
}

/** An idempotent producer's batch of one record. */
export function sequenced(id: number, baseSequence: number, epoch = 0): RunProducer {
  return {
    id: producerId(BigInt(id)),
    epoch,
    txn: 0,
    transactional: false,
    sequences: [{ baseSequence, count: 1 }],
  };
}
