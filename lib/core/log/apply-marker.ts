import { offset } from '../../std/brands.ts';
import { refused } from './command.ts';
import type { MarkerCommand, Verdict } from './command.ts';
import { chainHash } from './hash.ts';
import { findOpen } from './head.ts';
import type { Head, OpenTransaction, ProducerState } from './head.ts';
import { lookUp, touch } from './producers.ts';

/**
 * Ends a transaction in this partition. Open with an epoch not above the marker's: one control
 * batch, and it is closed. Decided already, or a later one open: a duplicate. Nothing open: it
 * fences only, without an offset. Resending it is harmless.
 */
export function applyMarker(head: Head, marker: MarkerCommand): { head: Head; verdict: Verdict } {
  const open = findOpen(head, marker.producerId);
  if (open !== undefined) {
    return isAfter(open, marker)
      ? { head, verdict: { kind: 'done' } }
      : closeTransaction(head, marker);
  }
  const known = lookUp(head, marker.producerId, marker.brought);
  if (known === 'unknown') return { head, verdict: refused('transaction-unverified') };
  if (known.state !== undefined && isPast(known.state, marker)) {
    return { head, verdict: { kind: 'done' } };
  }
  return { head: fence(head, marker, known.state), verdict: { kind: 'done' } };
}

function isAfter(open: OpenTransaction, marker: MarkerCommand): boolean {
  return open.epoch > marker.epoch || (open.epoch === marker.epoch && open.txn > marker.txn);
}

function isPast(state: ProducerState, marker: MarkerCommand): boolean {
  return state.epoch > marker.epoch || (state.epoch === marker.epoch && state.txn > marker.txn);
}

function closeTransaction(head: Head, marker: MarkerCommand): { head: Head; verdict: Verdict } {
  const baseOffset = head.end.offset;
  const known = lookUp(head, marker.producerId, marker.brought);
  // Without the bump its sequence numbers go on, so its batches must be known.
  if (known === 'unknown' && !marker.bump) {
    return { head, verdict: refused('producer-unknown') };
  }
  const fenced = fence(head, marker, known === 'unknown' ? undefined : known.state);
  const next: Head = {
    ...fenced,
    end: { seq: head.end.seq, offset: offset(baseOffset + 1n) },
    hash: chainHash(head.hash, baseOffset, marker.outcome === 'commit' ? 1 : 0),
    open: head.open.filter((transaction) => transaction.producerId !== marker.producerId),
  };
  const { leaderEpoch } = head;
  return { head: next, verdict: { kind: 'accepted', baseOffset, leaderEpoch } };
}

/** The producer goes on in the next epoch; without the bump in the next transaction. */
function fence(head: Head, marker: MarkerCommand, state: ProducerState | undefined): Head {
  const sameEpoch = state !== undefined && state.epoch === marker.epoch;
  const before = state?.maxTimestamp ?? -1n;
  const next: ProducerState = {
    producerId: marker.producerId,
    epoch: marker.bump ? marker.epoch + 1 : marker.epoch,
    txn: marker.txn + 1,
    maxTimestamp: marker.timestamp > before ? marker.timestamp : before,
    batches: !marker.bump && sameEpoch ? state.batches : [],
  };
  return { ...head, producers: touch(head.producers, next) };
}
