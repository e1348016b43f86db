import { isPartition, noPartition } from '../../engine/topics.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { ClientContext } from '../context.ts';
import { backoffMs, readMayPass } from '../retries.ts';
import type { Entry } from './entry.ts';
import { Line } from './line.ts';

export interface IntakeOptions {
  readonly bufferBytes: number;
  readonly maxBlockMs: number;
  /** Chooses the partition. What it throws is told to the sender. */
  readonly choose: (entry: Entry, partitions: number) => number;
  /** Takes a record for which there is room. */
  readonly take: (entry: Entry) => void;
  /** The record was not taken. */
  readonly refuse: (entry: Entry, error: unknown) => void;
  /** Records begin to wait for room: nothing that is held should linger. */
  readonly onFull: () => void;
}

interface LookUp {
  readonly entries: Entry[];
  error: unknown;
}

/**
 * Where records wait before they have a place in the buffer: for the partitions of their topic,
 * then for room. In the order of `send`, within a topic and for room; for `maxBlockMs` at most.
 */
export class Intake {
  readonly #context: ClientContext;
  readonly #options: IntakeOptions;
  readonly #lookUps = new Map<string, LookUp>();
  readonly #forRoom = new Line<Entry>();
  /** All that wait, in the order of `send`: whoever comes first also gives up first. */
  readonly #waiting = new Line<Entry>();
  #waitingBytes = 0;
  #usedBytes = 0;
  #alarm: AbortController | undefined;
  #roomWaiters: (() => void)[] = [];

  constructor(context: ClientContext, options: IntakeOptions) {
    this.#context = context;
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#forRoom.size > 0;
  }

  add(entry: Entry): void {
    this.#waiting.add(entry);
    this.#waitingBytes += entry.bytes;
    this.#findTopic(entry);
    if (this.#waiting.size > 0 && this.#alarm === undefined) void this.#expire();
  }

  /** Takes back what waits. */
  remove(entry: Entry): void {
    this.#leave(entry);
    this.#admit();
  }

  /** A record that was taken is gone. */
  release(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#admit();
  }

  /** Resolves when a record would be taken at once, for all that is known of its topic. */
  room(): Promise<void> {
    if (this.#hasRoom()) return Promise.resolve();
    return new Promise((resolve) => void this.#roomWaiters.push(resolve));
  }

  #hasRoom(): boolean {
    const bytes = this.#usedBytes + this.#waitingBytes;
    return bytes < this.#options.bufferBytes && this.#forRoom.size === 0;
  }

  #leave(entry: Entry): void {
    if (!this.#waiting.delete(entry)) return;
    this.#forRoom.delete(entry);
    this.#waitingBytes -= entry.bytes;
    if (this.#waiting.size === 0) this.#alarm?.abort();
  }

  #refuse(entry: Entry, error: unknown): void {
    this.#leave(entry);
    this.#options.refuse(entry, error);
    this.#admit();
  }

  #findTopic(entry: Entry): void {
    const { topic, partition = 0 } = entry;
    const underWay = this.#lookUps.get(topic);
    if (underWay !== undefined) {
      underWay.entries.push(entry);
      return;
    }
    const partitions = this.#context.topics.partitions(topic);
    if (partitions !== undefined && isPartition(partitions, partition)) {
      this.#route(entry, partitions);
      return;
    }
    const lookUp = { entries: [entry], error: undefined };
    this.#lookUps.set(topic, lookUp);
    void this.#look(topic, lookUp);
  }

  /**
   * An answer counts for those who waited when it was asked for: whoever came later may know of a
   * topic, or of partitions, that came into being meanwhile. These ask again.
   */
  async #look(topic: string, lookUp: LookUp): Promise<void> {
    const { clock, random, topics } = this.#context;
    let partitions = 0;
    let asked = 0;
    let refusal: unknown;
    for (let failures = 1; ; failures += 1) {
      asked = lookUp.entries.length;
      try {
        partitions = await topics.look(topic);
        break;
      } catch (error) {
        const nobody = lookUp.entries.every((entry) => entry.told);
        if (nobody || !readMayPass(error)) {
          refusal = error;
          break;
        }
        lookUp.error = error;
      }
      await clock.sleep(backoffMs(failures, random));
    }
    this.#lookUps.delete(topic);
    for (const [index, entry] of lookUp.entries.entries()) {
      if (entry.told) continue;
      const { partition = 0 } = entry;
      if (index >= asked) this.#findTopic(entry);
      else if (refusal !== undefined) this.#refuse(entry, refusal);
      else if (isPartition(partitions, partition)) this.#route(entry, partitions);
      else this.#refuse(entry, noPartition(topic, partitions, partition));
    }
  }

  #route(entry: Entry, partitions: number): void {
    try {
      entry.partition ??= this.#options.choose(entry, partitions);
    } catch (error) {
      this.#refuse(entry, error);
      return;
    }
    entry.stage = 'room';
    this.#forRoom.add(entry);
    this.#admit();
    if (this.#forRoom.size === 1) this.#options.onFull();
  }

  /** In order: a small record does not overtake a large one. One alone is taken, however large. */
  #admit(): void {
    for (;;) {
      const entry = this.#forRoom.first;
      if (entry === undefined) break;
      const bytes = this.#usedBytes + entry.bytes;
      if (this.#usedBytes > 0 && bytes > this.#options.bufferBytes) break;
      this.#leave(entry);
      this.#usedBytes = bytes;
      this.#options.take(entry);
    }
    if (this.#roomWaiters.length === 0 || !this.#hasRoom()) return;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const wake of waiters) wake();
  }

  /** Runs while something waits. */
  async #expire(): Promise<void> {
    const { clock } = this.#context;
    const alarm = new AbortController();
    this.#alarm = alarm;
    while (!alarm.signal.aborted) {
      const now = clock.monotonic();
      const first = this.#waiting.first;
      if (first === undefined) break;
      const rest = first.sentAt + this.#options.maxBlockMs - now;
      if (rest <= 0) this.#refuse(first, this.#tooLong(first));
      else await clock.sleep(rest, alarm.signal);
    }
    this.#alarm = undefined;
    if (this.#waiting.size > 0) void this.#expire();
  }

  #tooLong({ stage, topic }: Entry): unknown {
    const error = this.#lookUps.get(topic)?.error;
    if (stage === 'topic' && error !== undefined) return error;
    const what = stage === 'topic' ? `an answer about topic=${topic}` : 'room in the buffer';
    return new ProtocolError(
      'THROTTLING_QUOTA_EXCEEDED',
      `waited too long for ${what}; nothing was sent max_block_ms=${this.#options.maxBlockMs}`,
    );
  }
}
