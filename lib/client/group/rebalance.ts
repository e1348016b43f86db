import type { AssignedPartition } from '../../broker/group-types.ts';
import { together } from '../../engine/together.ts';
import { nameOf } from '../consumer/positions.ts';
import type { Reading } from '../consumer/reading.ts';
import type { TopicPartition } from '../types.ts';
import { Owned } from './owned.ts';
import { reconcile } from './reconcile.ts';

type Listener = (partitions: readonly TopicPartition[]) => Promise<void> | void;

export interface RebalanceParts {
  readonly reading: Pick<Reading<unknown, unknown>, 'replace' | 'resume' | 'moved'>;
  readonly offsetReset: 'beginning' | 'end' | 'error';
  readonly onAssigned: Listener | undefined;
  readonly onRevoked: Listener | undefined;
  readonly onLost: Listener | undefined;
  /** Something was let go: the group is to be told. */
  readonly onRelease: () => void;
  /** A listener threw. */
  readonly onFailure: (error: unknown) => void;
}

interface Leaving {
  readonly going: readonly Owned[];
  readonly left: Promise<void>;
}

/**
 * What a member holds, and how it comes and goes. Each partition is told to the listeners as
 * assigned, then as revoked or lost, one call after the other; it is handed out in between only,
 * and goes when nobody works on it any more.
 */
export class Rebalance {
  readonly #parts: RebalanceParts;
  readonly #held = new Map<string, Owned>();
  /** Given up, and the group does not know yet. */
  #letGo: readonly Owned[] = [];
  /** Those that go, by name: what comes back under the name waits for them. */
  readonly #leaving = new Map<string, Leaving>();
  /** Listeners are called one after the other. */
  #calls: Promise<void> = Promise.resolve();
  #isClosing = false;

  constructor(parts: RebalanceParts) {
    this.#parts = parts;
  }

  get held(): readonly Owned[] {
    return [...this.#held.values()];
  }

  get letGo(): readonly Owned[] {
    return this.#letGo;
  }

  of(partition: TopicPartition): Owned | undefined {
    return this.#held.get(nameOf(partition));
  }

  /** The group knows that they were let go. */
  released(partitions: readonly Owned[]): void {
    this.#letGo = this.#letGo.filter((one) => !partitions.includes(one));
  }

  apply(assignment: readonly AssignedPartition[]): void {
    // What was let go since the call was sent is still its own by the answer.
    const { gained, revoked, lost } = reconcile([...this.held, ...this.#letGo], assignment);
    this.#lose(lost);
    this.#revoke(revoked);
    if (!this.#isClosing) this.#gain(gained);
  }

  /** The group takes this member for gone: somebody else has them, or will have. */
  loseAll(): void {
    this.#lose([...this.held, ...this.#letGo]);
  }

  /** All of them go, and none comes any more. Resolves when they may be left. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#revoke(this.held.filter(({ isGoing }) => !isGoing));
    await together([...this.#leaving.values()].map(({ left }) => left));
    await this.#calls;
  }

  #gain(gained: readonly AssignedPartition[]): void {
    const coming = gained.map((grant) => new Owned(grant, this.#parts.offsetReset));
    for (const one of coming) this.#held.set(nameOf(one), one);
    const later = coming.filter((one) => this.#leaving.has(nameOf(one)));
    const now = coming.filter((one) => !later.includes(one));
    if (now.length > 0) void this.#assign(now);
    for (const one of later) void this.#assign([one], this.#leaving.get(nameOf(one))?.left);
  }

  async #assign(coming: readonly Owned[], after?: Promise<void>): Promise<void> {
    await after;
    await this.#call(this.#parts.onAssigned, () => {
      const here = coming.filter(({ isOpen }) => isOpen);
      for (const one of here) {
        one.isTold = true;
        one.isShown = true;
      }
      this.#show();
      return here;
    });
    for (const one of coming) one.open();
    this.#parts.reading.moved();
  }

  #revoke(going: readonly Owned[]): void {
    for (const one of going) {
      one.isGoing = true;
      one.shut();
    }
    this.#leave(going, async () => {
      await this.#call(this.#parts.onRevoked, () => untold(going.filter(({ isLost }) => !isLost)));
      // Those of which nobody was told, too; not those that were lost meanwhile.
      const gone = going.filter((one) => this.#held.get(nameOf(one)) === one);
      this.#letGo = [...this.#letGo, ...gone];
      this.#remove(gone);
      this.#parts.onRelease();
    });
  }

  #lose(lost: readonly Owned[]): void {
    for (const one of lost) {
      one.isLost = true;
      one.shut();
    }
    this.#letGo = this.#letGo.filter(({ isLost }) => !isLost);
    this.#remove(lost);
    this.#leave(lost, () => this.#call(this.#parts.onLost, () => untold(lost)));
  }

  /** When nobody works on them any more. */
  #leave(going: readonly Owned[], end: () => Promise<void>): void {
    if (going.length === 0) return;
    const before = going.map((one) => this.#leaving.get(nameOf(one))?.left);
    const left = this.#whenIdle(going, before, end);
    for (const one of going) this.#leaving.set(nameOf(one), { going, left });
  }

  async #whenIdle(
    going: readonly Owned[],
    before: readonly (Promise<void> | undefined)[],
    end: () => Promise<void>,
  ): Promise<void> {
    await together(going.map((one) => one.idle()));
    for (const left of before) await left;
    await end();
    for (const name of going.map(nameOf)) {
      if (this.#leaving.get(name)?.going === going) this.#leaving.delete(name);
    }
  }

  /** `which`: asked when its turn comes. */
  #call(listener: Listener | undefined, which: () => readonly Owned[]): Promise<void> {
    this.#calls = this.#told(this.#calls, listener, which);
    return this.#calls;
  }

  async #told(
    before: Promise<void>,
    listener: Listener | undefined,
    which: () => readonly Owned[],
  ): Promise<void> {
    await before;
    const partitions = which().map(({ topic, partition }) => ({ topic, partition }));
    try {
      if (partitions.length > 0) await listener?.(partitions);
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }

  #remove(gone: readonly Owned[]): void {
    if (gone.length === 0) return;
    for (const one of gone) {
      if (this.of(one) === one) this.#held.delete(nameOf(one));
    }
    this.#show();
    // Who gets it again begins afresh.
    this.#parts.reading.resume(gone);
  }

  #show(): void {
    const here = [...this.#held].filter(([, { isShown }]) => isShown);
    this.#parts.reading.replace(new Map(here.map(([name, { reader }]) => [name, reader])));
  }
}

/** Those that a listener was told of; it is told once that they go. */
function untold(partitions: readonly Owned[]): readonly Owned[] {
  const told = partitions.filter(({ isTold }) => isTold);
  for (const one of told) one.isTold = false;
  return told;
}
