import type { CommandId, LeaderEpoch, Offset, ProducerId } from '../../std/brands.ts';
import type { Position, ProducerState } from './head.ts';

/** Where a run's bytes are: carried by the command, or in an object written before it. */
export type Place =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'object';
      readonly key: string;
      readonly from: number;
      readonly length: number;
    };

export interface RunProducer {
  readonly id: ProducerId;
  /** 0 … 32767. */
  readonly epoch: number;
  /** The transaction's number; 0 outside transactions. */
  readonly txn: number;
  readonly transactional: boolean;
  /** One entry per stretch that is sent, hence repeated, as a whole: mostly one. */
  readonly sequences: readonly { readonly baseSequence: number; readonly count: number }[];
}

/** One or more adjacent record batches with one verdict. A batch in the log is part of a run. */
export interface Run {
  readonly place: Place;
  readonly batches: number;
  /** Offsets it takes: the sum of its batches' record counts. */
  readonly count: number;
  /** Base timestamp of the first batch, ms. */
  readonly firstTimestamp: bigint;
  /** Highest timestamp, ms; −1 if none. */
  readonly maxTimestamp: bigint;
  /** CRC32C over the batches' own CRC fields, big-endian, in order. */
  readonly crc: number;
  readonly producer?: RunProducer;
}

/**
 * State that a command brings to a head which has lost it. It names the slot that it is meant
 * for, and counts only in exactly that slot and only for producers that are not in the head
 * there: read strongly after that slot was seen to exist, or its predecessor read full.
 */
export interface Brought {
  readonly slot: number;
  readonly states: readonly ProducerState[];
  /** Producers of which nothing is remembered (or what was has expired). */
  readonly absent: readonly ProducerId[];
  /** Transactions that were read as ongoing (data) or as being decided (marker). */
  readonly verified: readonly {
    readonly producerId: ProducerId;
    readonly epoch: number;
    readonly txn: number;
  }[];
}

export interface DataCommand {
  readonly kind: 'data';
  readonly id: CommandId;
  readonly runs: readonly Run[];
  /** The lowest stage epoch of its objects. Absent when all runs are inline. */
  readonly epoch?: number;
  readonly brought?: Brought;
}

/** Ends a transaction (KIP-98's control batch; KIP-890's epoch bump). */
export interface MarkerCommand {
  readonly kind: 'marker';
  readonly id: CommandId;
  readonly producerId: ProducerId;
  readonly epoch: number;
  readonly txn: number;
  readonly outcome: 'commit' | 'abort';
  readonly coordinatorEpoch: number;
  readonly timestamp: bigint;
  /** False for clients that keep their epoch over transactions (before KIP-890). */
  readonly bump: boolean;
  readonly brought?: Brought;
}

export type ControlCommand =
  /** Publishes the next spill group. `epoch` is that of its proposal. */
  | {
      readonly kind: 'spill';
      readonly id: CommandId;
      readonly from: Position;
      readonly to: Position;
      readonly epoch: number;
    }
  /** Publishes a segment; without `epoch` what it covers lies below `start` and is forgotten. */
  | {
      readonly kind: 'seal';
      readonly id: CommandId;
      readonly from: Position;
      readonly to: Position;
      readonly epoch?: number;
    }
  /** Raises the log start offset (retention, DeleteRecords). */
  | { readonly kind: 'start'; readonly id: CommandId; readonly offset: Offset }
  /** Raises the floor: objects of lower epochs can no longer be named. */
  | { readonly kind: 'floor'; readonly id: CommandId; readonly epoch: number }
  /** The topic is being deleted. */
  | { readonly kind: 'close'; readonly id: CommandId }
  /** A restore: consumers see the truncation by the leader epoch (KIP-320). */
  | { readonly kind: 'raise'; readonly id: CommandId; readonly leaderEpoch: LeaderEpoch };

export type Command = DataCommand | MarkerCommand | ControlCommand;
export type SpillCommand = Extract<Command, { kind: 'spill' }>;

export type Refusal =
  | 'closed'
  /** An object, proposal or segment of an epoch below the floor: upload again. */
  | 'floor'
  /** A sequence number that does not follow the last one. */
  | 'out-of-order-sequence'
  | 'invalid-producer-epoch'
  /** The head does not hold the producer and the command brought nothing that counts here. */
  | 'producer-unknown'
  /** It would open a transaction, or decide one, without having verified it for this slot. */
  | 'transaction-unverified'
  /** The transaction was decided already. */
  | 'transaction-finished'
  /** Another transaction of this producer is open, or as many as the head can hold. */
  | 'concurrent-transactions'
  /** `from` is not where the log stands, or `to` is not the next bound. */
  | 'not-next'
  | 'offset-out-of-range';

export type Verdict =
  /** At these offsets for ever. */
  | { readonly kind: 'accepted'; readonly baseOffset: Offset; readonly leaderEpoch: LeaderEpoch }
  /** The batches are in the log already, from this offset on. */
  | { readonly kind: 'duplicate'; readonly baseOffset: Offset }
  /** Took effect (or had taken effect before) and has no offset. */
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reason: Refusal };

export const refused = (reason: Refusal): Verdict => ({ kind: 'refused', reason });
