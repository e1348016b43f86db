import { ProtocolError } from '../../protocol/errors.ts';
import type { ClientContext } from '../context.ts';
import { readMayPass } from '../retries.ts';
import type { Position, TopicPartition } from '../types.ts';
import { Fetcher } from './fetcher.ts';
import { Iteration } from './iteration.ts';
import type { IterationHooks } from './iteration.ts';
import type { PartitionReader } from './partition-reader.ts';
import { nameOf, placeOf } from './positions.ts';
import type { ConsumerSettings } from './settings.ts';
import { Turns } from './turns.ts';

interface Session {
  readonly iteration: Iteration<unknown>;
  readonly fetcher: Fetcher;
}

/**
 * What is read, by whatever gave it: a reader of one partition each, fetches ahead of them while
 * somebody iterates, and turns.
 */
export class Reading<K, V> {
  readonly turns: Turns<K, V>;
  readonly #context: ClientContext;
  readonly #settings: ConsumerSettings<K, V>;
  readonly #paused = new Set<string>();
  #readers: ReadonlyMap<string, PartitionReader> = new Map();
  #session: Session | undefined;
  readonly #mayPass: (error: unknown) => boolean;

  /** `mayPass`: what a fetch met that is met no more when it is made again. */
  constructor(
    context: ClientContext,
    settings: ConsumerSettings<K, V>,
    mayPass: (error: unknown) => boolean = readMayPass,
  ) {
    this.#context = context;
    this.#mayPass = mayPass;
    this.#settings = settings;
    const onRoom = (): void => this.#session?.fetcher.pump();
    this.turns = new Turns(() => this.#readers, settings, onRoom);
  }

  get readers(): ReadonlyMap<string, PartitionReader> {
    return this.#readers;
  }

  /** By name. What is not among them any more is let go of. */
  replace(readers: ReadonlyMap<string, PartitionReader>): void {
    for (const [name, reader] of this.#readers) {
      if (readers.get(name) === reader) continue;
      this.#session?.fetcher.drop(reader);
      reader.forget();
    }
    this.#readers = readers;
    this.moved();
  }

  /** Somewhere else, as soon as that place is known; `placed` is called when it stands there. */
  async seek(
    partition: TopicPartition,
    to: Position,
    signal: AbortSignal,
    placed?: () => void,
  ): Promise<void> {
    const reader = this.#readers.get(nameOf(partition));
    if (reader === undefined) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        `expected a partition that is assigned: topic=${partition.topic} partition=${partition.partition}`,
      );
    }
    const place = await placeOf(this.#context, partition, to, signal);
    signal.throwIfAborted();
    this.place(reader, place);
    placed?.();
    this.moved();
  }

  place(reader: PartitionReader, place: Parameters<PartitionReader['place']>[0]): void {
    this.#session?.fetcher.drop(reader);
    reader.place(place);
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const name of partitions.map(nameOf)) this.#paused.add(name);
    this.moved();
  }

  /** All if none are named. */
  resume(partitions?: readonly TopicPartition[]): void {
    if (partitions === undefined) this.#paused.clear();
    for (const name of (partitions ?? []).map(nameOf)) this.#paused.delete(name);
    this.moved();
  }

  get assignment(): readonly TopicPartition[] {
    return [...this.#readers.values()].map(({ topic, partition }) => ({ topic, partition }));
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

  /** Something else may be fetched, and handed out, than before. */
  moved(): void {
    for (const [name, reader] of this.#readers) reader.paused = this.#paused.has(name);
    this.#session?.fetcher.pump();
    this.notify();
  }

  /** Something else may be handed out. */
  notify(): void {
    this.#session?.iteration.notify();
  }

  get isFetching(): boolean {
    return this.#session?.fetcher.isRunning === true;
  }

  /** One at a time. Fetches begin when `begin` has ended. */
  iterate<T>(hooks: IterationHooks<T>, signal: AbortSignal | undefined): Iteration<T> {
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
      this.#mayPass,
    );
    const iteration = new Iteration<T>(
      {
        ...hooks,
        begin: async (ended) => {
          await hooks.begin(ended);
          ended.throwIfAborted();
          fetcher.start();
        },
        finished: () => {
          fetcher.stop();
          if (this.#session?.fetcher === fetcher) this.#session = undefined;
          hooks.finished();
        },
      },
      signal,
    );
    if (signal?.aborted !== true) this.#session = { iteration, fetcher };
    return iteration;
  }

  /** `failure` is told to whoever iterates. False if nobody does. */
  end(failure?: { readonly error: unknown }): boolean {
    const iteration = this.#session?.iteration;
    iteration?.end(failure);
    return iteration !== undefined;
  }
}
