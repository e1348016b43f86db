import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitOffsets } from '../../../lib/core/group/commit.ts';
import { memberName, ownersIn, partitionName } from '../../../lib/core/group/group.ts';
import { heartbeat } from '../../../lib/core/group/heartbeat.ts';
import { joinGroup } from '../../../lib/core/group/join.ts';
import { lookAround } from '../../../lib/core/group/look-around.ts';
import type { Machine, Step } from '../../../lib/core/machine.ts';
import type { PartitionKey } from '../../../lib/core/log/partition-key.ts';
import { accepting, checkPartition, effective } from '../../sim/explorer/groups/check.ts';
import { emptyWorld, execute } from '../../sim/explorer/groups/world.ts';
import type { SimReply, SimRequest, World } from '../../sim/explorer/groups/world.ts';
import { Seeded } from '../../engine/seeded.ts';
import { at, committed, topic } from './build.ts';

/*
 * The explorer visits everything of one partition; this, some of several: members, looks and
 * evictions whose calls are made one by one in an order by chance, some of them unanswered.
 */

const partitions = Array.from({ length: 7 }, (_, i) => at(i));
const topics = [topic('t', partitions.length)];
const subscription = { kind: 'names', names: ['t'] } as const;
const sessionMs = 45_000;

type Routine = Generator<readonly SimRequest[], void, readonly SimReply[]>;

/** Asks what a machine asks, until it ends. */
function* of<Input, State, Request extends SimRequest, Reply, Result>(
  machine: Machine<Input, State, Request, Reply, Result>,
  input: Input,
): Generator<readonly SimRequest[], Result, readonly SimReply[]> {
  let step: Step<State, Request, Result> = machine.start(input);
  while (step.kind === 'ask') {
    const replies = yield step.requests;
    // The replies are to requests that this very machine made.
    step = machine.step(step.state, replies as readonly Reply[], false);
  }
  return step.result;
}

class Group {
  world: World = emptyWorld;
  nowMs = 0;
  readonly acknowledged = new Map<string, number>();
  readonly #late: SimRequest[] = [];
  #ids = 0;

  /** Does a request, or not yet, or does not say. */
  call(request: SimRequest, luck: number): SimReply {
    const isWrite = request.kind === 'join' || /^(put|delete)-(?!target)/.test(request.kind);
    if (isWrite && luck < 0.05) this.#late.push(request);
    const reply = isWrite && luck < 0.05 ? undefined : this.#do(request);
    const isLost = isWrite && luck < 0.1;
    const outcome = { kind: 'indeterminate', cause: 'test' } as const;
    return isLost || reply === undefined ? ({ kind: request.kind, outcome } as SimReply) : reply;
  }

  land(luck: number): void {
    const [request] = this.#late.splice(Math.floor(luck * this.#late.length), 1);
    if (request !== undefined) this.#do(request);
  }

