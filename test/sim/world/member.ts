import type { Broker } from '../../../lib/broker/broker.ts';
import type {
  AssignedPartition,
  Heartbeat,
  HeartbeatInput,
  OffsetToCommit,
  PartitionOutcome,
} from '../../../lib/broker/group-types.ts';
import { ProtocolError } from '../../../lib/protocol/errors.ts';
import { UnknownFormat } from '../../../lib/store/format.ts';
import type { Manner } from '../checker/group-history.ts';
import type { Poll } from '../checker/history.ts';
import type { Outcome } from '../checker/outcome.ts';
import { anyone, expected, giveUp, poll } from './clients.ts';
import type { Work } from './clients.ts';
import type { Answer } from './world.ts';

export type Subscription = NonNullable<HeartbeatInput['subscription']>;

export interface Identity {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId?: string;
  readonly manner: Manner;
  readonly subscription: Subscription;
}

/** A partition that it may work on. */
interface Owned extends AssignedPartition {
  /** Of the next record that it works on. */
  position: bigint;
  /** As it was told to be committed. */
  known: bigint;
}

/** An offset under way, to be told of by partition. */
interface Under {
  readonly log: string;
  readonly grant: number;
  readonly commit: OffsetToCommit;
}

/** Refusals that tell a member how things stand. Nothing was done. */
const fenced = new Set(['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH', 'FENCED_INSTANCE_ID']);

/**
 * A member of a group as a correct client is one: it stops with what is not assigned to it any more
 * and then says so, begins anew where the grant is another one, goes on where the group has
 * committed, numbers its commits, and repeats a call that was not answered.
 */
export class Member {
  readonly name: string;
  readonly identity: Identity;
  subscription: Subscription;
  /** Another process has its place, or it left. */
  over = false;
  readonly #work: Work;
  readonly #owned = new Map<string, Owned>();
  /** What it gave up, or could not commit before: goes with the next heartbeat. */
  #last = new Map<string, Under>();
  #memberId: string;
  #epoch = 0;
  #number = 0;
  #incarnation = 0;
  #beatAtMs = 0;
  #saysSubscription = true;

  constructor(work: Work, identity: Identity) {
    this.#work = work;
    this.identity = identity;
    this.name = identity.memberId;
    this.#memberId = identity.memberId;
    this.subscription = identity.subscription;
  }

  get memberId(): string {
    return this.#memberId;
  }

