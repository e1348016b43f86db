import { recordBytes } from '../../broker/build-batches.ts';
import { Sticky } from '../../broker/sticky.ts';
import { OutcomeUnknown } from '../../engine/outcome-unknown.ts';
import { isPartition, noPartition } from '../../engine/topics.ts';
import { partitionForKey } from '../../protocol/murmur2.ts';
import type { ClientContext } from '../context.ts';
import { ClosedError } from '../errors.ts';
import type { Delivery, Producer, ProducerOptions, ProducerRecord } from '../types.ts';
import { untilAborted } from '../until-aborted.ts';
import type { WaitOptions } from '../until-aborted.ts';
import { Entry } from './entry.ts';
import { Intake } from './intake.ts';
import { LanePool } from './lane-pool.ts';
import { makeRecord } from './make-record.ts';
import { producerSettings } from './settings.ts';
import type { ProducerSettings } from './settings.ts';

interface Flush {
  /** The last record that it waits for. */
  readonly upTo: number;
  /** How many it still waits for. */
  left: number;
  readonly resolve: () => void;
}

/** `send` makes an entry, the intake finds it a partition and room, a lane brings it to the log. */
export class LogProducer<K, V> implements Producer<K, V> {
  readonly #context: ClientContext;
  readonly #settings: ProducerSettings<K, V>;
  readonly #sticky: Sticky;
  readonly #intake: Intake;
  readonly #lanes: LanePool;
  readonly #onClose: () => void;
  /** Records that are neither in the log nor given up. */
  #unfinished = 0;
  #flushes: Flush[] = [];
  #sent = 0;
  #closed: Promise<void> | undefined;

  constructor(context: ClientContext, options: ProducerOptions<K, V>, onClose: () => void) {
    const settings = producerSettings(options);
    this.#context = context;
    this.#settings = settings;
    this.#onClose = onClose;
    this.#sticky = new Sticky(context.random, settings.batchBytes);
    this.#lanes = new LanePool(context, settings, {
      rush: () => this.#flushes.length > 0 || this.#intake.isFull,
      finished: (entry) => this.#finish(entry, true),
    });
    this.#intake = new Intake(context, {
      bufferBytes: settings.bufferBytes,
      maxBlockMs: settings.maxBlockMs,
      choose: (entry, partitions) => this.#choose(entry, partitions),
      take: (entry) => this.#lanes.add(entry),
      refuse: (entry, error) => {
        entry.fail(error);
        this.#finish(entry, false);
      },
      onFull: () => this.#lanes.hurry(),
    });
  }

  async send(record: ProducerRecord<K, V>, { signal }: WaitOptions = {}): Promise<Delivery> {
    if (this.#closed !== undefined) throw new ClosedError('producer');
    signal?.throwIfAborted();
    const { clock } = this.#context;
    const { topic, partition } = record;
    const made = makeRecord(record, this.#settings, clock.now());
    const entry = new Entry({
      number: (this.#sent += 1),
      topic,
      partition,
      record: made,
      bytes: recordBytes(made),
      sentAt: clock.monotonic(),
    });
    if (signal !== undefined) entry.onAbort(signal, (reason) => this.#abort(entry, reason));
    this.#unfinished += 1;
    this.#intake.add(entry);
    return entry.delivery;
  }

  room(wait: WaitOptions = {}): Promise<void> {
    return untilAborted(wait, () => this.#intake.room());
  }

  flush(wait: WaitOptions = {}): Promise<void> {
    return untilAborted(wait, () => this.#flush());
  }

  close(): Promise<void> {
    this.#closed ??= this.#flush().finally(this.#onClose);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #flush(): Promise<void> {
    if (this.#unfinished === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushes.push({ upTo: this.#sent, left: this.#unfinished, resolve });
      this.#lanes.hurry();
    });
  }

  #choose(entry: Entry, partitions: number): number {
    const { topic, bytes, record } = entry;
    const { key } = record;
    const chosen = this.#settings.partitioner?.({ topic, key }, partitions);
    if (chosen === undefined) {
      if (key !== null) return partitionForKey(key, partitions);
      return this.#sticky.pick(topic, partitions, bytes);
    }
    if (!isPartition(partitions, chosen)) throw noPartition(topic, partitions, chosen);
    return chosen;
  }

  #abort(entry: Entry, reason: unknown): void {
    if (entry.stage === 'sent') {
      const unknown = new OutcomeUnknown(this.#lanes.batchName(entry), true);
      unknown.cause = reason;
      entry.fail(unknown);
      return;
    }
    const queued = entry.stage === 'queued';
    if (queued) this.#lanes.remove(entry);
    entry.fail(reason);
    if (!queued) this.#intake.remove(entry);
    this.#finish(entry, queued);
  }

  #finish(entry: Entry, taken: boolean): void {
    this.#unfinished -= 1;
    if (taken) this.#intake.release(entry.bytes);
    const before = this.#flushes.filter(({ upTo }) => entry.number <= upTo);
    for (const flush of before) flush.left -= 1;
    if (before[0]?.left !== 0) return;
    this.#flushes = this.#flushes.filter(({ left }) => left > 0);
    for (const { left, resolve } of before) if (left === 0) resolve();
  }
}