  #do(request: SimRequest): SimReply {
    const { world, reply } = execute(this.world, request);
    for (const one of partitions) checkPartition(this.world, world, one);
    this.world = world;
    return reply;
  }

  id(): string {
    this.#ids += 1;
    return `id${this.#ids}x`;
  }

  *member(memberId: string): Routine {
    let epoch = 0;
    let owned: readonly PartitionKey[] = [];
    for (;;) {
      if (epoch === 0) epoch = yield* this.#join(memberId);
      const beat = { group: 'g', memberId, instanceId: undefined, epoch, owned, offsets: [] };
      const result = yield* of(heartbeat, { ...beat, subscription: undefined, nowMs: this.nowMs });
      if (result.kind === 'refused') [epoch, owned] = [0, []];
      if (result.kind !== 'beat') continue;
      ({ epoch, assigned: owned } = result);
      yield* this.#commit(memberId, epoch, owned);
    }
  }

  *#join(memberId: string) {
    const name = memberName(memberId, undefined);
    const client = { group: 'g', memberId, clientId: '', clientHost: '', subscription };
    const times = { sessionMs, rebalanceMs: 600_000, beatMs: this.nowMs };
    const joiner = { ...client, ...times, name, assignor: undefined };
    const input = { group: 'g', id: this.id(), topics, joiner, nowMs: this.nowMs };
    const result = yield* of(joinGroup, input);
    return result.kind === 'joined' ? Number(result.key.split('@').at(-1)) : 0;
  }

  /** One more than what stands, for all that it owns. */
  *#commit(memberId: string, epoch: number, owned: readonly PartitionKey[]) {
    const commits = owned.map((one) => ({
      ...one,
      committed: committed(effective(this.world, one) + 1),
      n: undefined,
    }));
    const base = { group: 'g', memberId, instanceId: undefined, epoch, commits };
    const result = yield* of(commitOffsets, { ...base, member: undefined, nowMs: this.nowMs });
    if (result.kind !== 'judged') return;
    for (const [i, commit] of commits.entries()) {
      if (result.verdicts[i] !== 'accepted') continue;
      const name = partitionName(commit);
      const before = this.acknowledged.get(name) ?? -1;
      this.acknowledged.set(name, Math.max(before, Number(commit.committed.offset)));
    }
  }

  *looks(): Routine {
    for (;;) {
      const input = { group: 'g', id: this.id(), topics, joiner: undefined, nowMs: this.nowMs };
      yield* of(lookAround, { ...input, trustsClock: true });
    }
  }

  /** Each partition has its owner, who is the one that the target says. */
  isSettled(): boolean {
    const { state, targets } = this.world;
    const target = state && targets.get(state.target);
    if (target === undefined) return false;
    const owners = ownersIn(target);
    return partitions.every((one) => {
      const [owner, other] = accepting(this.world, one);
      return other === undefined && owner?.member.key === owners.get(partitionName(one));
    });
  }

  missing(): readonly string[] {
    return partitions
      .filter(
        (one) => effective(this.world, one) < (this.acknowledged.get(partitionName(one)) ?? -1),
      )
      .map((one) => partitionName(one));
  }
}

/** A routine whose requests are answered one by one. */
class Actor {
  readonly #routine: Routine;
  #requests: readonly SimRequest[];
  #replies: SimReply[] = [];

  constructor(routine: Routine) {
    this.#routine = routine;
    this.#requests = routine.next().value ?? [];
  }

  step(group: Group, luck: number): void {
    const request = this.#requests[this.#replies.length];
    if (request !== undefined) this.#replies.push(group.call(request, luck));
    if (this.#replies.length < this.#requests.length) return;
    this.#requests = this.#routine.next(this.#replies).value ?? [];
    this.#replies = [];
  }
}

test('each of several partitions has one owner, its offset never goes back, and all is settled', () => {
  const turns = fc.array(
    fc.record({
      who: fc.nat(5),
      luck: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
    { minLength: 300, maxLength: 1_500 },
  );
  fc.assert(
    fc.property(turns, fc.integer(), (given, seed) => {
      const group = new Group();
      const members = ['x', 'y', 'z'].map((name) => new Actor(group.member(name)));
      const actors = [...members, new Actor(group.looks())];
      for (const { who, luck } of given) {
        if (who === 4) group.land(luck);
        // Time passes; seldom so much that members are evicted.
        if (who === 5) group.nowMs += luck < 0.95 ? 100 : 30_000;
        actors[who]?.step(group, luck);
        expect(group.missing()).toEqual([]);
      }
      expect(turnsUntilSettled(group, actors, new Seeded(seed))).toBeLessThan(turnsMax);
      expect(group.missing()).toEqual([]);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

/** Turns that all members together take, whose time is left to them. */
const turnsMax = 20_000;

/** No call goes wrong any more, and whose turn it is is chance: everybody commits all the time. */
function turnsUntilSettled(group: Group, actors: readonly Actor[], random: Seeded): number {
  let turns = 0;
  while (turns < turnsMax && !group.isSettled()) {
    turns += 1;
    const who = Math.floor(random.next() * (actors.length + 1));
    if (who === actors.length) group.land(random.next());
    actors[who]?.step(group, 1);
  }
  return turns;
}
