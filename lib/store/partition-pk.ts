import type { PartitionKey } from '../core/log/partition-key.ts';

/**
 * The item collection of one log, `P#<topic id>#<partition>`:
 *
 *     R#<position, 2 digits>                           slot.ts
 *     N                                                hint.ts
 *     X#<base offset, 20 digits>#<seq, 16 digits>      spill-group.ts
 *     PR#<producer id, 19 digits>                      producer.ts
 *
 * Numbers in sort keys are padded: the order of bytes is that of the numbers.
 */
export const partitionPk = (log: PartitionKey): string => `P#${log.topicId}#${log.partition}`;

export const padded = (value: number | bigint, digits: number): string =>
  String(value).padStart(digits, '0');
