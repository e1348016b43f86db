import type { CommandId, ProducerId } from '../../std/brands.ts';
import type {
  ConditionalOutcome,
  Done,
  Indeterminate,
  ReadOutcome,
  Throttled,
  Unavailable,
} from '../../ports/outcome.ts';
import type { Command } from './command.ts';
import type { Position, ProducerState } from './head.ts';
import type { PartitionKey } from './partition-key.ts';
import type { Slot, SlotOrStub } from './slot.ts';
import type { SpillGroup } from './spill-group.ts';

/** What a machine of the log may ask for. All reads are strong. */
export type LogRequest =
  /** The hint: the number of a slot that was about to be opened once. Never trusted. */
  | { readonly kind: 'get-hint'; readonly log: PartitionKey }
  | { readonly kind: 'put-hint'; readonly log: PartitionKey; readonly seq: number }
  | { readonly kind: 'get-slot'; readonly log: PartitionKey; readonly position: number }
  /** Slots at these positions, inclusive; absent ones are left out. Not a snapshot. */
  | {
      readonly kind: 'query-slots';
      readonly log: PartitionKey;
      readonly from: number;
      readonly to: number;
    }
  /** Appends to slot `seq` if it is that slot still, and has room. */
  | {
      readonly kind: 'append';
      readonly log: PartitionKey;
      readonly seq: number;
      readonly command: Command;
    }
  /** Puts a slot where slot `over` lies, or where nothing lies if there is no `over`. */
  | {
      readonly kind: 'put-slot';
      readonly log: PartitionKey;
      readonly slot: Slot;
      readonly over: number | undefined;
    }
  | { readonly kind: 'get-producer'; readonly log: PartitionKey; readonly producerId: ProducerId }
  /** Puts a producer's last state if there is none, or one of a slot below `seq`. */
  | {
      readonly kind: 'put-producer';
      readonly log: PartitionKey;
      readonly state: ProducerState;
      readonly seq: number;
    }
  /** The published group with the highest beginning at or below this position. */
  | { readonly kind: 'get-group'; readonly log: PartitionKey; readonly at: Position }
  /** Groups that begin at or after `from` and before `before`, in order, at most `limit`. */
  | {
      readonly kind: 'query-groups';
      readonly log: PartitionKey;
      readonly from: Position;
      readonly before: Position;
      readonly limit: number;
    }
  /** Proposes a group where there is none, or one of an epoch below `floor`. */
  | {
      readonly kind: 'put-group';
      readonly log: PartitionKey;
      readonly group: SpillGroup;
      readonly floor: number;
    }
  | { readonly kind: 'put-object'; readonly key: string; readonly bytes: readonly Uint8Array[] }
  /** A command id, and the key of an object of this log that does not exist yet. */
  | { readonly kind: 'new-names'; readonly log: PartitionKey; readonly floor: number }
  /** A uniform wait of 0 … `ms`. */
  | { readonly kind: 'wait'; readonly ms: number };

export interface NewNames {
  readonly id: CommandId;
  /** Current stage epoch, at least the floor asked for; the object's key lies under it. */
  readonly epoch: number;
  readonly object: string;
}

export interface LogOutcomes {
  'get-hint': ReadOutcome<number | undefined>;
  'put-hint': ConditionalOutcome<undefined, number>;
  'get-slot': ReadOutcome<SlotOrStub | undefined>;
  'query-slots': ReadOutcome<readonly SlotOrStub[]>;
  append: ConditionalOutcome<Slot, SlotOrStub>;
  'put-slot': ConditionalOutcome<undefined, SlotOrStub>;
  'get-producer': ReadOutcome<ProducerState | undefined>;
  'put-producer': ConditionalOutcome<undefined, ProducerState>;
  'get-group': ReadOutcome<SpillGroup | undefined>;
  'query-groups': ReadOutcome<readonly SpillGroup[]>;
  'put-group': ConditionalOutcome<undefined, SpillGroup>;
  'put-object': ConditionalOutcome<undefined, undefined>;
  'new-names': ReadOutcome<NewNames>;
  wait: Done<undefined>;
}

export type LogReply = {
  [Kind in keyof LogOutcomes]: { readonly kind: Kind; readonly outcome: LogOutcomes[Kind] };
}[keyof LogOutcomes];

/** Nothing happened (or nothing was answered), so the same request may simply be made again. */
export function isPassing(outcome: { readonly kind: string }): outcome is Throttled | Unavailable {
  return outcome.kind === 'throttled' || outcome.kind === 'unavailable';
}

export function isUnsure(outcome: { readonly kind: string }): outcome is Indeterminate {
  return outcome.kind === 'indeterminate';
}

/** A pause after a lost race: uniform, and no longer the next time, so that nobody starves. */
export const pause = { kind: 'wait', ms: 50 } as const;

/** A pause after refusals in a row: a store that has too much to do is asked less and less. */
export const backOff = (refusals: number): { readonly kind: 'wait'; readonly ms: number } => ({
  kind: 'wait',
  ms: pause.ms * 2 ** Math.min(refusals - 1, doublingsMax),
});

const doublingsMax = 5;

/** No pause of any machine is longer: 1.6 s, a small part of a call's time. */
export const pauseMsMax = pause.ms * 2 ** doublingsMax;
