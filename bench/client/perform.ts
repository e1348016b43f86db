import type { Driver } from './driver.ts';
import { topicOf } from './steps.ts';
import type { Done, Limit, Step } from './steps.ts';

/** Of `each`: so many sends are under way. */
const lanesOfEach = 100;

/** Does steps by one client. Topics are made by the first step that needs them, and stay. */
export class Performer {
  readonly #driver: Driver;
  /** Of the names of its topics: several clients may share a log. */
  readonly #prefix: string;
  /** Acknowledged records, by topic. */
  readonly #acknowledged = new Map<string, number>();

  constructor(driver: Driver, prefix: string) {
    this.#driver = driver;
    this.#prefix = prefix;
  }

  async perform(step: Step, limit: Limit): Promise<Done> {
    const topic = this.#prefix + topicOf(step);
    if (!this.#acknowledged.has(topic)) {
      await this.#driver.createTopic(topic, step.partitions);
      this.#acknowledged.set(topic, 0);
    }
    const { kind } = step;
    if (kind === 'records' || kind === 'batches') return this.#consume(topic, kind, limit);
    const done = await (kind === 'many'
      ? this.#produceMany(topic, step, limit)
      : this.#produceSingly(topic, step, limit));
    this.#acknowledged.set(topic, (this.#acknowledged.get(topic) ?? 0) + done.records);
    return done;
  }

  /** Makes a topic of one partition, with records of so many bytes: how many. */
  async fill(topic: string, bytes: number, limit: Limit): Promise<number> {
    await this.#driver.createTopic(topic, 1);
    return this.#sendMany(topic, { bytes, partitions: 1 }, limit);
  }

  async #produceMany(topic: string, step: Step, limit: Limit): Promise<Done> {
    const end = begin();
    return end(await this.#sendMany(topic, step, limit));
  }

  #sendMany(
    topic: string,
    { bytes, partitions }: Pick<Step, 'bytes' | 'partitions'>,
    limit: Limit,
  ): Promise<number> {
    const value = Buffer.alloc(bytes, 'x');
    const until = performance.now() + limit.ms;
    const goesOn = (sent: number): boolean => sent < limit.records && performance.now() < until;
    return this.#driver.sendMany({ topic, value, partitions }, goesOn);
  }

  async #produceSingly(
    topic: string,
    { kind, bytes, lingers = kind === 'each' }: Step,
    limit: Limit,
  ): Promise<Done> {
    const value = Buffer.alloc(bytes, 'x');
    const times: number[] = [];
    let sent = 0;
    const end = begin();
    const until = performance.now() + limit.ms;
    const lane = async (): Promise<void> => {
      for (let now = performance.now(); now < until && sent < limit.records;) {
        sent += 1;
        await this.#driver.send(topic, value, lingers);
        const then = performance.now();
        times.push(then - now);
        now = then;
      }
    };
    await Promise.all(Array.from({ length: kind === 'each' ? lanesOfEach : 1 }, lane));
    return end(sent, times);
  }

  /**
   * Measured from when the consumer has its partitions: to join a group takes its time. The limit
   * counts from the first records on: some fetch much at once, which is no reason to stop them.
   */
  async #consume(topic: string, by: 'records' | 'batches', limit: Limit): Promise<Done> {
    const all = Math.min(this.#acknowledged.get(topic) ?? 0, limit.records);
    let end = begin();
    if (all === 0) return end(0);
    let until = Infinity;
    let taken = 0;
    let done: Done | undefined;
    const ready = (): void => {
      end = begin();
    };
    const take = (records: number): boolean => {
      if (taken === 0) until = performance.now() + limit.ms;
      taken += records;
      if (taken < all && performance.now() < until) return true;
      done ??= end(taken);
      return false;
    };
    await this.#driver.consume(topic, by, { ready, take });
    if (done === undefined) throw new Error(`expected ${all} records topic=${topic} got=${taken}`);
    return done;
  }
}

/** Starts to measure; the answer ends it. */
function begin(): (records: number, times?: readonly number[]) => Done {
  const at = performance.now();
  const cpu = process.cpuUsage();
  return (records, times = []) => {
    const ms = performance.now() - at;
    const { user, system } = process.cpuUsage(cpu);
    const sorted = times.toSorted((a, b) => a - b);
    return {
      records,
      ms,
      p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      cpuMs: (user + system) / 1_000,
      residentMiB: process.memoryUsage.rss() / 2 ** 20,
    };
  };
}
