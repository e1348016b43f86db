import type { TopicPartition } from '../../lib/broker/group-types.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import { World } from '../../test/engine/budget-world.ts';
import type { Counted } from './count.ts';

const partitionsEach = 40;
const group = 'g';
const topic = 't';
const measuredMs = 60 * 60 * 1_000;
const monthMs = 30 * 24 * 60 * 60 * 1_000;

/** One member, with 40 partitions as all of its group, that beats every so often and commits nothing. */
export interface CountedMember extends Counted {
  readonly intervalMs: number;
  /** A month of 30 days. */
  readonly calls: number;
}

class Member {
  readonly #broker: Broker;
  readonly #memberId: string;
  #epoch = 0;
  #owned: readonly TopicPartition[] = [];
  #commits = 0;

  constructor(broker: Broker, memberId: string) {
    this.#broker = broker;
    this.#memberId = memberId;
  }

  async beat(): Promise<void> {
    const who = { group, memberId: this.#memberId, memberEpoch: this.#epoch };
    const told = await this.#broker.heartbeat(
      this.#epoch === 0 ? { ...who, subscription: [topic] } : { ...who, owned: this.#owned },
    );
    this.#epoch = told.memberEpoch;
    this.#owned = told.assignment.map(({ partition }) => ({ topic, partition }));
  }

  async commit(): Promise<void> {
    this.#commits += 1;
    const outcomes = await this.#broker.commitOffsets({
      group,
      member: { memberId: this.#memberId, memberEpoch: this.#epoch },
      offsets: this.#owned.map((at) => ({ ...at, offset: BigInt(9_000_000 + this.#commits) })),
      commitNumber: this.#commits,
    });
    const failed = outcomes.find(({ error }) => error !== undefined);
    if (failed !== undefined) throw new Error(`not committed: ${JSON.stringify(failed)}`);
  }
}

/** A group that has settled, in one process. */
async function settled(members: number) {
  const world = new World();
  const { broker } = world.start();
  await broker.createTopic({ name: topic, partitions: members * partitionsEach });
  const all = Array.from({ length: members }, (_, i) => new Member(broker, `member-${i}`));
  for (let round = 0; round < 20; round += 1) {
    for (const member of all) await member.beat();
    world.clock.ms += 2_000;
  }
  return { world, all };
}

export async function countMember(intervalMs: number, members: number): Promise<CountedMember> {
  const { world, all } = await settled(members);
  let calls = 0;
  const bill = await world.bill(async () => {
    for (const until = world.clock.ms + measuredMs; world.clock.ms < until;) {
      for (const member of all) {
        world.clock.ms += intervalMs / members;
        await member.beat();
        calls += 1;
      }
    }
  });
  return {
    what: `every ${intervalMs / 1_000} s, ${members === 1 ? 'alone' : `of ${members}`}`,
    intervalMs,
    calls: monthMs / intervalMs,
    bytes: 2 * 1024,
    readUnits: bill.readUnits / calls,
    writeUnits: bill.writeUnits / calls,
    puts: 0,
    gets: 0,
    tableCalls: (bill.reads + bill.writes) / calls,
  };
}

/** One commit of a member for its 40 partitions. */
export async function countCommit(): Promise<Counted> {
  const { world, all } = await settled(10);
  const rounds = 20;
  const bill = await world.bill(async () => {
    for (let round = 0; round < rounds; round += 1) for (const member of all) await member.commit();
  });
  const calls = rounds * all.length;
  return {
    what: `${partitionsEach} partitions`,
    bytes: 2 * 1024,
    readUnits: bill.readUnits / calls,
    writeUnits: bill.writeUnits / calls,
    puts: 0,
    gets: 0,
    tableCalls: (bill.reads + bill.writes) / calls,
  };
}
