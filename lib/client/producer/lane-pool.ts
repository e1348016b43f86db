import { must } from '../../std/assert.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { ClientContext } from '../context.ts';
import { deliver } from './deliver.ts';
import type { Delivered } from './deliver.ts';
import type { Entry } from './entry.ts';
import { Lane } from './lane.ts';
import type { ProducerSettings } from './settings.ts';

type Settings = Omit<ProducerSettings<never, never>, 'key' | 'value' | 'partitioner'>;

export interface LanePoolOptions {
  /** Whether nothing should linger now. */
  readonly rush: () => boolean;
  /** Told to its sender, and no copy of it is under way any more. */
  readonly finished: (entry: Entry) => void;
}

/** Why lingering ends: the usual reason is an error with a stack, made at each call. */
const enough = 'enough';

interface Running {
  readonly lane: Lane;
  active: boolean;
  /** Ends the lingering. */
  alarm: AbortController | undefined;
}

/** The lanes of a producer, each with one batch under way at a time. */
export class LanePool {
  readonly #context: ClientContext;
  readonly #settings: Settings;
  readonly #options: LanePoolOptions;
  readonly #lanes = new Map<string, Running>();

  constructor(context: ClientContext, settings: Settings, options: LanePoolOptions) {
    this.#context = context;
    this.#settings = settings;
    this.#options = options;
  }

  /** The entry's partition was chosen. */
  add(entry: Entry): void {
    const running = this.#runningOf(entry);
    const { lane } = running;
    lane.add(entry);
    if (lane.isFull) running.alarm?.abort(enough);
    if (!running.active) void this.#run(running);
  }

  remove(entry: Entry): void {
    const running = this.#runningOf(entry);
    running.lane.remove(entry);
    if (running.lane.isEmpty) running.alarm?.abort(enough);
  }

  hurry(): void {
    for (const { alarm } of this.#lanes.values()) alarm?.abort(enough);
  }

  /** Producer id and sequence of the batch with which the entry is under way. */
  batchName(entry: Entry): string {
    const { producerId, sequence } = this.#runningOf(entry).lane;
    return `${producerId}/${sequence}`;
  }

  #runningOf({ topic, partition }: Entry): Running {
    const chosen = must(partition, 'a partition');
    const name = `${topic}/${chosen}`;
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane = new Lane(topic, chosen, this.#settings.batchBytes, this.#context.random);
    const running: Running = { lane, active: false, alarm: undefined };
    this.#lanes.set(name, running);
    return running;
  }

  async #run(running: Running): Promise<void> {
    const { lane } = running;
    running.active = true;
    // What is sent in the same turn of the event loop goes together.
    await Promise.resolve();
    for (;;) {
      await this.#linger(running);
      if (lane.isEmpty) break;
      const entries = this.#inTime(lane.cut());
      if (entries.length === 0) continue;
      try {
        const delivered = await deliver(lane, entries, this.#settings, this.#context);
        this.#tell(lane, entries, delivered);
      } catch (error) {
        // A bug: who sent them is told, and the lane goes on.
        for (const entry of entries) this.#end(entry, () => entry.fail(error));
      }
    }
    running.active = false;
  }

  async #linger(running: Running): Promise<void> {
    const { clock } = this.#context;
    const { lane } = running;
    while (!lane.isFull && !this.#options.rush()) {
      const { oldestSentAt } = lane;
      if (oldestSentAt === undefined) return;
      const rest = oldestSentAt + this.#settings.lingerMs - clock.monotonic();
      if (rest <= 0) return;
      running.alarm = new AbortController();
      await clock.sleep(rest, running.alarm.signal);
    }
  }

  /** Those whose time is not over. The others waited for their turn in vain. */
  #inTime(entries: readonly Entry[]): readonly Entry[] {
    const { deliveryTimeoutMs } = this.#settings;
    const bound = this.#context.clock.monotonic() - deliveryTimeoutMs;
    if ((entries[0]?.sentAt ?? Infinity) > bound) return entries;
    const late = entries.filter(({ sentAt }) => sentAt <= bound);
    const error = new ProtocolError(
      'THROTTLING_QUOTA_EXCEEDED',
      `waited too long for the batches before it; it was not sent delivery_timeout_ms=${deliveryTimeoutMs}`,
    );
    for (const entry of late) this.#end(entry, () => entry.fail(error));
    return entries.slice(late.length);
  }

  #tell(lane: Lane, entries: readonly Entry[], delivered: Delivered): void {
    switch (delivered.kind) {
      case 'appended':
        this.#acknowledge(lane, entries, delivered.produced);
        return;
      case 'split':
        return;
      case 'refused':
      case 'unknown': {
        const { error } = delivered;
        if (isUnknownTopic(error)) this.#context.topics.forget(lane.topic);
        for (const entry of entries) this.#end(entry, () => entry.fail(error));
      }
    }
  }

  #acknowledge(
    { topic, partition }: Lane,
    entries: readonly Entry[],
    { baseOffset, timestamp: told }: Extract<Delivered, { kind: 'appended' }>['produced'],
  ): void {
    const times = entries.map(({ record }) => record.timestamp);
    const latest = times.reduce((max, time) => (time > max ? time : max));
    // An answer with another time than the records' own: LogAppendTime, the same for all.
    const appendTime = told === latest ? undefined : told;
    let offset = baseOffset;
    for (const entry of entries) {
      const { timestamp } = entry.record;
      const delivery = { topic, partition, offset, timestamp: appendTime ?? timestamp };
      this.#end(entry, () => entry.acknowledge(delivery));
      offset += 1n;
    }
  }

  #end(entry: Entry, tell: () => void): void {
    if (!entry.told) tell();
    this.#options.finished(entry);
  }
}

const isUnknownTopic = (error: unknown): boolean =>
  error instanceof ProtocolError && error.kafka === 'UNKNOWN_TOPIC_OR_PARTITION';
