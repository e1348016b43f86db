import type { Fetched } from '../../broker/broker.ts';
import type { ClientContext } from '../context.ts';
import { backoffMs } from '../retries.ts';
import type { PartitionReader, Wanted } from './partition-reader.ts';
import type { ConsumerSettings } from './settings.ts';

/** An answer without batches is followed by the next question no sooner than this. */
const idleMs = 100;

type Settings = Pick<
  ConsumerSettings<never, never>,
  'minBytes' | 'maxWaitMs' | 'maxBytes' | 'prefetchBytes'
>;

/**
 * The fetches of one iteration: one per partition at a time, ahead of what is handed out, within
 * `prefetchBytes`. Each partition has its share of them, so that none starves the others.
 */
export class Fetcher {
  readonly #context: ClientContext;
  readonly #settings: Settings;
  readonly #readers: () => ReadonlyMap<string, PartitionReader>;
  readonly #onChange: () => void;
  readonly #mayPass: (error: unknown) => boolean;
  readonly #flights = new Map<PartitionReader, AbortController>();
  #running = false;

  constructor(
    context: ClientContext,
    settings: Settings,
    readers: () => ReadonlyMap<string, PartitionReader>,
    onChange: () => void,
    mayPass: (error: unknown) => boolean,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#readers = readers;
    this.#onChange = onChange;
    this.#mayPass = mayPass;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  start(): void {
    this.#running = true;
    this.pump();
  }

  /** Begins every fetch that is wanted and not under way. */
  pump(): void {
    if (!this.#running || this.#isFull()) return;
    for (const reader of this.#readers().values()) {
      if (this.#flights.has(reader) || this.#wanted(reader) === undefined) continue;
      const flight = new AbortController();
      this.#flights.set(reader, flight);
      void this.#fly(reader, flight.signal);
    }
  }

  /** What is under way for it is of no use any more. */
  drop(reader: PartitionReader): void {
    this.#flights.get(reader)?.abort();
    this.#flights.delete(reader);
  }

  stop(): void {
    this.#running = false;
    for (const flight of this.#flights.values()) flight.abort();
    this.#flights.clear();
  }

  /** What is paused is not handed out: it must not hold up the others. */
  #isFull(): boolean {
    let bytes = 0;
    for (const reader of this.#readers().values()) if (!reader.paused) bytes += reader.heldBytes;
    return bytes >= this.#settings.prefetchBytes;
  }

  #wanted(reader: PartitionReader): Wanted | undefined {
    const share = Math.floor(this.#settings.prefetchBytes / this.#readers().size);
    return reader.wanted(Math.max(1, share));
  }

  /** Fetches as long as fetches are wanted. What is answered after `signal` is dropped. */
  async #fly(reader: PartitionReader, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context;
    let failures = 0;
    for (;;) {
      const wanted = this.#isFull() ? undefined : this.#wanted(reader);
      if (wanted === undefined) break;
      const began = clock.monotonic();
      let pause = 0;
      try {
        const fetched = await this.#fetch(reader, wanted, signal);
        if (signal.aborted) return;
        reader.take(fetched);
        failures = 0;
        if (fetched.batches.length === 0) pause = began + idleMs - clock.monotonic();
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        pause = backoffMs(failures, random);
        if (!this.#mayPass(error)) reader.trouble = { error };
      }
      this.#onChange();
      if (pause > 0 && reader.trouble === undefined) await clock.sleep(pause, signal);
      if (signal.aborted) return;
    }
    this.#flights.delete(reader);
  }

  #fetch(
    { topic, partition, topicId, end }: PartitionReader,
    { offset, bytes }: Wanted,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const { minBytes, maxBytes: most } = this.#settings;
    const maxBytes = Math.min(most, bytes);
    // Up to its end everything is there.
    const maxWaitMs = end === undefined ? this.#settings.maxWaitMs : 0;
    const input = { topic, partition, offset, minBytes, maxWaitMs, maxBytes, signal };
    return this.#context.transport.fetch(topicId === undefined ? input : { ...input, topicId });
  }
}
