import type { AssignedPartition } from '../../broker/group-types.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { PartitionReader } from '../consumer/partition-reader.ts';
import type { Holding } from './reconcile.ts';

/**
 * A partition under one grant: what was handed out of it and is not processed yet, and what was
 * committed. No time and no I/O.
 */
export class Owned implements Holding {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
  readonly grantedIn: number;
  readonly reader: PartitionReader;
  /** Somebody else's by now: nothing of it counts any more. */
  isLost = false;
  isGoing = false;
  /** `onAssigned` was told of it, so `onRevoked` or `onLost` is to be. */
  isTold = false;
  /** It was told, so it may be paused, and sought in. */
  isShown = false;
  /** As the group has it, as far as this member knows; undefined: never. */
  #committed: bigint | undefined;
  /** The number of the commit that said so. */
  #commitNumber = 0;
  /** It was moved by hand: what is committed may go back. */
  #isMoved = false;
  /** The first offset that was handed out and is not processed. */
  #from: bigint | undefined;
  #isAtWork = false;
  /** Of those who wait until nobody works on it. */
  #idle: PromiseWithResolvers<void> | undefined;

  /** It begins nowhere, until somebody says where (`offsetReset: 'error'`). */
  #isPlaceless: boolean;

  /** `reset`: where it begins without a committed offset. It is held back until `open`. */
  constructor(grant: AssignedPartition, reset: 'beginning' | 'end' | 'error') {
    const { topic, partition, topicId, grantedIn, committed } = grant;
    this.topic = topic;
    this.partition = partition;
    this.topicId = topicId;
    this.grantedIn = grantedIn;
    this.#committed = committed?.offset;
    this.#isPlaceless = committed === undefined && reset === 'error';
    const place = reset === 'end' ? 'end' : 'beginning';
    this.reader = new PartitionReader(this, committed?.offset ?? place);
    this.reader.reserved = true;
    this.refuse();
  }

  /** Whoever reads it is told again that it begins nowhere. */
  refuse(): void {
    if (!this.#isPlaceless) return;
    const { topic, partition } = this;
    const text = `the group has committed no offset: seek, or set offsetReset topic=${topic} partition=${partition}`;
    this.reader.trouble = { error: new ProtocolError('OFFSET_OUT_OF_RANGE', text) };
  }

  get isOpen(): boolean {
    return !this.isLost && !this.isGoing;
  }

  /** May be handed out from now on. */
  open(): void {
    if (this.isOpen) this.reader.reserved = false;
  }

  /** From `isGoing` or `isLost` on nothing is handed out. */
  shut(): void {
    this.reader.reserved = true;
  }

  /** What begins at `offset` was handed out; what was before is processed. */
  handOut(offset: bigint): void {
    this.#from = offset;
    this.#isAtWork = true;
  }

  /** All that was handed out is processed. */
  finish(): void {
    this.#from = undefined;
    this.stop();
  }

  /** It is, but somebody may still look at it. */
  declareFinished(): void {
    this.#from = undefined;
  }

  /** Nobody works on it any more; whether it is processed, nobody said. */
  stop(): void {
    this.#isAtWork = false;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** The reader stands elsewhere: what is under way has no say in where to go on. */
  moved(): void {
    this.#from = undefined;
    this.#isMoved = true;
    this.#isPlaceless = false;
  }

  /** Where to hand out again what was not processed. */
  get unfinished(): bigint | undefined {
    return this.#from;
  }

  /** Resolves when nobody works on it. */
  idle(): Promise<void> {
    if (!this.#isAtWork) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  /** Of the next record to be processed; undefined before that is known. */
  get processed(): bigint | undefined {
    return this.#from ?? this.reader.position;
  }

  /** What a commit made now would say; undefined if it would say nothing new. Never goes back by itself. */
  get toCommit(): bigint | undefined {
    const { processed } = this;
    const committed = this.#committed;
    if (processed === undefined || processed === committed) return undefined;
    const isOn = committed === undefined || processed > committed || this.#isMoved;
    return isOn ? processed : undefined;
  }

  committed(offset: bigint, number: number): void {
    if (number < this.#commitNumber) return;
    this.#commitNumber = number;
    this.#committed = offset;
    if (this.processed === offset) this.#isMoved = false;
  }
}
