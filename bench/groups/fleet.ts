import { noMetrics } from '../../lib/adapters/system/no-metrics.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { Heartbeat, TopicPartition } from '../../lib/broker/group-types.ts';
import { awsPrices } from '../../lib/core/log/placement.ts';
import { Engine } from '../../lib/engine/engine.ts';
import { ProtocolError } from '../../lib/protocol/errors.ts';
import { Seeded, seededIds } from '../../test/engine/seeded.ts';
import { Scheduler } from '../../test/sim/world/scheduler.ts';
import { Cloud } from '../contention/cloud.ts';
import type { Call } from '../contention/cloud.ts';
import { clockOf } from '../contention/scheduled-clock.ts';

const group = 'bench';
const topic = 'bench';
/** A client tries again so long after a refusal. */
const retryMs = 500;

interface Home {
  readonly broker: Broker;
  readonly scheduler: Scheduler;
  /** It beats at least so often. */
  readonly beatMs: number;
}

/** One consumer in a process of its own. It works on what it was told last, and processes nothing. */
export class FleetMember {
  readonly memberId: string;
  owned: readonly TopicPartition[] = [];
  /** 0 until it has joined. */
  intervalMs = 0;
  beats = 0;
  refused = 0;
  isDead = false;
  #epoch = 0;
  readonly #broker: Broker;
  readonly #scheduler: Scheduler;
  readonly #beatMs: number;

  constructor({ broker, scheduler, beatMs }: Home, memberId: string) {
    this.#broker = broker;
    this.#scheduler = scheduler;
    this.#beatMs = beatMs;
    this.memberId = memberId;
  }

  get isSettled(): boolean {
    return this.intervalMs > 1_000;
  }

  /** Joins, and beats as it is told, until it is dead. */
  async live(): Promise<void> {
    while (!this.isDead) {
      const hadMore = await this.#call();
      // What it gave up it says at once.
      const waitMs = this.intervalMs === 0 ? retryMs : Math.min(this.intervalMs, this.#beatMs);
      if (!hadMore) await this.#scheduler.sleep(waitMs);
    }
  }

  async leave(): Promise<void> {
    this.isDead = true;
    this.owned = [];
    await this.#broker.heartbeat({ group, memberId: this.memberId, memberEpoch: -1 });
  }

  /** True: it has given something up, which nobody knows yet. */
  async #call(): Promise<boolean> {
    try {
      const told = await this.#beat();
      this.beats += 1;
      const left = told.assignment.map(({ partition }) => ({ topic, partition }));
      const kept = new Set(left.map(({ partition }) => partition));
      const hadMore = this.owned.some(({ partition }) => !kept.has(partition));
      if (this.isDead) return false;
      this.owned = left;
      this.#epoch = told.memberEpoch;
      this.intervalMs = told.heartbeatIntervalMs;
      return hadMore;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.refused += 1;
      this.intervalMs = 0;
      if (error.kafka === 'UNKNOWN_MEMBER_ID') this.#epoch = 0;
      return false;
    }
  }

  #beat(): Promise<Heartbeat> {
    const { memberId, owned } = this;
    const who = { group, memberId, memberEpoch: this.#epoch };
    return this.#broker.heartbeat(
      this.#epoch === 0 ? { ...who, subscription: [topic] } : { ...who, owned },
    );
  }
}

/** Members of one group on the stores of AWS, in virtual time. */
export class Fleet {
  readonly scheduler = new Scheduler();
  readonly members: FleetMember[] = [];
  readonly partitions: number;
  readonly #beatMs: number;
  calls: Call[] = [];
  readonly #cloud: Cloud;
  readonly #random: Seeded;

  constructor(partitions: number, beatMs: number, seed: number) {
    this.partitions = partitions;
    this.#beatMs = beatMs;
    this.#cloud = new Cloud(this.scheduler, seed);
    this.#random = new Seeded(seed);
  }

  #process(): Broker {
    const { scheduler } = this;
    const random = new Seeded(this.#random.int(1, 2 ** 30));
    const env = {
      ...this.#cloud.connect((call) => void this.calls.push(call)),
      clock: clockOf(scheduler),
      random,
      ids: seededIds(random),
      metrics: noMetrics,
    };
    const onError = (error: unknown): void => {
      throw error;
    };
    return createBroker(new Engine(env, { prices: awsPrices, onError }));
  }

  /** Lets time pass until this has come. */
  async until(is: () => boolean): Promise<void> {
    const eventsMax = 50_000_000;
    if (!(await this.scheduler.run(is, eventsMax))) throw new Error('nothing is left to happen');
  }

  async createTopic(): Promise<void> {
    let isThere = false;
    const creating = this.#process().createTopic({ name: topic, partitions: this.partitions });
    void creating.finally(() => {
      isThere = true;
    });
    await this.until(() => isThere);
  }

  /** So many more members, that all begin now. */
  start(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const home = { broker: this.#process(), scheduler: this.scheduler, beatMs: this.#beatMs };
      const member = new FleetMember(home, `member-${this.members.length}`);
      this.members.push(member);
      void member.live();
    }
  }

  get alive(): readonly FleetMember[] {
    return this.members.filter(({ isDead }) => !isDead);
  }

  /** Every partition is worked on by a member that is alive. */
  get isServed(): boolean {
    return this.alive.reduce((sum, { owned }) => sum + owned.length, 0) === this.partitions;
  }

  get isStable(): boolean {
    return this.isServed && this.alive.every(({ isSettled }) => isSettled);
  }

  async pass(ms: number): Promise<void> {
    const at = this.scheduler.nowMs + ms;
    await this.until(() => this.scheduler.nowMs >= at);
  }
}
