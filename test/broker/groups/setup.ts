import type {
  AssignedPartition,
  Heartbeat,
  HeartbeatInput,
  TopicPartition,
} from '../../../lib/broker/group-types.ts';
import type { Broker } from '../../../lib/broker/broker.ts';

/** One member as a client would be it: it works on what it was told last, and says so. */
export class TestMember {
  epoch = 0;
  assignment: readonly AssignedPartition[] = [];
  intervalMs = 0;
  readonly #broker: Broker;
  readonly #base: Pick<HeartbeatInput, 'group' | 'memberId' | 'instanceId' | 'subscription'>;
  #number = 0;

  constructor(
    broker: Broker,
    base: Pick<HeartbeatInput, 'group' | 'memberId' | 'subscription'> & Partial<HeartbeatInput>,
  ) {
    this.#broker = broker;
    this.#base = base;
  }

  get owned(): readonly TopicPartition[] {
    return this.assignment.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** As `topic/partition`, in their order. */
  get names(): readonly string[] {
    return this.owned.map(({ topic, partition }) => `${topic}/${partition}`).toSorted();
  }

  async join(): Promise<Heartbeat> {
    return this.#told(await this.#broker.heartbeat({ ...this.#base, memberEpoch: 0 }));
  }

  async beat(parts: Partial<HeartbeatInput> = {}): Promise<Heartbeat> {
    const { subscription: _, ...base } = this.#base;
    const input = { ...base, memberEpoch: this.epoch, owned: this.owned, ...parts };
    return this.#told(await this.#broker.heartbeat(input));
  }

  leave(parts: Partial<HeartbeatInput> = {}): Promise<Heartbeat> {
    const { subscription: _, ...base } = this.#base;
    return this.#broker.heartbeat({ ...base, memberEpoch: -1, lastEpoch: this.epoch, ...parts });
  }

  /** Undefined, or the error of the first partition that was refused. */
  async commit(offset: bigint, partitions = this.owned): Promise<string | undefined> {
    this.#number += 1;
    const { group, memberId, instanceId } = this.#base;
    const outcomes = await this.#broker.commitOffsets({
      group,
      member: {
        memberId,
        memberEpoch: this.epoch,
        ...(instanceId === undefined ? {} : { instanceId }),
      },
      offsets: partitions.map((one) => ({ ...one, offset })),
      commitNumber: this.#number,
    });
    return outcomes.find(({ error }) => error !== undefined)?.error;
  }

  #told(heartbeat: Heartbeat): Heartbeat {
    this.epoch = heartbeat.memberEpoch;
    this.assignment = heartbeat.assignment;
    this.intervalMs = heartbeat.heartbeatIntervalMs;
    return heartbeat;
  }
}

/** Beats of all, one after the other, until each is told to wait. */
export async function settle(members: readonly TestMember[], rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const member of members) await member.beat();
    if (members.every(({ intervalMs }) => intervalMs > 1_000)) return;
  }
  throw new Error(`not settled after rounds=${rounds}`);
}
