import { together } from '../../engine/together.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { ClientContext } from '../context.ts';
import { ClosedError } from '../errors.ts';
import { metadataAgeMs } from '../topic-cache.ts';
import type {
  Assignment,
  Consumer,
  ConsumerOptions,
  Position,
  Record,
  RecordBatch,
  TopicPartition,
} from '../types.ts';
import { untilAborted } from '../until-aborted.ts';
import type { WaitOptions } from '../until-aborted.ts';
import { Fetcher } from './fetcher.ts';
import { Iteration } from './iteration.ts';
import { PartitionReader } from './partition-reader.ts';
import type { Place } from './partition-reader.ts';
import { listOffset, nameOf, placeOf, wishesOf } from './positions.ts';
import type { Wish } from './positions.ts';
import { consumerSettings } from './settings.ts';
import type { ConsumerSettings } from './settings.ts';
import { Turns } from './turns.ts';

interface Session {
  readonly iteration: Iteration<unknown>;
  readonly fetcher: Fetcher;
}

/** A reader of one partition each, fetches ahead of them while somebody iterates, and turns. */
export class LogConsumer<K, V> implements Consumer<K, V> {
  readonly #context: ClientContext;
  readonly #settings: ConsumerSettings<K, V>;
  readonly #onClose: () => void;
  readonly #closed = new AbortController();
  readonly #turns: Turns<K, V>;
  readonly #paused = new Set<string>();
  #readers: ReadonlyMap<string, PartitionReader> = new Map();
  /** Assigned as a whole: their partitions may become more. */
  #wholeTopics: ReadonlySet<string> = new Set();
  /** Those of the options, until somebody needs them. */
  #pending: readonly Assignment[] | undefined;
  /** They are to be paused as soon as they are known. */
  #pausePending = false;
  #session: Session | undefined;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(context: ClientContext, options: ConsumerOptions<K, V>, onClose: () => void) {
    this.#context = context;
    this.#settings = consumerSettings(options);
    this.#onClose = onClose;
    this.#pending = options.assignments;
    const onRoom = (): void => this.#session?.fetcher.pump();
    this.#turns = new Turns(() => this.#readers, this.#settings, onRoom);
  }

  get assignment(): readonly TopicPartition[] {
    return [...this.#readers.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  assign(assignments: readonly Assignment[], wait: WaitOptions = {}): Promise<void> {
    return this.#changeUntil(wait, (signal) => this.#assign(assignments, signal));
  }

  seek(partition: TopicPartition, to: Position, wait: WaitOptions = {}): Promise<void> {
    return this.#changeUntil(wait, async (signal) => {
      await this.#assignPending(signal);
      const reader = this.#readers.get(nameOf(partition));
      if (reader === undefined) {
        throw new ProtocolError(
          'INVALID_REQUEST',
          `expected a partition that is assigned: topic=${partition.topic} partition=${partition.partition}`,
        );
      }
      const place = await placeOf(this.#context, partition, to, signal);
      signal.throwIfAborted();
      this.#session?.fetcher.drop(reader);
      reader.place(place);
      this.#moved();
    });
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#pausePending ||= partitions === undefined && this.#pending !== undefined;
    for (const name of (partitions ?? this.assignment).map(nameOf)) this.#paused.add(name);
    this.#moved();
  }

  resume(partitions?: readonly TopicPartition[]): void {
    if (partitions === undefined) {
      this.#pausePending = false;
      this.#paused.clear();
    }
    for (const name of (partitions ?? []).map(nameOf)) this.#paused.delete(name);
    this.#moved();
  }

  position(partition: TopicPartition): bigint | undefined {
    return this.#readers.get(nameOf(partition))?.position;
  }

  highWatermark(partition: TopicPartition): bigint | undefined {
    return this.#readers.get(nameOf(partition))?.highWatermark;
  }

  lag(partition: TopicPartition): bigint | undefined {
    const { position, highWatermark } = this.#readers.get(nameOf(partition)) ?? {};
    if (position === undefined || highWatermark === undefined) return undefined;
    return highWatermark > position ? highWatermark - position : 0n;
  }

  records(options: WaitOptions = {}): AsyncIterableIterator<Record<K, V>> {
    return this.#iterate(() => this.#turns.record(), options);
  }

  batches(options: WaitOptions = {}): AsyncIterableIterator<RecordBatch<K, V>> {
    return this.#iterate(() => this.#turns.batch(), options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Record<K, V>> {
    return this.records();
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new ClosedError('consumer'));
    this.#session?.iteration.end();
    for (const reader of this.#readers.values()) reader.forget();
    this.#readers = new Map();
    this.#onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    this.#closed.signal.throwIfAborted();
  }

  /** Changes of the assignment, one after the other. */
  #change(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const result = this.#changes.then(() => {
      this.#checkOpen();
      return work(this.#closed.signal);
    });
    this.#changes = result.catch(() => undefined);
    return result;
  }

  /** The same for somebody who may stop waiting: then it changes nothing any more. */
  #changeUntil(wait: WaitOptions, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = wait;
    return untilAborted(wait, () =>
      this.#change((closed) =>
        work(signal === undefined ? closed : AbortSignal.any([closed, signal])),
      ),
    );
  }

  async #assignPending(signal: AbortSignal): Promise<void> {
    if (this.#pending !== undefined) await this.#assign(this.#pending, signal);
  }

  /** All or nothing: what can fail comes before what changes. */
  async #assign(assignments: readonly Assignment[], signal: AbortSignal): Promise<void> {
    const wishes = await wishesOf(this.#context, assignments, signal);
    const isRunning = this.#session?.fetcher.isRunning === true;
    const planned = await together(
      [...wishes].map(async ([name, wish]) => ({
        name,
        wish,
        place: await this.#placeOf(wish, signal),
        // An iteration that is about to begin asks for all ends at once.
        end: isRunning ? await this.#endOf(wish, signal) : undefined,
      })),
    );
    signal.throwIfAborted();
    const readers = new Map<string, PartitionReader>();
    for (const { name, wish, place, end } of planned) {
      const known = this.#readers.get(name);
      const reader = known ?? new PartitionReader(wish, place ?? 'beginning');
      if (known !== undefined && place !== undefined) {
        this.#session?.fetcher.drop(reader);
        reader.place(place);
      }
      reader.end ??= end;
      readers.set(name, reader);
    }
    for (const [name, reader] of this.#readers) {
      if (readers.has(name)) continue;
      this.#session?.fetcher.drop(reader);
      reader.forget();
    }
    this.#readers = readers;
    this.#pending = undefined;
    if (this.#pausePending) for (const name of readers.keys()) this.#paused.add(name);
    this.#pausePending = false;
    const whole = assignments.filter(({ partition }) => partition === undefined);
    this.#wholeTopics = new Set(whole.map(({ topic }) => topic));
    this.#moved();
  }

  /** Undefined for one that stays where it is. */
  async #placeOf(wish: Wish, signal: AbortSignal): Promise<Place | undefined> {
    if (wish.from === undefined && this.#readers.has(nameOf(wish))) return undefined;
    return placeOf(this.#context, wish, wish.from ?? this.#settings.from, signal);
  }

  /** Where an iteration ends that began now. */
  async #endOf(partition: TopicPartition, signal: AbortSignal): Promise<bigint | undefined> {
    if (this.#settings.until === undefined) return undefined;
    return listOffset(this.#context, partition, 'latest', signal);
  }

  /** Something else may be fetched, and handed out, than before. */
  #moved(): void {
    for (const [name, reader] of this.#readers) reader.paused = this.#paused.has(name);
    this.#session?.fetcher.pump();
    this.#session?.iteration.notify();
  }

  #iterate<T>(take: () => T | undefined, { signal }: WaitOptions): Iteration<T> {
    this.#checkOpen();
    if (this.#session !== undefined) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        'expected one iterator at a time; end the other first, or make another consumer',
      );
    }
    const fetcher = new Fetcher(
      this.#context,
      this.#settings,
      () => this.#readers,
      () => iteration.notify(),
    );
    const iteration = new Iteration<T>(
      {
        begin: (ended) => this.#begin(fetcher, ended),
        take,
        isOver: () => this.#isOver(),
        finished: () => {
          fetcher.stop();
          if (this.#session?.fetcher === fetcher) this.#session = undefined;
        },
      },
      signal,
    );
    if (signal?.aborted !== true) this.#session = { iteration, fetcher };
    return iteration;
  }

  #begin(fetcher: Fetcher, ended: AbortSignal): Promise<void> {
    return this.#change(async () => {
      ended.throwIfAborted();
      await this.#assignPending(ended);
      const readers = [...this.#readers.values()];
      const ends = await together(readers.map((reader) => this.#endOf(reader, ended)));
      ended.throwIfAborted();
      for (const [index, reader] of readers.entries()) reader.end = ends[index];
      fetcher.start();
      void this.#watch(ended);
    });
  }

  #isOver(): boolean {
    if (this.#settings.until === undefined) return false;
    return [...this.#readers.values()].every((reader) => reader.isOver);
  }

  /** New partitions of topics that are read as a whole: from their beginning, so that nothing is missed. */
  async #watch(ended: AbortSignal): Promise<void> {
    if (this.#settings.until !== undefined) return;
    for (;;) {
      await this.#context.clock.sleep(metadataAgeMs, ended);
      if (ended.aborted) return;
      // Who cannot be asked is asked the next time; that a topic is gone is told by its fetches.
      await this.#change(() => this.#addPartitions(ended)).catch(() => undefined);
    }
  }

  async #addPartitions(ended: AbortSignal): Promise<void> {
    for (const topic of this.#wholeTopics) {
      const count = await this.#context.topics.look(topic);
      if (ended.aborted) return;
      const readers = new Map(this.#readers);
      for (let partition = 0; partition < count; partition += 1) {
        const name = nameOf({ topic, partition });
        if (readers.has(name)) continue;
        readers.set(name, new PartitionReader({ topic, partition }, 'beginning'));
      }
      this.#readers = readers;
    }
    this.#moved();
  }
}
