import { tooManyTopics } from '../../core/instance/decide.ts';
import type { Instance } from '../../core/instance/instance.ts';
import {
  autoCommitOf,
  beginPoll,
  commitNumberOf,
  finishPoll,
  isChanged,
  isToBeTouched,
  rejoining,
  toFetch,
  uncommitted,
  withCommitted,
  withGrants,
  withOffsets,
  withReset,
} from '../../core/instance/poll.ts';
import type { OffsetOf, ToFetch } from '../../core/instance/poll.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../std/limits.ts';
import type { FetchedPartition } from '../broker.ts';
import type { BrokerContext } from '../context.ts';
import { fetchMany } from '../fetch-many.ts';
import type { Heartbeat } from '../group-types.ts';
import { commitOffsets } from '../groups/commit-offsets.ts';
import { fetchOffsets } from '../groups/fetch-offsets.ts';
import { heartbeat } from '../groups/heartbeat.ts';
import { putOver, readOne, refusalOf } from './change.ts';
import type { Found, InstanceName, Polled, PollInput, TakenAnswer } from './instance-types.ts';
import { nextOffsetAfter } from '../records.ts';
import { isLost } from './member.ts';

/** Of a member's session, as heartbeats have it: after that somebody else may be about to own. */
const beatsPerSession = 3;

/** A poll that waits begins again once a second while its group is at work; who loses races, too. */
const attemptsMax = 200;

/** What is read, and how long it may be waited for before the group is to be asked again. */
interface Owned {
  readonly instance: Instance;
  readonly waitMs: number;
}

/**
 * One poll: what the instance owns, out of a heartbeat of its member; one fetch of all of it; and one
 * put of the positions, before the answer leaves. Who loses the put has returned nothing, and begins
 * again with what the other call has left: no record is returned twice, and none is passed over.
 */
export class Poll<T> {
  readonly #context: BrokerContext;
  readonly #of: InstanceName;
  readonly #input: PollInput<T>;
  readonly #beganMs: number;
  #beatMs = 0;
  /** Of what was given up in this poll: committed with the beat that says so. */
  #givenUp: readonly OffsetOf[] = [];

  constructor(context: BrokerContext, of: InstanceName, input: PollInput<T>) {
    this.#context = context;
    this.#of = of;
    this.#input = input;
    this.#beganMs = context.engine.env.clock.monotonic();
  }

