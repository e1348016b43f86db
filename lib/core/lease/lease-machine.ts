import type { ConditionalOutcome, ReadOutcome } from '../../ports/outcome.ts';
import { isPassing, isUnsure } from '../log/requests.ts';
import { ask, end } from '../machine.ts';
import type { Machine, Step } from '../machine.ts';

/** `L#<name>`. It makes things fast; only conditional writes make them correct. */
export interface Lease {
  readonly name: string;
  /** Empty once it was released. */
  readonly owner: string;
  /** Where the owner can be reached; empty if nowhere. */
  readonly address: string;
  /** Fencing number: rises with every change of owner. */
  readonly epoch: number;
  /** Milliseconds for which its version must stand still before somebody else may take it. */
  readonly durationMs: number;
  readonly version: number;
}

export type LeaseRequest =
  | { readonly kind: 'get-lease'; readonly name: string }
  /** Puts it on the version before (0: if absent). */
  | { readonly kind: 'put-lease'; readonly lease: Lease }
  /** Waits exactly so long on one's own monotonic clock; less only once the deadline is over. */
  | { readonly kind: 'watch'; readonly ms: number };

export type LeaseReply =
  | { readonly kind: 'get-lease'; readonly outcome: ReadOutcome<Lease | undefined> }
  | { readonly kind: 'put-lease'; readonly outcome: ConditionalOutcome<undefined, Lease> }
  | { readonly kind: 'watch'; readonly outcome: { readonly kind: 'done' } };

export interface AcquireInput {
  readonly name: string;
  /** Unique per process. */
  readonly owner: string;
  readonly address: string;
  /** At most 15 s, so that it can be watched within one invocation. */
  readonly durationMs: number;
  /** Take over from an owner whose lease stands still (by watching it), or only a free one. */
  readonly takeOver: boolean;
}

export type AcquireResult =
  | { readonly kind: 'held'; readonly lease: Lease }
  | { readonly kind: 'taken'; readonly lease: Lease }
  | { readonly kind: 'expired' };

export interface AcquireState {
  readonly input: AcquireInput;
  /** The lease whose version was seen before the watch. */
  readonly watched: Lease | undefined;
  readonly put: Lease | undefined;
}

type AcquireStep = Step<AcquireState, LeaseRequest, AcquireResult>;

/** A failed call is tried again after this. */
const againMs = 50;

/**
 * Acquires a lease: a free one at once; one that is held by watching its version stand still for
 * its full duration on one's own monotonic clock, then compare-and-set with the next epoch.
 */
export const acquireLease: Machine<
  AcquireInput,
  AcquireState,
  LeaseRequest,
  LeaseReply,
  AcquireResult
> = {
  start: (input) => look({ input, watched: undefined, put: undefined }),
  step(state, [reply], expired) {
    if (reply?.kind === 'get-lease') return afterGet(state, reply.outcome, expired);
    if (reply?.kind === 'put-lease') return afterPut(state, reply.outcome, expired);
    return look(state);
  },
};

function look(state: AcquireState): AcquireStep {
  return ask(state, { kind: 'get-lease', name: state.input.name });
}

function again(state: AcquireState, expired: boolean): AcquireStep {
  return expired ? end({ kind: 'expired' }) : ask(state, { kind: 'watch', ms: againMs });
}

function afterGet(
  state: AcquireState,
  outcome: ReadOutcome<Lease | undefined>,
  expired: boolean,
): AcquireStep {
  if (outcome.kind !== 'done') return again({ ...state, watched: undefined }, expired);
  const lease = outcome.value;
  const { input, put, watched } = state;
  // An earlier put of ours that was not answered, and landed.
  if (lease !== undefined && put !== undefined && isSame(lease, put)) {
    return end({ kind: 'held', lease });
  }
  if (lease === undefined || lease.owner === '') return take(state, lease);
  // Before it is taken for abandoned: whoever stops early has not watched for the whole duration.
  if (!input.takeOver || expired) return end({ kind: 'taken', lease });
  if (watched?.version === lease.version) return take(state, lease);
  return ask({ ...state, watched: lease }, { kind: 'watch', ms: lease.durationMs });
}

function isSame(a: Lease, b: Lease): boolean {
  return a.owner === b.owner && a.epoch === b.epoch;
}

function take(state: AcquireState, before: Lease | undefined): AcquireStep {
  const { name, owner, address, durationMs } = state.input;
  const epoch = (before?.epoch ?? 0) + 1;
  const version = before === undefined ? 0 : before.version + 1;
  const put: Lease = { name, owner, address, epoch, durationMs, version };
  return ask({ ...state, put }, { kind: 'put-lease', lease: put });
}

function afterPut(
  state: AcquireState,
  outcome: ConditionalOutcome<undefined, Lease>,
  expired: boolean,
): AcquireStep {
  if (outcome.kind === 'done' && state.put !== undefined) {
    return end({ kind: 'held', lease: state.put });
  }
  if (outcome.kind === 'condition-failed') return look({ ...state, watched: undefined });
  return isUnsure(outcome) && !expired ? look(state) : again(state, expired);
}

export type RenewResult =
  | { readonly kind: 'held'; readonly lease: Lease }
  /** Somebody else has it, or it cannot be found out in time: stop working. */
  | { readonly kind: 'lost' };

export interface RenewState {
  readonly next: Lease;
}

/** Renews (or, with an empty owner, releases) a lease that one holds, on its version. */
export const renewLease: Machine<Lease, RenewState, LeaseRequest, LeaseReply, RenewResult> = {
  start: (lease) => putNext({ next: { ...lease, version: lease.version + 1 } }),
  step(state, [reply], expired) {
    const { next } = state;
    if (reply?.kind === 'watch') return putNext(state);
    if (reply?.kind === 'get-lease') {
      const { outcome } = reply;
      if (outcome.kind !== 'done') return expired ? end({ kind: 'lost' }) : retry(state);
      const found = outcome.value;
      const landed = found !== undefined && isSame(found, next) && found.version === next.version;
      return landed ? end({ kind: 'held', lease: next }) : retryOrLose(state, found, expired);
    }
    if (reply?.kind !== 'put-lease') return end({ kind: 'lost' });
    const { outcome } = reply;
    if (outcome.kind === 'done') return end({ kind: 'held', lease: next });
    if (isPassing(outcome)) return expired ? end({ kind: 'lost' }) : retry(state);
    return ask(state, { kind: 'get-lease', name: next.name });
  },
};

type RenewStep = Step<RenewState, LeaseRequest, RenewResult>;

function putNext(state: RenewState): RenewStep {
  return ask(state, { kind: 'put-lease', lease: state.next });
}

function retry(state: RenewState): RenewStep {
  return ask(state, { kind: 'watch', ms: againMs });
}

function retryOrLose(state: RenewState, found: Lease | undefined, expired: boolean): RenewStep {
  const before = found !== undefined && found.version === state.next.version - 1;
  return before && !expired ? retry(state) : end({ kind: 'lost' });
}
