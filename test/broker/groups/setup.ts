import { awsPrices } from '../../../lib/core/log/placement.ts';
import { createBroker } from '../../../lib/broker/create-broker.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import type {
  AssignedPartition,
  Heartbeat,
  HeartbeatInput,
  TopicPartition,
} from '../../../lib/broker/group-types.ts';
import { Engine } from '../../../lib/engine/engine.ts';
import { maintainOnce } from '../../../lib/maintain/pass.ts';
import type { PassResult } from '../../../lib/maintain/pass.ts';
import type { MetadataTable } from '../../../lib/ports/metadata-table.ts';
import { StillClock } from '../../engine/budget-world.ts';
import { memoryEnv, otherProcess } from '../../engine/memory-env.ts';

/** What a suite runs on: an empty table, whatever it is made of. */
export type OpenTable = () => Promise<{
  readonly table: MetadataTable;
  readonly close: () => Promise<void>;
}>;

/** Chance as a test wants it: whether a member of several looks at all of them. */
class Chance {
  looks = false;
  next = (): number => (this.looks ? 0 : 0.999_999);
}

export interface GroupWorld {
  readonly broker: Broker;
  readonly engine: Engine;
  readonly clock: StillClock;
  readonly chance: Chance;
  /** Another process on the same store. */
  readonly other: () => { readonly broker: Broker; readonly engine: Engine };
  /** What is due is done. */
  readonly maintain: () => Promise<PassResult>;
}

/** Brokers on one table, in a time that stands still unless the test moves it. */
export function groupWorld(table: MetadataTable, offsetsRetentionMs?: number): GroupWorld {
  const clock = new StillClock();
  const chance = new Chance();
  const env = memoryEnv({ table, clock, random: chance });
  const other = () => {
    const engine = new Engine(otherProcess(env), {
      prices: awsPrices,
      onError: (error) => {
        throw error;
      },
      ...(offsetsRetentionMs === undefined ? {} : { offsetsRetentionMs }),
    });
    return { engine, broker: createBroker(engine) };
  };
  const { engine, broker } = other();
  const maintain = () => maintainOnce(engine, { expired: () => false }, { takeOver: true });
  return { broker, engine, clock, chance, other, maintain };
}

type Base = Pick<HeartbeatInput, 'group' | 'memberId' | 'subscription'> & Partial<HeartbeatInput>;

/** One member as a client would be it: it works on what it was told last, and says so. */
export class TestMember {
  epoch = 0;
  assignment: readonly AssignedPartition[] = [];
  intervalMs = 0;
  readonly #broker: Broker;
  readonly #base: Base;
  #number = 0;

  constructor(broker: Broker, base: Base) {
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
    const input = { ...this.#who, memberEpoch: this.epoch, owned: this.owned, ...parts };
    return this.#told(await this.#broker.heartbeat(input));
  }

  leave(parts: Partial<HeartbeatInput> = {}): Promise<Heartbeat> {
    const input = { ...this.#who, memberEpoch: -1, lastEpoch: this.epoch, ...parts };
    return this.#broker.heartbeat(input);
  }

  /** Undefined, or the error of the first partition that was refused. */
  async commit(
    offset: bigint,
    partitions = this.owned,
    commitNumber = this.nextNumber(),
  ): Promise<string | undefined> {
    const { group, ...member } = this.#who;
    const outcomes = await this.#broker.commitOffsets({
      group,
      member: { ...member, memberEpoch: this.epoch },
      offsets: partitions.map((one) => ({ ...one, offset })),
      commitNumber,
    });
    return outcomes.find(({ error }) => error !== undefined)?.error;
  }

  /** Of its next commit. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  get #who(): Pick<HeartbeatInput, 'group' | 'memberId' | 'instanceId'> {
    const { group, memberId, instanceId } = this.#base;
    return { group, memberId, ...(instanceId === undefined ? {} : { instanceId }) };
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

/** Partitions of all members together, which nobody shares. */
export const allNames = (members: readonly TestMember[]): readonly string[] =>
  members.flatMap(({ names }) => names).toSorted();
