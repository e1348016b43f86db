import type { OffsetToCommit, PartitionOutcome } from '../../broker/group-types.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { ClientContext } from '../context.ts';
import { nameOf } from '../consumer/positions.ts';
import { retryRead } from '../retries.ts';
import type { Owned } from './owned.ts';

/** What a member says it has processed, under a number of its own: a repetition has the same. */
export interface Commit {
  readonly number: number;
  readonly offsets: readonly OffsetToCommit[];
  /** By the offsets; undefined for one that is not its own. */
  readonly of: readonly (Owned | undefined)[];
}

/** Who commits, as the group knows it. */
export interface Committer {
  readonly group: string;
  readonly member: {
    readonly memberId: string;
    readonly instanceId?: string;
    readonly memberEpoch: number;
  };
}

/** As a member names what it was assigned: not a topic that was made anew under the name. */
export const keyOf = ({ topic, partition, topicId }: Owned) => ({ topic, partition, topicId });

/** Makes commits, in the order of their numbers, and learns what became of them. */
export class Commits {
  readonly #context: ClientContext;
  #number = 0;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** What was processed and not committed; undefined: nothing new. */
  draft(partitions: readonly Owned[]): Commit | undefined {
    const of = partitions.filter(({ toCommit }) => toCommit !== undefined);
    if (of.length === 0) return undefined;
    const offsets = of.map((one) => ({ ...keyOf(one), offset: one.toCommit ?? 0n }));
    return this.#numbered(offsets, of);
  }

  /** What somebody says. */
  explicit(offsets: readonly OffsetToCommit[], held: readonly Owned[]): Commit {
    const own = new Map(held.map((one) => [nameOf(one), one]));
    const of = offsets.map((one) => own.get(nameOf(one)));
    const named = offsets.map((one, at) => {
      const owned = of[at];
      return owned === undefined ? one : { ...one, ...keyOf(owned) };
    });
    return this.#numbered(named, of);
  }

  /** In a call of its own, again until it is told. `committer` is asked before each try. */
  async send(commit: Commit, committer: () => Committer, signal: AbortSignal): Promise<void> {
    const { offsets, number: commitNumber } = commit;
    let before: OutcomeUnknown | undefined;
    const once = async (): Promise<void> => {
      const input = { ...committer(), offsets, commitNumber };
      const outcomes = await this.#context.transport.commitOffsets(input);
      const unknown = outcomes.find(({ error }) => error === 'REQUEST_TIMED_OUT');
      if (unknown !== undefined) throw new OutcomeUnknown(nameOf(unknown), false);
      this.settle(commit, outcomes);
      for (const { error, message } of outcomes) {
        if (error !== undefined) throw new ProtocolError(error, message ?? 'not committed');
      }
    };
    const noting = (): Promise<void> =>
      once().catch((error: unknown) => {
        if (error instanceof OutcomeUnknown) before = error;
        throw error;
      });
    await retryRead(this.#context, noting, signal).catch((error: unknown) => {
      // That a repetition was refused says nothing of what was sent before.
      throw error instanceof ProtocolError ? (before ?? error) : error;
    });
  }

  /** `outcomes` in the order of its offsets. */
  settle({ number, offsets, of }: Commit, outcomes: readonly PartitionOutcome[]): void {
    for (const [at, one] of of.entries()) {
      const { offset } = offsets[at] ?? {};
      const outcome = outcomes[at];
      if (offset === undefined || outcome === undefined || outcome.error !== undefined) continue;
      one?.committed(offset, number);
    }
  }

  #numbered(offsets: readonly OffsetToCommit[], of: readonly (Owned | undefined)[]): Commit {
    this.#number += 1;
    return { number: this.#number, offsets, of };
  }
}
