import { together } from '../../engine/together.ts';
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
import type { Iteration } from './iteration.ts';
import { PartitionReader } from './partition-reader.ts';
import type { Place } from './partition-reader.ts';
import { listOffset, nameOf, placeOf, wishesOf } from './positions.ts';
import type { Wish } from './positions.ts';
import { Reading } from './reading.ts';
import { consumerSettings } from './settings.ts';
import type { ConsumerSettings } from './settings.ts';

/** Reads what it is assigned, and looks for what is added to topics that are read as a whole. */
export class LogConsumer<K, V> implements Consumer<K, V> {
  readonly #context: ClientContext;
  readonly #settings: ConsumerSettings<K, V>;
  readonly #onClose: () => void;
  readonly #closed = new AbortController();
  readonly #reading: Reading<K, V>;
  /** Assigned as a whole: their partitions may become more. */
  #wholeTopics: ReadonlySet<string> = new Set();
  /** Those of the options, until somebody needs them. */
  #pending: readonly Assignment[] | undefined;
  /** They are to be paused as soon as they are known. */
  #pausePending = false;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(context: ClientContext, options: ConsumerOptions<K, V>, onClose: () => void) {
    this.#context = context;
    this.#settings = consumerSettings(options);
    this.#onClose = onClose;
    this.#pending = options.assignments;
    this.#reading = new Reading(context, this.#settings);
  }

  get assignment(): readonly TopicPartition[] {
    return this.#reading.assignment;
  }

  assign(assignments: readonly Assignment[], wait: WaitOptions = {}): Promise<void> {
    return this.#changeUntil(wait, (signal) => this.#assign(assignments, signal));
  }

  seek(partition: TopicPartition, to: Position, wait: WaitOptions = {}): Promise<void> {
    return this.#changeUntil(wait, async (signal) => {
      await this.#assignPending(signal);
      await this.#reading.seek(partition, to, signal);
    });
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#pausePending ||= partitions === undefined && this.#pending !== undefined;
    this.#reading.pause(partitions ?? this.assignment);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    if (partitions === undefined) this.#pausePending = false;
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
    return this.#iterate(() => this.#reading.turns.record(), options);
  }

  batches(options: WaitOptions = {}): AsyncIterableIterator<RecordBatch<K, V>> {
    return this.#iterate(() => this.#reading.turns.batch(), options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Record<K, V>> {
    return this.records();
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new ClosedError('consumer'));
    this.#reading.end();
    this.#reading.replace(new Map());
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
    const isRunning = this.#reading.isFetching;
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
      const known = this.#reading.readers.get(name);
      const reader = known ?? new PartitionReader(wish, place ?? 'beginning');
      if (known !== undefined && place !== undefined) this.#reading.place(reader, place);
      reader.end ??= end;
      readers.set(name, reader);
    }
    this.#pending = undefined;
    const whole = assignments.filter(({ partition }) => partition === undefined);
    this.#wholeTopics = new Set(whole.map(({ topic }) => topic));
    if (this.#pausePending) this.#reading.pause([...readers.values()]);
    this.#pausePending = false;
    this.#reading.replace(readers);
  }

  /** Undefined for one that stays where it is. */
  async #placeOf(wish: Wish, signal: AbortSignal): Promise<Place | undefined> {
    if (wish.from === undefined && this.#reading.readers.has(nameOf(wish))) return undefined;
    return placeOf(this.#context, wish, wish.from ?? this.#settings.from, signal);
  }

  /** Where an iteration ends that began now. */
  async #endOf(partition: TopicPartition, signal: AbortSignal): Promise<bigint | undefined> {
    if (this.#settings.until === undefined) return undefined;
    return listOffset(this.#context, partition, 'latest', signal);
  }

  #iterate<T>(take: () => T | undefined, { signal }: WaitOptions): Iteration<T> {
    this.#checkOpen();
    return this.#reading.iterate<T>(
      {
        begin: (ended) => this.#begin(ended),
        take,
        isOver: () => this.#isOver(),
        finished: () => undefined,
      },
      signal,
    );
  }

  #begin(ended: AbortSignal): Promise<void> {
    return this.#change(async () => {
      ended.throwIfAborted();
      await this.#assignPending(ended);
      const readers = [...this.#reading.readers.values()];
      const ends = await together(readers.map((reader) => this.#endOf(reader, ended)));
      ended.throwIfAborted();
      for (const [index, reader] of readers.entries()) reader.end = ends[index];
      void this.#watch(ended);
    });
  }

  #isOver(): boolean {
    if (this.#settings.until === undefined) return false;
    return [...this.#reading.readers.values()].every((reader) => reader.isOver);
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
      const readers = new Map(this.#reading.readers);
      for (let partition = 0; partition < count; partition += 1) {
        const name = nameOf({ topic, partition });
        if (readers.has(name)) continue;
        readers.set(name, new PartitionReader({ topic, partition }, 'beginning'));
      }
      this.#reading.replace(readers);
    }
  }
}
