import { acquireLease, renewLease } from '../core/lease/lease-machine.ts';
import type { Lease, LeaseReply, LeaseRequest } from '../core/lease/lease-machine.ts';
import { deadlineIn } from './deadlines.ts';
import { drive } from './driver.ts';
import type { Deadline } from './driver.ts';
import type { Engine } from './engine.ts';

/** A lease in hand. */
export interface HeldLease {
  /**
   * The fencing number: each owner's is higher than all before. A holder that was frozen may go on
   * after the next one began; its writes must be refused for carrying a lower number, or be
   * conditional by themselves.
   */
  readonly epoch: number;
  /** Aborts when somebody else may have it. Whoever is frozen comes to know that late. */
  readonly lost: AbortSignal;
}

export interface LeaseInput {
  readonly name: string;
  /** At most 15 s, so that it can be watched within one invocation. */
  readonly durationMs: number;
  /** Take over from a holder whose lease stands still (by watching it), or only a free one. */
  readonly takeOver: boolean;
  /** Ends the wait for it; the deadline must be over with it. */
  readonly stop?: AbortSignal;
}

export type UnderLease<T> =
  | { readonly kind: 'worked'; readonly value: T }
  /** Somebody else has it. */
  | { readonly kind: 'taken' }
  /** It could not be found out in time. */
  | { readonly kind: 'expired' };

/**
 * Does some work while it holds a lease: acquires it, renews it every third of its duration,
 * releases it when the work ends, however it ends. A free one costs a read and 2 writes, each
 * renewal one more. `deadline` is that of acquiring and releasing; the work has its own.
 */
export async function underLease<T>(
  engine: Engine,
  { name, durationMs, takeOver, stop }: LeaseInput,
  deadline: Deadline,
  work: (held: HeldLease) => Promise<T>,
): Promise<UnderLease<T>> {
  const { clock, ids } = engine.env;
  let sentAt = clock.monotonic();
  const perform = (request: LeaseRequest): Promise<LeaseReply> => {
    if (request.kind === 'put-lease') sentAt = clock.monotonic();
    return engine.performLease(request, stop);
  };
  // A name of its own: two works of one process exclude each other as those of two do.
  const input = { name, owner: ids.command(), address: '', durationMs, takeOver };
  const acquired = await drive(acquireLease, input, perform, deadline);
  if (acquired.kind !== 'held') return { kind: acquired.kind };
  const keeper = new Keeper(engine, acquired.lease, sentAt);
  try {
    return { kind: 'worked', value: await work(keeper) };
  } finally {
    await keeper.release(deadline);
  }
}

/** Keeps a lease until it is released, or lost. */
class Keeper implements HeldLease {
  readonly epoch: number;
  readonly #engine: Engine;
  readonly #lost = new AbortController();
  readonly #over = new AbortController();
  readonly #renewing: Promise<void>;
  readonly #watching: Promise<void>;
  /** Undefined: somebody else has it, or nobody can tell. */
  #lease: Lease | undefined;
  /** Until then nobody who watches it can take it. */
  #untilMs: number;

  constructor(engine: Engine, lease: Lease, sentAt: number) {
    this.epoch = lease.epoch;
    this.#engine = engine;
    this.#lease = lease;
    this.#untilMs = sentAt + lease.durationMs;
    this.#renewing = this.#renew(lease);
    // Whoever releases it meets the error.
    this.#renewing.catch(() => this.#lost.abort());
    this.#watching = this.#watch();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(deadline: Deadline): Promise<void> {
    this.#over.abort();
    await this.#watching;
    await this.#renewing;
    if (this.#lease === undefined) return;
    const free = { ...this.#lease, owner: '' };
    await drive(renewLease, free, this.#engine.performLease, deadline);
  }

  async #renew(first: Lease): Promise<void> {
    const { clock } = this.#engine.env;
    for (let lease = first; ;) {
      await clock.sleep(lease.durationMs / renewalsPerDuration, this.#over.signal);
      if (this.#over.signal.aborted) return;
      const begunAt = clock.monotonic();
      const inTime = deadlineIn(clock, this.#untilMs - begunAt);
      const renewed = await drive(renewLease, lease, this.#engine.performLease, inTime);
      if (renewed.kind === 'lost') {
        this.#lease = undefined;
        this.#lost.abort();
        return;
      }
      lease = renewed.lease;
      this.#lease = lease;
      this.#untilMs = begunAt + lease.durationMs;
    }
  }

  /** A renewal that hangs, or comes late, is none. */
  async #watch(): Promise<void> {
    const { clock } = this.#engine.env;
    while (!this.#over.signal.aborted) {
      const left = this.#untilMs - clock.monotonic();
      if (left <= 0) return this.#lost.abort();
      await clock.sleep(Math.ceil(left), this.#over.signal);
    }
  }
}

/** How often a lease is renewed in the time for which it must stand still. */
const renewalsPerDuration = 3;