  async run(): Promise<Polled<T>> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const polled = await this.#once();
      if (polled !== undefined) return polled;
    }
    throw new ProtocolError(
      'KAFKA_STORAGE_ERROR',
      'the instance, or its group, changes again and again: try again',
    );
  }

  /** Undefined: to be begun again. */
  async #once(): Promise<Polled<T> | undefined> {
    const found = await readOne(this.#context, this.#of);
    this.#input.checkFormat(found.config.format);
    const begun = beginPoll(found, this.#input.ack);
    if (begun.kind === 'refused') throw refusalOf(begun);
    const owned = await this.#owned(found, begun.instance);
    if (owned === undefined) return undefined;
    const { instance, taken } = await this.#fetch(owned, begun.repeats);
    return this.#finish(found, instance, taken, begun.repeats);
  }

  #owned(found: Instance, instance: Instance): Promise<Owned | undefined> {
    return instance.reads.kind === 'assigned'
      ? this.#placed(instance)
      : this.#beat(found, instance);
  }

  /** Of partitions that were assigned by hand: where the group is, and what is committed for it. */
  async #placed(instance: Instance): Promise<Owned> {
    const { group, config, partitions } = instance;
    const nowMs = this.#context.engine.env.clock.serviceNow();
    const unknown = partitions.filter(({ next }) => next === 'committed');
    const offsets =
      unknown.length === 0 ? [] : await fetchOffsets(this.#context, { group, partitions: unknown });
    const placed = withOffsets(instance, offsets);
    const due = autoCommitOf(placed, nowMs);
    const waitMs = config.timeoutMs / beatsPerSession;
    if (due.length === 0) return { instance: placed, waitMs };
    const told = await commitOffsets(this.#context, { group, offsets: due });
    const done = due.filter((_, i) => told[i]?.error === undefined);
    return { instance: { ...withCommitted(placed, done), autoCommitMs: nowMs }, waitMs };
  }

  /** Of a member: what the group says that it owns. */
  async #beat(found: Instance, instance: Instance): Promise<Owned | undefined> {
    const { clock } = this.#context.engine.env;
    const nowMs = clock.serviceNow();
    const due = autoCommitOf(instance, nowMs);
    this.#beatMs = clock.monotonic();
    const beat = await this.#heartbeat(instance, [...this.#givenUp, ...due]);
    if (beat === undefined) {
      this.#givenUp = [];
      const memberId = `${instance.name}-${this.#context.engine.env.ids.object()}`;
      await putOver(this.#context, found, rejoining(instance, memberId));
      return undefined;
    }
    this.#givenUp = [];
    const granted = withGrants(instance, beat.memberEpoch, beat.assignment);
    const tooMany = tooManyTopics(granted.instance);
    if (tooMany !== undefined) throw refusalOf(tooMany);
    const autoCommitMs = due.length === 0 ? instance.autoCommitMs : nowMs;
    const next = { ...granted.instance, autoCommitMs };
    if (granted.revoked.length === 0) return { instance: next, waitMs: beat.heartbeatIntervalMs };
    // Whoever polls at the same time must find it gone before the group is told so.
    const isPut = await putOver(this.#context, found, next);
    if (isPut && instance.config.autoCommit) this.#givenUp = uncommitted(granted.revoked);
    return undefined;
  }

  /** Undefined: the member is none any more. */
  async #heartbeat(
    instance: Instance,
    offsets: readonly OffsetOf[],
  ): Promise<Heartbeat | undefined> {
    const { group, name, member, reads, config, partitions } = instance;
    if (member === undefined) return undefined;
    const subscription = reads.kind === 'pattern' ? { pattern: reads.pattern } : topicsOf(reads);
    const said = { owned: partitions, offsets };
    try {
      return await heartbeat(this.#context, {
        group,
        memberId: member.id,
        memberEpoch: member.epoch,
        clientId: name,
        sessionTimeoutMs: config.timeoutMs,
        subscription,
        commitNumber: commitNumberOf(instance, 'version'),
        ...(member.epoch === 0 ? {} : said),
      });
    } catch (error) {
      if (!isLost(error)) throw error;
      return undefined;
    }
  }

  async #fetch(
    owned: Owned,
    repeats: boolean,
  ): Promise<{ readonly instance: Instance; readonly taken: TakenAnswer<T> }> {
    const { clock } = this.#context.engine.env;
    const { signal, take, maxBytes } = this.#input;
    let { instance } = owned;
    for (;;) {
      const wanted = toFetch(instance, repeats);
      if ('kind' in wanted) throw refusalOf(wanted);
      if (repeats) return { instance, taken: await this.#repeat(instance, wanted) };
      const restMs = Math.min(this.#restMs(instance), owned.waitMs);
      const { format, minBytes } = instance.config;
      if (wanted.length === 0) {
        await clock.sleep(restMs, signal);
        return { instance, taken: take([], format) };
      }
      const fetched = await fetchMany(this.#context, {
        partitions: wanted,
        minBytes,
        maxWaitMs: restMs,
        maxBytes,
        ...(signal === undefined ? {} : { signal }),
      });
      const beyond = fetched.filter(({ error }) => error?.kafka === 'OFFSET_OUT_OF_RANGE');
      if (beyond.length === 0) return { instance, taken: take(foundOf(fetched), format) };
      instance = withReset(instance, beyond);
    }
  }

  /** The same records as before, less those that are there no more. */
  async #repeat(instance: Instance, wanted: readonly ToFetch[]): Promise<TakenAnswer<T>> {
    const found: Found[] = [];
    let left = wanted;
    while (left.length > 0) {
      const fetched = await fetchMany(this.#context, {
        partitions: left,
        minBytes: 0,
        maxWaitMs: 0,
        maxBytes: limits.responseBytesMax,
      });
      left = left.flatMap((one, i): ToFetch[] => {
        const of = fetched[i]?.fetched;
        if (of === undefined) return fetched[i]?.error === undefined ? [one] : [];
        found.push({ ...one, fetched: of });
        const last = of.batches.at(-1);
        if (last === undefined) return [];
        const offset = nextOffsetAfter(last);
        return one.before !== undefined && offset < one.before ? [{ ...one, offset }] : [];
      });
      const failed = fetched.find(({ error }) => isPassing(error));
      if (failed?.error !== undefined) throw failed.error;
    }
    return this.#input.take(found, instance.config.format);
  }

  #restMs({ config }: Instance): number {
    const { timeoutMs = config.pollMs, signal } = this.#input;
    if (signal?.aborted === true || config.minBytes === 0) return 0;
    const until = this.#beganMs + Math.min(timeoutMs, limits.fetchWaitMsMax);
    return Math.max(0, until - this.#context.engine.env.clock.monotonic());
  }

  async #finish(
    found: Instance,
    instance: Instance,
    { answer, taken }: TakenAnswer<T>,
    repeats: boolean,
  ): Promise<Polled<T> | undefined> {
    const { clock } = this.#context.engine.env;
    const sinceBeatMs = clock.monotonic() - this.#beatMs;
    const isOld = sinceBeatMs > instance.config.timeoutMs / beatsPerSession;
    // Whoever was frozen since may own nothing any more.
    if (instance.reads.kind !== 'assigned' && isOld) return undefined;
    const byId = this.#input.ack !== undefined;
    const next = repeats ? instance : finishPoll(instance, taken, byId);
    const isDue = isChanged(found, next) || isToBeTouched(found, clock.serviceNow());
    if (isDue && !(await putOver(this.#context, found, next))) return undefined;
    const isEmpty = !taken.some(({ hasRecords }) => hasRecords);
    if (isEmpty && this.#restMs(instance) > 0) return undefined;
    return { answer, pollId: byId ? next.pollId : undefined };
  }
}

const topicsOf = (reads: Instance['reads']): readonly string[] =>
  reads.kind === 'topics' ? reads.topics : [];

/** Not that a topic, or an offset of it, is there no more. */
const isPassing = (error: ProtocolError | undefined): boolean =>
  error !== undefined &&
  error.kafka !== 'UNKNOWN_TOPIC_OR_PARTITION' &&
  error.kafka !== 'OFFSET_OUT_OF_RANGE';

/** What was fetched. That the store does not answer for one of them is told if nothing else is. */
function foundOf(fetched: readonly FetchedPartition[]): readonly Found[] {
  const found = fetched.flatMap(({ topic, partition, fetched: of }): Found[] =>
    of === undefined ? [] : [{ topic, partition, fetched: of }],
  );
  const failed = fetched.find(({ error }) => isPassing(error));
  const isEmpty = found.every(({ fetched: { batches } }) => batches.length === 0);
  if (failed?.error !== undefined && isEmpty) throw failed.error;
  return found;
}
