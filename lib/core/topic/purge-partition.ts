import type { ConditionalOutcome, ReadOutcome, WriteOutcome } from '../../ports/outcome.ts';
import { pause } from '../log/requests.ts';
import type { LogConfig } from '../log/config.ts';
import type { PartitionKey } from '../log/partition-key.ts';
import type { SlotOrStub } from '../log/slot.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';

export type PurgeRequest =
  | {
      readonly kind: 'query-slots';
      readonly log: PartitionKey;
      readonly from: number;
      readonly to: number;
    }
  /** Replaces slot `over` by a stub: a version nobody names, closed, full, without data. */
  | { readonly kind: 'put-stub'; readonly log: PartitionKey; readonly over: number }
  /** Deletes all items of the partition that are not slots, each on its version. */
  | { readonly kind: 'delete-rest'; readonly log: PartitionKey }
  | typeof pause;

export type PurgeReply =
  | { readonly kind: 'query-slots'; readonly outcome: ReadOutcome<readonly SlotOrStub[]> }
  | { readonly kind: 'put-stub'; readonly outcome: ConditionalOutcome<undefined, SlotOrStub> }
  | { readonly kind: 'delete-rest'; readonly outcome: WriteOutcome<undefined> }
  | { readonly kind: 'wait'; readonly outcome: { readonly kind: 'done' } };

export interface PurgeInput {
  readonly log: PartitionKey;
  readonly config: LogConfig;
}

export type PurgeResult = { readonly kind: 'purged' } | { readonly kind: 'expired' };

/**
 * Empties a closed partition. Slots are replaced, never deleted: a process that slept since before
 * the deletion must find something in the way of its late put.
 */
export const purgePartition: Machine<
  PurgeInput,
  PurgeInput,
  PurgeRequest,
  PurgeReply,
  PurgeResult
> = {
  start: look,

  step(input, replies, expired) {
    const failed = replies.some(({ outcome }) => outcome.kind !== 'done');
    if (failed && expired) return end({ kind: 'expired' });
    if (failed) return ask(input, pause);
    const [reply] = replies;
    switch (reply?.kind) {
      case 'query-slots':
        return reply.outcome.kind === 'done' ? replace(input, reply.outcome.value) : look(input);
      case 'delete-rest':
        return end({ kind: 'purged' });
      default:
        return look(input);
    }
  },
};

type PurgeStep = Step<PurgeInput, PurgeRequest, PurgeResult>;

function look(input: PurgeInput): PurgeStep {
  const { log, config } = input;
  return ask(input, { kind: 'query-slots', log, from: 0, to: config.ringSlots - 1 });
}

/** Until a look finds stubs alone. */
function replace(input: PurgeInput, found: readonly SlotOrStub[]): PurgeStep {
  const { log } = input;
  const puts = found.flatMap((slot) =>
    slot === 'stub' ? [] : [{ kind: 'put-stub', log, over: slot.seq } as const],
  );
  return puts.length > 0 ? ask(input, ...puts) : ask(input, { kind: 'delete-rest', log });
}
