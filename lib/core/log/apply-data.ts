import { offset } from '../../std/brands.ts';
import { refused } from './command.ts';
import type { Brought, DataCommand, Refusal, Run, RunProducer, Verdict } from './command.ts';
import type { LogConfig } from './config.ts';
import { chainHash } from './hash.ts';
import { findOpen } from './head.ts';
import type { Head, OpenTransaction, ProducerState } from './head.ts';
import { afterRun, checkSequence, lookUp, touch } from './producers.ts';

export interface Applied {
  readonly head: Head;
  readonly verdicts: readonly Verdict[];
}

/** Each run has a verdict of its own: a refused one does not fail its neighbours. */
export function applyData(head: Head, command: DataCommand, config: LogConfig): Applied {
  const verdicts: Verdict[] = [];
  for (const run of command.runs) {
    const applied = applyRun(head, run, command.brought, config);
    head = applied.head;
    verdicts.push(applied.verdict);
  }
  return { head, verdicts };
}

function applyRun(
  head: Head,
  run: Run,
  brought: Brought | undefined,
  config: LogConfig,
): { head: Head; verdict: Verdict } {
  if (run.producer === undefined) return accept(head, run, undefined, config);
  const known = lookUp(head, run.producer.id, brought);
  if (known === 'unknown') return { head, verdict: refused('producer-unknown') };
  const sequence = checkSequence(known.state, run.producer);
  if (sequence.kind === 'refused') return { head, verdict: refused(sequence.reason) };
  if (sequence.kind === 'duplicate') {
    const { baseOffset } = sequence.batch;
    return { head, verdict: { kind: 'duplicate', baseOffset } };
  }
  const refusal = checkTransaction(head, known.state, run.producer, brought, config);
  if (refusal !== undefined) return { head, verdict: refused(refusal) };
  return accept(head, run, known.state, config);
}

/**
 * Only a transaction that was verified for exactly this slot may be opened: a batch that comes
 * late must not open what is decided, even if the producer has left the head meanwhile.
 */
function checkTransaction(
  head: Head,
  state: ProducerState | undefined,
  producer: RunProducer,
  brought: Brought | undefined,
  config: LogConfig,
): Refusal | undefined {
  const open = findOpen(head, producer.id);
  if (open !== undefined && producer.epoch < open.epoch) return 'invalid-producer-epoch';
  if (!producer.transactional) return open === undefined ? undefined : 'concurrent-transactions';
  if (state !== undefined && state.epoch === producer.epoch && producer.txn < state.txn) {
    return 'transaction-finished';
  }
  if (open !== undefined) {
    const same = open.epoch === producer.epoch && open.txn === producer.txn;
    return same ? undefined : 'concurrent-transactions';
  }
  const verified =
    brought !== undefined &&
    brought.slot === head.end.seq &&
    brought.verified.some(
      (entry) =>
        entry.producerId === producer.id &&
        entry.epoch === producer.epoch &&
        entry.txn === producer.txn,
    );
  if (!verified) return 'transaction-unverified';
  return head.open.length >= config.openTransactionsMax ? 'concurrent-transactions' : undefined;
}

function accept(
  head: Head,
  run: Run,
  state: ProducerState | undefined,
  config: LogConfig,
): { head: Head; verdict: Verdict } {
  const baseOffset = head.end.offset;
  const { producer } = run;
  const raises = run.maxTimestamp > head.maxTimestamp;
  const next: Head = {
    ...head,
    end: { seq: head.end.seq, offset: offset(baseOffset + BigInt(run.count)) },
    hash: chainHash(head.hash, baseOffset, run.crc),
    maxTimestamp: raises ? run.maxTimestamp : head.maxTimestamp,
    maxTimestampOffset: raises ? baseOffset : head.maxTimestampOffset,
    open: producer?.transactional === true ? opened(head, producer) : head.open,
    producers:
      producer === undefined
        ? head.producers
        : touch(
            head.producers,
            afterRun(state, producer, run, baseOffset, config.producerBatchesMax),
          ),
  };
  const { leaderEpoch } = head;
  return { head: next, verdict: { kind: 'accepted', baseOffset, leaderEpoch } };
}

function opened(head: Head, producer: RunProducer): readonly OpenTransaction[] {
  if (findOpen(head, producer.id) !== undefined) return head.open;
  const { id, epoch, txn } = producer;
  return [...head.open, { producerId: id, epoch, txn, firstOffset: head.end.offset }];
}