  get owned(): readonly Owned[] {
    return [...this.#owned.values()];
  }

  /** Has told its offsets, and been told that they are committed. */
  get isIdle(): boolean {
    const isDone = this.owned.every((one) => one.known === one.position);
    return this.#epoch > 0 && isDone && this.#last.size === 0 && !this.#saysSubscription;
  }

  subscribe(subscription: Subscription): void {
    this.subscription = subscription;
    this.#saysSubscription = true;
    this.#beatAtMs = 0;
  }

  /** One turn: beats if it is time to, works on one partition, and now and then commits. */
  async step(): Promise<void> {
    const { world } = this.#work;
    if (world.scheduler.nowMs >= this.#beatAtMs) await this.#beat(this.#epoch);
    if (this.over || this.#owned.size === 0) return;
    await this.#workOn(world.random.pick(this.owned));
    if (this.identity.manner === 'before' || !world.random.chance(0.5)) return;
    const committing = this.#commitAll();
    // Now and then the next one sets out before this one is answered.
    if (world.random.chance(0.7)) await committing;
  }

  /** For ever, or, a static member, for a while. */
  async leave(forAWhile: boolean): Promise<void> {
    for (const one of this.owned) this.#giveUp(one);
    await this.#beat(forAWhile ? -2 : -1);
    this.over = true;
  }

  async #beat(memberEpoch: number): Promise<void> {
    const { world } = this.#work;
    const { group, instanceId } = this.identity;
    const joins = memberEpoch === 0;
    const last = joins ? [] : [...this.#last.values()];
    const input: HeartbeatInput = {
      group,
      memberId: this.#memberId,
      ...(instanceId === undefined ? {} : { instanceId }),
      memberEpoch,
      ...(memberEpoch < 0 ? { lastEpoch: this.#epoch } : {}),
      ...(joins ? this.#terms() : {}),
      // Each time: a join that comes late must not stand for what was said since.
      subscription: this.subscription,
      owned: this.owned.map(({ topic, partition, topicId }) => ({ topic, partition, topicId })),
      ...(last.length === 0 ? {} : { offsets: last.map(({ commit }) => commit) }),
      ...(last.length === 0 ? {} : { commitNumber: this.#nextNumber() }),
    };
    const text = `beat ${group} epoch=${memberEpoch} owned=${this.owned.length}`;
    const said = this.subscription;
    const sender = this.#sender(text, (broker) => broker.heartbeat(input));
    const { answer, invoked } = await this.#commitWith(last, input.commitNumber, sender, (told) =>
      told.kind === 'value' ? told.value.committed : undefined,
    );
    if (answer.kind === 'value') {
      if (said === this.subscription) this.#saysSubscription = false;
      this.#last = new Map();
      this.#accept(answer.value, invoked);
    } else if (answer.kind === 'error') {
      this.#refused(answer.error, text, invoked);
    } else if (memberEpoch > 0) {
      this.#beatAtMs = world.scheduler.nowMs + world.random.next() * 1_000;
    }
  }

  #terms(): Partial<HeartbeatInput> {
    const { random, mix } = this.#work.world;
    const sessionTimeoutMs = random.pick(mix.sessionMs);
    const rebalanceTimeoutMs = random.pick([5_000, 60_000]);
    const assignor = random.pick([undefined, 'uniform', 'range', 'sticky'] as const);
    const named = assignor === undefined ? {} : { assignor };
    return { sessionTimeoutMs, rebalanceTimeoutMs, ...named };
  }

  /** What is not assigned any more it stops with; what is granted anew it begins anew. */
  #accept({ memberEpoch, heartbeatIntervalMs, assignment }: Heartbeat, invoked: number): void {
    const { world } = this.#work;
    const { group } = this.identity;
    const assigned = new Map(assignment.map((one) => [nameOf(one), one]));
    let gaveUp = false;
    for (const one of this.owned) {
      const now = assigned.get(nameOf(one));
      if (now?.grantedIn === one.grantedIn && now.topicId === one.topicId) continue;
      this.#giveUp(one);
      gaveUp = true;
    }
    for (const [name, one] of assigned) {
      const offset = one.committed?.offset;
      const log = `${one.topicId}/${one.partition}`;
      const completed = world.moment();
      const client = this.#memberId;
      world.history.groups.told.push({ group, client, log, offset, invoked, completed });
      if (this.#owned.has(name)) continue;
      // What it still had to say of it under the grant before is not true of this one.
      this.#last.delete(name);
      const position = offset ?? 0n;
      this.#owned.set(name, { ...one, position, known: position });
    }
    this.#epoch = Math.max(memberEpoch, 0);
    const share = gaveUp ? 0 : 0.5 + world.random.next() / 2;
    this.#beatAtMs = world.scheduler.nowMs + heartbeatIntervalMs * share;
    const list = assignment.map((one) => `${nameOf(one)}@${one.committed?.offset}`).join(' ');
    world.trace.add(this.#memberId, `epoch=${memberEpoch} works on ${list}`);
  }

  #giveUp(one: Owned): void {
    this.#owned.delete(nameOf(one));
    if (one.position > one.known) this.#last.set(nameOf(one), underOf(one, one.position));
  }

  #refused(error: unknown, text: string, invoked: number): void {
    const { world } = this.#work;
    const kafka = error instanceof ProtocolError ? error.kafka : '';
    if (!fenced.has(kafka)) {
      if (kafka !== 'REQUEST_TIMED_OUT') expected(this.#work, '', `${this.name} ${text}`, error);
      this.#beatAtMs = world.scheduler.nowMs + world.random.next() * 1_000;
      return;
    }
    if (kafka !== 'FENCED_INSTANCE_ID') this.#checkEvicted(kafka, invoked);
    else if (this.identity.instanceId !== undefined) this.over = true;
    this.#owned.clear();
    this.#last.clear();
    this.#epoch = 0;
    this.#beatAtMs = 0;
    // As the same one, or under a new id.
    if (world.random.chance(0.5)) return;
    this.#incarnation += 1;
    this.#memberId = `${this.identity.memberId}+${this.#incarnation}`;
    this.#number = 0;
  }

  /** Who is there from before a call until after it must not be told that it is not. */
  #checkEvicted(kafka: string, invoked: number): void {
    const { world } = this.#work;
    const { group } = this.identity;
    const since = world.groups.memberSince(group, this.#memberId);
    if (since === undefined || since > invoked) return;
    world.wrong('wrong refusal', `${group} ${this.#memberId}: ${kafka}, but it is there`);
  }

  async #workOn(one: Owned): Promise<void> {
    const { random, mix } = this.#work.world;
    const { topic, partition, topicId, position: offset } = one;
    const maxBytes = random.pick([1, 300, 100_000]);
    const input = { topic, partition, topicId, offset, minBytes: 0, maxWaitMs: 0, maxBytes };
    const read = await poll(this.#work, this.#memberId, await anyone(this.#work), input, true);
    if (read === undefined) return;
    if (read.outcome === 'out-of-range') {
      one.position = 0n;
      return;
    }
    const { records } = read;
    const last = records.at(-1);
    const log = this.#logOf(one, read);
    if (last === undefined || log === undefined) return;
    if (this.identity.manner === 'before' && !(await this.#commitFirst(one, last.offset + 1n))) {
      return;
    }
    if (random.chance(0.1)) await this.#work.world.scheduler.sleep(random.next() * mix.thinkMs);
    const { world } = this.#work;
    const { group } = this.identity;
    for (const record of records) {
      const done = { group, member: this.#memberId, log, offset: record.offset };
      world.history.groups.works.push({ ...done, moment: world.moment() });
    }
    one.position = last.offset + 1n;
  }

  /** The log that it believes to read, unless the records are of the next topic of the name. */
  #logOf({ topicId, partition }: Owned, { log, records }: Poll): string | undefined {
    const own = `${topicId}/${partition}`;
    const { places } = this.#work.world.journal;
    const isOwn = records.every(({ value, offset }) =>
      places.get(value)?.some((place) => place.log === own && place.offset === offset),
    );
    return isOwn ? own : log;
  }

  /** Whether it may work on the records: only what is known to be committed is worked on. */
  async #commitFirst(one: Owned, to: bigint): Promise<boolean> {
    const number = this.#nextNumber();
    for (let tries = 3; tries > 0; tries -= 1) {
      const [outcome] = await this.#commit([underOf(one, to)], number);
      if (outcome === 'ok') one.known = to;
      // That a repetition failed says nothing of the first.
      if (outcome === 'ok' || (outcome === 'failed' && tries === 3)) return outcome === 'ok';
    }
    // Perhaps committed: nobody is to work on them.
    one.position = to;
    one.known = to;
    return false;
  }

  async #commitAll(): Promise<void> {
    const due = this.owned.filter((one) => one.position > one.known);
    if (due.length === 0) return;
    const offsets = due.map((one) => underOf(one, one.position));
    const outcomes = await this.#commit(offsets, this.#nextNumber());
    for (const [i, one] of due.entries()) {
      const offset = offsets[i]?.commit.offset ?? 0n;
      if (outcomes[i] === 'ok' && offset > one.known) one.known = offset;
      if (outcomes[i] === 'failed') this.#beatAtMs = 0;
    }
  }

  async #commit(offsets: readonly Under[], number: number): Promise<readonly Outcome[]> {
    const { group, instanceId } = this.identity;
    const memberId = this.#memberId;
    const member = { memberId, memberEpoch: this.#epoch };
    const input = {
      group,
      member: instanceId === undefined ? member : { ...member, instanceId },
      offsets: offsets.map(({ commit }) => commit),
      commitNumber: number,
    };
    const list = input.offsets.map((one) => `${nameOf(one)}@${one.offset}`).join(' ');
    const sender = this.#sender(`commit ${group} n=${number} ${list}`, (broker) =>
      broker.commitOffsets(input),
    );
    const done = await this.#commitWith(offsets, number, sender, (told) =>
      told.kind === 'value' ? told.value : undefined,
    );
    return done.outcomes;
  }

  #nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  #sender<T>(text: string, ask: (broker: Broker) => Promise<T>): () => Promise<Answer<T>> {
    const { world } = this.#work;
    const client = this.#memberId;
    return async () =>
      world.call(client, await anyone(this.#work), text, giveUp(this.#work), ({ broker }) =>
        ask(broker),
      );
  }

  /** Sends offsets, perhaps once more behind the member's back, and notes what was told of each. */
  async #commitWith<T>(
    offsets: readonly Under[],
    n: number | undefined,
    send: () => Promise<Answer<T>>,
    toldOf: (answer: Answer<T>) => readonly PartitionOutcome[] | undefined,
  ): Promise<{ answer: Answer<T>; outcomes: readonly Outcome[]; invoked: number }> {
    const { world } = this.#work;
    const { random, mix, scheduler, history } = world;
    const { group, instanceId } = this.identity;
    const by = this.#memberId;
    const once = async () => {
      const invoked = world.moment();
      const answer = await send();
      const completed = answer.kind === 'lost' ? Infinity : world.moment();
      const told = toldOf(answer);
      const outcomes = offsets.map(({ log, grant, commit: { offset } }, i) => {
        const outcome = outcomeOf(this.#work, by, answer, told?.[i]);
        const one = { group, log, by, grant, n, offset, invoked, completed, outcome };
        history.groups.commits.push(
          instanceId === undefined ? one : { ...one, instance: instanceId },
        );
        world.trace.add(by, `told ${log}@${offset} n=${n} ${outcome}`);
        return outcome;
      });
      return { answer, outcomes, invoked };
    };
    if (offsets.length > 0 && random.chance(mix.gateway)) {
      // A gateway that repeats what it was sent, whatever became of it.
      const ms = random.next() * random.pick([500, 10_000, 600_000]);
      scheduler.after(ms, () => void once());
    }
    return once();
  }
}

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}/${partition}`;

function underOf({ topic, partition, topicId, grantedIn }: Owned, offset: bigint): Under {
  return {
    log: `${topicId}/${partition}`,
    grant: grantedIn,
    commit: { topic, partition, topicId, offset },
  };
}

/** Refusals of one partition, or of all: nothing was committed. */
const refusals = new Set([...fenced, 'STALE_MEMBER_EPOCH', 'UNKNOWN_TOPIC_OR_PARTITION']);

function outcomeOf(
  work: Work,
  who: string,
  answer: Answer<unknown>,
  told: PartitionOutcome | undefined,
): Outcome {
  if (answer.kind === 'lost') return 'unknown';
  if (answer.kind === 'refused') return 'failed';
  const error =
    answer.kind === 'error'
      ? answer.error
      : told?.error && new ProtocolError(told.error, told.message ?? '');
  if (answer.kind === 'value' && error === undefined) return told === undefined ? 'unknown' : 'ok';
  const kafka = error instanceof ProtocolError ? error.kafka : '';
  if (kafka === 'REQUEST_TIMED_OUT' || error instanceof UnknownFormat) return 'unknown';
  if (refusals.has(kafka)) return 'failed';
  return expected(work, '', `${who} commits`, error) ? 'failed' : 'unknown';
}
