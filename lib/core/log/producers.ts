import type { ProducerId } from '../../std/brands.ts';
import type { Brought, Refusal, Run, RunProducer } from './command.ts';
import { addSequence, findProducer, lastSequence } from './head.ts';
import type { Head, ProducedBatch, ProducerState } from './head.ts';

/** What the head, or what the command brought for exactly this slot, knows of a producer. */
export type Known = { readonly state: ProducerState | undefined } | 'unknown';

/** The head wins: what was brought counts only for a producer that is not in it. */
export function lookUp(head: Head, id: ProducerId, brought: Brought | undefined): Known {
  const state = findProducer(head, id);
  if (state !== undefined) return { state };
  if (brought === undefined || brought.slot !== head.end.seq) return 'unknown';
  const carried = brought.states.find((candidate) => candidate.producerId === id);
  if (carried !== undefined) return { state: carried };
  return brought.absent.includes(id) ? { state: undefined } : 'unknown';
}

export type SequenceCheck =
  | { readonly kind: 'next' }
  | { readonly kind: 'duplicate'; readonly batch: ProducedBatch }
  | { readonly kind: 'refused'; readonly reason: Refusal };

/**
 * Kafka's rules (KIP-98, KIP-360): a batch that equals one of the last five is a duplicate; a
 * new epoch starts at 0; a producer of which nothing is known may start anywhere; otherwise
 * sequence numbers follow each other.
 */
export function checkSequence(
  state: ProducerState | undefined,
  producer: RunProducer,
): SequenceCheck {
  if (state !== undefined && producer.epoch < state.epoch) {
    return { kind: 'refused', reason: 'invalid-producer-epoch' };
  }
  if (!isContiguous(producer)) return { kind: 'refused', reason: 'out-of-order-sequence' };
  const first = producer.sequences[0]?.baseSequence ?? -1;
  if (state === undefined) return { kind: 'next' };
  if (producer.epoch > state.epoch) {
    return first === 0 ? { kind: 'next' } : { kind: 'refused', reason: 'out-of-order-sequence' };
  }
  const batch = duplicateOf(state, producer);
  if (batch !== undefined) return { kind: 'duplicate', batch };
  return first === addSequence(lastSequence(state), 1)
    ? { kind: 'next' }
    : { kind: 'refused', reason: 'out-of-order-sequence' };
}

/** A run of several batches has one verdict, so they must follow each other. */
function isContiguous(producer: RunProducer): boolean {
  return producer.sequences.every((batch, i) => {
    const previous = producer.sequences[i - 1];
    return (
      previous === undefined ||
      batch.baseSequence === addSequence(previous.baseSequence, previous.count)
    );
  });
}

/** The remembered batch that the run's first equals, if the run's others follow it there too. */
function duplicateOf(state: ProducerState, producer: RunProducer): ProducedBatch | undefined {
  const at = state.batches.findIndex(
    (batch) =>
      batch.baseSequence === producer.sequences[0]?.baseSequence &&
      batch.count === producer.sequences[0].count,
  );
  if (at < 0) return undefined;
  const same = producer.sequences.every((batch, i) => {
    const remembered = state.batches[at + i];
    return remembered?.baseSequence === batch.baseSequence && remembered.count === batch.count;
  });
  return same ? state.batches[at] : undefined;
}

/** The producer's state after the run was accepted from `baseOffset` on. */
export function afterRun(
  state: ProducerState | undefined,
  producer: RunProducer,
  run: Run,
  baseOffset: bigint,
  batchesMax: number,
): ProducerState {
  const sameEpoch = state !== undefined && state.epoch === producer.epoch;
  let next = baseOffset;
  const added = producer.sequences.map((batch) => {
    const entry = { ...batch, baseOffset: next } as ProducedBatch;
    next += BigInt(batch.count);
    return entry;
  });
  const before = state?.maxTimestamp ?? -1n;
  return {
    producerId: producer.id,
    epoch: producer.epoch,
    txn: sameEpoch ? Math.max(state.txn, producer.txn) : producer.txn,
    maxTimestamp: run.maxTimestamp > before ? run.maxTimestamp : before,
    batches: [...(sameEpoch ? state.batches : []), ...added].slice(-batchesMax),
  };
}

/** The list with this producer as the most recently used. */
export function touch(
  producers: readonly ProducerState[],
  state: ProducerState,
): readonly ProducerState[] {
  return [...producers.filter((other) => other.producerId !== state.producerId), state];
}
