import { lookAround } from '../core/group/look-around.ts';
import type { LookAroundResult } from '../core/group/look-around.ts';
import type { RebalanceInput } from '../core/group/rebalance.ts';
import type { GroupReply, GroupRequest } from '../core/group/requests.ts';
import type { Machine } from '../core/machine.ts';
import type { Environment } from '../ports/environment.ts';
import { drive } from './driver.ts';
import type { Deadline } from './driver.ts';
import { MemberSights } from './member-sights.ts';
import { groupPerformer } from './perform-group.ts';
import type { TopicList, TopicViews } from './topic-views.ts';

/** Clocks that differ by more say nothing of the time (I9). */
const clockSkewMsMax = 5 * 60 * 1000;

/** A process's work for consumer groups: it drives their machines, on the store's time. */
export class Groups {
  readonly topics: TopicViews;
  readonly members = new MemberSights();
  readonly #env: Environment;
  readonly #deadline: () => Deadline;

  constructor(env: Environment, topics: TopicViews, deadline: () => Deadline) {
    this.#env = env;
    this.#deadline = deadline;
    this.topics = topics;
  }

  run<Input, State, Result>(
    machine: Machine<Input, State, GroupRequest, GroupReply, Result>,
    input: Input,
  ): Promise<Result> {
    return drive(machine, input, groupPerformer(this.#env), this.#deadline());
  }

  /** The store's time. */
  nowMs(): number {
    return this.#env.clock.serviceNow();
  }

  /** What a rebalance needs to know, beside who joins. */
  rebalanceInput(group: string, { all }: TopicList): Omit<RebalanceInput, 'joiner'> {
    return { group, id: this.#env.ids.object(), topics: all, nowMs: this.nowMs() };
  }

  /** Looks at all members: evicts, computes anew, tidies up. */
  lookAround(group: string, topics: TopicList): Promise<LookAroundResult> {
    const { clock } = this.#env;
    const trustsClock = Math.abs(clock.now() - clock.serviceNow()) <= clockSkewMsMax;
    const input = this.rebalanceInput(group, topics);
    return this.run(lookAround, { ...input, joiner: undefined, trustsClock });
  }
}
