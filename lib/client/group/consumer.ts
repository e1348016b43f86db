import type { FetchedOffset, OffsetToCommit } from '../../broker/group-types.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { KafkaErrorName } from '../../protocol/errors.ts';
import { limits } from '../../std/limits.ts';
import { bounded } from '../bounded.ts';
import type { Iteration } from '../consumer/iteration.ts';
import { Reading } from '../consumer/reading.ts';
import { consumerSettings } from '../consumer/settings.ts';
import type { ClientContext } from '../context.ts';
import { ClosedError } from '../errors.ts';
import type {
  GroupConsumer,
  GroupConsumerOptions,
  RebalanceListener,
  RunOptions,
  Topics,
} from '../group-types.ts';
import { readMayPass, retryRead } from '../retries.ts';
import type { Position, Record, RecordBatch, TopicPartition } from '../types.ts';
import { untilAborted } from '../until-aborted.ts';
import type { WaitOptions } from '../until-aborted.ts';
import { Commits } from './commits.ts';
import { Membership } from './membership.ts';
import type { Owned } from './owned.ts';
import { Rebalance } from './rebalance.ts';
import { runHandlers } from './run.ts';
import type { Taken } from './run.ts';
import { memberSettings } from './settings.ts';

/** A consumer whose partitions its group gives it. */
export class GroupMember<K, V> implements GroupConsumer<K, V> {
  readonly #context: ClientContext;
  readonly #group: string;
  readonly #onClose: () => void;
  readonly #reading: Reading<K, V>;
  readonly #rebalance: Rebalance;
  readonly #commits: Commits;
  readonly #membership: Membership;
  readonly #closed = new AbortController();
  #topics: Topics | undefined;
  /** Of what an iterator handed out last. */
  #current: Owned | undefined;
  /** Nobody iterated when it came. */
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  constructor(context: ClientContext, options: GroupConsumerOptions<K, V>, onClose: () => void) {
    const { group, topics, onAssigned, onRevoked, onLost } = options;
    checkNames(options);
    const settings = consumerSettings(options);
    const own = memberSettings(options);
    this.#context = context;
    this.#group = group;
    this.#topics = topics;
    this.#onClose = onClose;
    this.#reading = new Reading(context, settings, mayPass);
    this.#commits = new Commits(context);
    this.#rebalance = new Rebalance({
      reading: this.#reading,
      offsetReset: settings.offsetReset,
      onAssigned: this.#listener(onAssigned),
      onRevoked: this.#listener(onRevoked),
      onLost: this.#listener(onLost),
      onRelease: () => this.#membership.wake(),
      onFailure: (error) => this.#fail(error),
    });
    this.#membership = new Membership(context, own, {
      topics: () => this.#topics,
      rebalance: this.#rebalance,
      commits: this.#commits,
      onHeard: () => this.#reading.moved(),
      onRefused: (error) => this.#fail(error),
    });
  }

  subscribe(topics: Topics): void {
    this.#checkOpen();
    this.#topics = topics;
    this.#membership.wake();
  }

  get subscription(): Topics | undefined {
    return this.#topics;
  }

  get assignment(): readonly TopicPartition[] {
    return this.#reading.assignment;
  }

  seek(partition: TopicPartition, to: Position, wait: WaitOptions = {}): Promise<void> {
    return untilAborted(wait, async () => {
      this.#checkOpen();
      const placed = (): void => this.#rebalance.of(partition)?.moved();
      await this.#reading.seek(partition, to, this.#signal(wait), placed);
    });
  }

  pause(partitions: readonly TopicPartition[] = this.assignment): void {
    this.#reading.pause(partitions);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#reading.resume(partitions);
  }

  position(partition: TopicPartition): bigint | undefined {
    return this.#reading.position(partition);
  }

  highWatermark(partition: TopicPartition): bigint | undefined {
    return this.#reading.highWatermark(partition);
  }

  lag(partition: TopicPartition): bigint | undefined {
    return this.#reading.lag(partition);
  }

  records(options: WaitOptions = {}): AsyncIterableIterator<Record<K, V>> {
    return this.#iterate(() => this.#take(() => this.#reading.turns.record(), offsetOf), options);
  }

  batches(options: WaitOptions = {}): AsyncIterableIterator<RecordBatch<K, V>> {
    return this.#iterate(
      () => this.#take(() => this.#reading.turns.batch(), baseOffsetOf),
      options,
    );
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Record<K, V>> {
    return this.records();
  }

  async run(options: RunOptions<K, V>): Promise<void> {
    const { eachRecord, eachBatch } = options;
    const { turns } = this.#reading;
    if (eachRecord !== undefined) {
      return this.#run(() => this.#take(() => turns.record(), offsetOf), eachRecord, options);
    }
    if (eachBatch !== undefined) {
      return this.#run(() => this.#take(() => turns.batch(), baseOffsetOf), eachBatch, options);
    }
    // For who has no compiler.
    throw new ProtocolError('INVALID_REQUEST', 'expected eachRecord or eachBatch, got neither');
  }

  commit(offsets?: readonly OffsetToCommit[], wait: WaitOptions = {}): Promise<void> {
    return untilAborted(wait, async () => {
      this.#closed.signal.throwIfAborted();
      const { held } = this.#rebalance;
      if (offsets === undefined) this.#current?.declareFinished();
      const commit =
        offsets === undefined ? this.#commits.draft(held) : this.#commits.explicit(offsets, held);
      if (commit === undefined) return;
      const committer = this.#membership.committer();
      await this.#commits.send(commit, committer, this.#signal(wait)).catch((error: unknown) => {
        if (error instanceof ProtocolError && fencing.has(error.kafka)) this.#membership.doubt();
        throw error;
      });
    });
  }

  committed(
    partitions: readonly TopicPartition[] = this.assignment,
    wait: WaitOptions = {},
  ): Promise<readonly FetchedOffset[]> {
    return untilAborted(wait, async () => {
      this.#closed.signal.throwIfAborted();
      const input = { group: this.#group, partitions };
      const fetch = () => this.#context.transport.fetchOffsets(input);
      return retryRead(this.#context, fetch, this.#signal(wait));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    this.#reading.end();
    await this.#rebalance.close();
    this.#closed.abort(new ClosedError('consumer'));
    await this.#membership.leave();
    this.#onClose();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError('consumer');
  }

  #signal({ signal }: WaitOptions): AbortSignal {
    const closed = this.#closed.signal;
    return signal === undefined ? closed : AbortSignal.any([closed, signal]);
  }

  #listener(listener: RebalanceListener<K, V> | undefined) {
    if (listener === undefined) return undefined;
    return (partitions: readonly TopicPartition[]) => listener(partitions, this);
  }

  #fail(error: unknown): void {
    if (!this.#reading.end({ error })) this.#failure ??= { error };
  }

  #iterate<T>(take: () => Taken<T> | undefined, { signal }: WaitOptions): Iteration<T> {
    return this.#begun(
      () => {
        const taken = take();
        this.#current = taken?.owned;
        return taken?.value;
      },
      signal,
      // Whoever left the loop has not said that it is processed, and does not work on it any more.
      () => this.#current?.stop(),
    );
  }

  async #run<T>(
    take: () => Taken<T> | undefined,
    handle: (value: T) => Promise<void> | void,
    { concurrency = 1, signal }: RunOptions<K, V>,
  ): Promise<void> {
    bounded('concurrency', concurrency, 1, limits.partitionsMax);
    const shut = (): Taken<T> | undefined => {
      const taken = take();
      taken?.owned.shut();
      return taken;
    };
    const iteration = this.#begun(shut, signal, () => undefined);
    await runHandlers({ iteration, handle, concurrency, reading: this.#reading });
  }

  #begun<T>(
    take: () => T | undefined,
    signal: AbortSignal | undefined,
    finished: () => void,
  ): Iteration<T> {
    this.#checkOpen();
    const begin = async (): Promise<void> => this.#begin();
    return this.#reading.iterate<T>({ begin, take, isOver: () => false, finished }, signal);
  }

  #begin(): void {
    this.#checkOpen();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    if (this.#topics === undefined) {
      throw new ProtocolError('INVALID_REQUEST', 'expected topics: subscribe to some first');
    }
    for (const one of this.#rebalance.held) one.refuse();
    this.#membership.start();
  }

  /** The next one: whoever asks for it is done with the last one. `first`: its first offset. */
  #take<T extends TopicPartition>(
    read: () => T | undefined,
    first: (value: T) => bigint,
  ): Taken<T> | undefined {
    this.#current?.finish();
    this.#current = undefined;
    if (!this.#membership.checkHeard()) return undefined;
    const value = read();
    const owned = value && this.#rebalance.of(value);
    if (value === undefined || owned === undefined) return undefined;
    owned.handOut(first(value));
    return { value, owned };
  }
}

/** With these a commit is refused to who is no member any more, or has lost what it commits. */
const fencing: ReadonlySet<KafkaErrorName> = new Set([
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'STALE_MEMBER_EPOCH',
]);

const offsetOf = ({ offset }: { readonly offset: bigint }): bigint => offset;
const baseOffsetOf = ({ records }: RecordBatch<unknown, unknown>): bigint =>
  records[0]?.offset ?? 0n;

/** A topic that is not there yet, or any more, is the group's business: its answers tell. */
const mayPass = (error: unknown): boolean =>
  readMayPass(error) || (error instanceof ProtocolError && noTopic.has(error.kafka));

const noTopic: ReadonlySet<KafkaErrorName> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
]);

/** For who has no compiler. */
function checkNames(options: object): void {
  const wrong = ['assignments', 'from', 'until'].filter((name) => name in options);
  if (wrong.length === 0) return;
  const text = `expected none of assignments, from, until with a group, got ${wrong.join(', ')}`;
  throw new ProtocolError('INVALID_CONFIG', text);
}
