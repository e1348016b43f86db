import { lookAround } from '../core/group/look-around.ts';
import type { LookAroundInput, LookAroundResult } from '../core/group/look-around.ts';
import type { RebalanceInput } from '../core/group/rebalance.ts';
import type { GroupReply, GroupRequest } from '../core/group/requests.ts';
import type { Machine } from '../core/machine.ts';
import type { Environment } from '../ports/environment.ts';
import { drive } from './driver.ts';
import type { Deadline } from './driver.ts';
import { GroupList } from './group-list.ts';
import { MemberSights } from './member-sights.ts';
import { groupPerformer } from './perform-group.ts';
import type { TopicList, TopicViews } from './topic-views.ts';

/** Clocks that differ by more say nothing of the time (I9). */
const clockSkewMsMax = 5 * 60 * 1000;

export interface GroupsOptions {
  readonly topics: TopicViews;
  /** Of work that begins now. */
  readonly deadline: () => Deadline;
  readonly offsetsRetentionMs: number;
}

/** A process's work for consumer groups: it drives their machines, on the store's time. */
export class Groups {
  readonly topics: TopicViews;
  readonly list: GroupList;
  readonly members = new MemberSights();
  /** How long offsets are kept of a group without members. */
  readonly offsetsRetentionMs: number;
  readonly #env: Environment;
  readonly #deadline: () => Deadline;

  constructor(env: Environment, { topics, deadline, offsetsRetentionMs }: GroupsOptions) {
    this.#env = env;
    this.#deadline = deadline;
    this.topics = topics;
    this.offsetsRetentionMs = offsetsRetentionMs;
    this.list = new GroupList(env, deadline);
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

  /** Whether the local clock and the store's agree: else nothing is ended by time. */
  trustsClock(): boolean {
    const { clock } = this.#env;
    return Math.abs(clock.now() - clock.serviceNow()) <= clockSkewMsMax;
  }

  /** What a rebalance needs to know, beside who joins. */
  rebalanceInput(group: string, { all }: TopicList): Omit<RebalanceInput, 'joiner'> {
    return { group, id: this.#env.ids.object(), topics: all, nowMs: this.nowMs() };
  }

  async lookInput(group: string): Promise<LookAroundInput> {
    const input = this.rebalanceInput(group, await this.topics.recent());
    return { ...input, joiner: undefined, trustsClock: this.trustsClock() };
  }

  /** Looks at all members: evicts, computes the target anew, tidies up. */
  async lookAround(group: string): Promise<LookAroundResult> {
    return this.run(lookAround, await this.lookInput(group));
  }
}
